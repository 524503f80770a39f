"""Keeping the copies current, and the one question deals ask: what does it cost on that day?"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from base.fields import house_currency
from crm.catalogue.models import PriceVersion, Product, ProductStatus


@transaction.atomic
def hear_product(sku: str, *, name: str, unit: str, tax_class: str, category: str, as_of: datetime) -> Product:
    """The product may be offered, as it is described now; older news changes nothing."""
    product = _copy_of(sku, as_of)
    if _knows_better(product, as_of):
        return product
    product.name, product.unit, product.tax_class, product.category = name, unit, tax_class, category
    product.status, product.withdrawn_reason, product.as_of = ProductStatus.PUBLISHED, "", as_of
    product.save()
    return product


@transaction.atomic
def hear_withdrawal(sku: str, *, reason: str, as_of: datetime) -> Product:
    """The product is not to be offered any more; older news changes nothing."""
    product = _copy_of(sku, as_of)
    if _knows_better(product, as_of):
        return product
    product.status, product.withdrawn_reason, product.as_of = ProductStatus.WITHDRAWN, reason, as_of
    product.save()
    return product


@transaction.atomic
def hear_price(sku: str, *, currency: str, amount: Decimal, valid_from: date, as_of: datetime) -> PriceVersion:
    """From that day on it costs so much; a later word about the same day replaces an earlier one."""
    product = _copy_of(sku, as_of)
    price, created = PriceVersion.objects.get_or_create(
        product=product, currency=currency, valid_from=valid_from, defaults={"amount": amount, "as_of": as_of}
    )
    if not created and price.as_of < as_of and price.amount != amount:
        price.amount, price.as_of = amount, as_of
        price.save()
    return price


def price_on(sku: str, on: date, currency: str = "") -> Decimal | None:
    """The published list price of one unit that day, or None when there was none; one query."""
    return prices_on([sku], on, currency).get(sku)


def prices_on(skus: Iterable[str], on: date, currency: str = "") -> dict[str, Decimal]:
    """The list prices of many products that day, by SKU; one query, products without a price are left out."""
    rows = (
        _prices(skus, currency)
        .filter(valid_from__lte=on)
        .order_by("product_id", "-valid_from")
        .distinct("product_id")
        .values_list("product__sku", "amount")
    )
    return dict(rows)


class PriceBook:
    """The list prices of some products on any day."""

    def __init__(self, prices: Iterable[tuple[str, date, Decimal]]) -> None:
        self._prices: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for sku, since, amount in prices:
            self._prices[sku].append((since, amount))

    def on(self, sku: str, day: date) -> Decimal | None:
        """What one unit cost that day.

        >>> book = PriceBook([("TEA", date(2026, 1, 1), Decimal("18")), ("TEA", date(2026, 3, 1), Decimal("20"))])
        >>> [book.on("TEA", date(*day)) for day in ((2025, 12, 31), (2026, 2, 28), (2026, 3, 1))]
        [None, Decimal('18'), Decimal('20')]
        """
        return next((amount for since, amount in reversed(self._prices.get(sku, [])) if since <= day), None)


def price_book(skus: Iterable[str], currency: str = "") -> PriceBook:
    """All list prices of these products; one query."""
    prices = _prices(skus, currency).order_by("valid_from")
    return PriceBook(prices.values_list("product__sku", "valid_from", "amount"))


def _prices(skus: Iterable[str], currency: str) -> QuerySet[PriceVersion]:
    """The versions of these products' prices, in the house's currency if none is said."""
    return PriceVersion.objects.filter(product__sku__in=set(skus), currency=currency or house_currency())


def _copy_of(sku: str, as_of: datetime) -> Product:
    """Our row of the SKU, locked; when the first news is a price, the product is only announced."""
    product, _created = Product.objects.select_for_update().get_or_create(
        sku=sku, defaults={"name": sku, "as_of": as_of}
    )
    return product


def _knows_better(product: Product, as_of: datetime) -> bool:
    """The row says what the ERP said then, or later."""
    return product.status != ProductStatus.ANNOUNCED and product.as_of >= as_of
