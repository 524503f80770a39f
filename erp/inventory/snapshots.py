"""What lies in stock and what it is worth now, for a joint view that begins later."""

from collections.abc import Iterator
from uuid import UUID

from erp.inventory.models import StockBalance
from erp.inventory.valuing import fact_of
from integration.contracts.worth import StockValued
from integration.outbox.snapshots import snapshot_of


def stocked() -> Iterator[UUID]:
    """All products that ever lay at one of our places."""
    return StockBalance.objects.order_by("product").values_list("product", flat=True).distinct().iterator()


@snapshot_of("stock", stocked)
def stock(key: UUID) -> Iterator[StockValued]:
    """One product's."""
    yield fact_of(key)
