"""What the ERP publishes about products and prices."""

from crm.catalogue import services
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from integration.inbox import EventMeta, handles


@handles(ProductPublished)
def product_published(event: ProductPublished, meta: EventMeta) -> None:
    services.hear_product(
        event.sku,
        name=event.name,
        unit=event.unit,
        tax_class=event.tax_class,
        category=event.category,
        as_of=meta.time,
    )


@handles(ProductWithdrawn)
def product_withdrawn(event: ProductWithdrawn, meta: EventMeta) -> None:
    services.hear_withdrawal(event.sku, reason=event.reason, as_of=meta.time)


@handles(PricePublished)
def price_published(event: PricePublished, meta: EventMeta) -> None:
    services.hear_price(
        event.sku,
        currency=event.currency,
        amount=event.unit_price,
        valid_from=event.valid_from,
        as_of=meta.time,
    )
