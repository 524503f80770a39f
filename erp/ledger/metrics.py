"""How many entries stand in the books."""

from collections.abc import Iterator

from django.db.models import Sum

from base.metrics import Gauge
from erp.ledger.models import Series


def read() -> Iterator[Gauge]:
    """The counters of all series: numbers have no gap, so their sum is the number of entries."""
    posted = Series.objects.aggregate(posted=Sum("last"))["posted"] or 0
    yield Gauge("heming_posted_entries", "Entries in the books.", posted)
