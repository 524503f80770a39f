"""What was told and waits to be done."""

from collections.abc import Iterator

from django.conf import settings

from base.metrics import Gauge, waiting_rows
from integration import stalls
from integration.inbox.models import Incoming


def read() -> Iterator[Gauge]:
    """The inbox."""
    yield from waiting_rows(Incoming._meta.db_table, "inbox")
    if settings.SIDE != "integration":
        yield from stalls.gauges(stalls.lines(Incoming, isolating=True))
