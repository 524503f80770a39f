"""The catalogue as it is offered now, for the CRM that hears of it later."""

from collections.abc import Iterator
from typing import Any

from erp.products.models import Product, ProductStatus
from erp.products.services import facts_of
from integration.contracts.products import PricePublished, ProductPublished
from integration.outbox.snapshots import snapshot_of


def offered() -> Iterator[Any]:
    """All that is published."""
    published = Product.objects.filter(status=ProductStatus.PUBLISHED)
    return published.order_by("pk").values_list("pk", flat=True).iterator()


def known_as(sku: str) -> Any:
    """The published product of this SKU."""
    return Product.objects.filter(status=ProductStatus.PUBLISHED, sku=sku).values_list("pk", flat=True).first()


@snapshot_of("products", offered, "product", known_as)
def product(key: Any) -> Iterator[ProductPublished | PricePublished]:
    """One product and all its dated prices."""
    yield from facts_of(Product.objects.select_for_update().get(pk=key))
