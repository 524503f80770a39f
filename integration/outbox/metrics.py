"""What waits to be told, and whether anybody is telling."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from base.metrics import Gauge, waiting_rows
from integration import stalls
from integration.outbox.models import LaneLease, Message


def read() -> Iterator[Gauge]:
    """The outbox, and the lanes of all queues that a relay holds now."""
    yield from waiting_rows(Message._meta.db_table, "outbox")
    if settings.SIDE != "integration":
        yield from stalls.gauges(stalls.lines(Message))
    held = LaneLease.objects.filter(expires_at__gt=timezone.now()).count()
    yield Gauge("heming_relay_lanes_held", "Lanes a relay works on now.", held)
    yield Gauge("heming_relay_lanes", "Lanes of each queue.", settings.RELAY_LANES)
