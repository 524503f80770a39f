"""What the hub has to hand on, and what waits for a person."""

from collections.abc import Iterator

from django.db.models import Count

from base.metrics import Gauge, waiting_rows
from integration import stalls
from integration.hub.health import SIDES
from integration.hub.models import Archived, Case, Delivery


def read() -> Iterator[Gauge]:
    """Deliveries, cases by state, and the archive's size as the planner knows it."""
    yield from waiting_rows(Delivery._meta.db_table, "deliveries")
    yield from stalls.gauges(stalls.lines(Delivery, destinations=SIDES))
    for state, count in Case.objects.values_list("state").annotate(Count("pk")).order_by():
        yield Gauge("heming_cases", "Conflicts by state.", count, {"state": str(state)})
    newest = Archived.objects.order_by("-archived_at").values_list("archived_at", flat=True).first()
    if newest is not None:
        yield Gauge("heming_archive_newest_timestamp_seconds", "When the newest event came.", newest.timestamp())
