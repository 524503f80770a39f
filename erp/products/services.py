"""The verbs of products: the only writers of their tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base import context
from base.ids import uuid7
from base.refusals import BadInput, MoveRefused, Refused
from erp.ledger.services import base_currency
from erp.products.models import Price, Product, ProductStatus
from erp.tax.models import TaxClass
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from integration.outbox.emitting import emit

EDITABLE = ("name", "unit", "tax_class", "category", "supplier", "floor_percent")


class SkuTaken(Refused):
    """Two products cannot have one name."""

    message = _("There is already a product with SKU {sku}.")
    field = "sku"


class TaxClassUnknown(Refused):
    """A product must be taxable from its first day."""

    message = _("There is no tax class “{tax_class}”.")
    status = 422
    field = "tax_class"


class PriceAlreadySet(Refused):
    """Prices are never changed: a quote may rest on them."""

    message = _(
        "The price of {sku} from {valid_from} is already {amount} {currency}. Set the new one from another day."
    )
    field = "valid_from"


class PricesStay(Refused):
    """A price is never taken back, and neither is what it is the price of."""

    message = _("{sku} has a price, and prices stay.")


class PriceMissing(Refused):
    """The CRM cannot offer what has no price."""

    message = _("{sku} has no price yet. Set one, then publish.")


@dataclass(frozen=True)
class DatedPrice:
    """From `valid_from` on, one unit costs `amount`, without tax."""

    amount: Decimal
    valid_from: date
    currency: str = ""
    """The books' own, if none is said."""


@transaction.atomic
def create_product(
    *, sku: str, name: str, prices: Iterable[DatedPrice] = (), id: UUID | None = None, **fields: Any
) -> Product:
    """A new product as draft, with the dated prices it may already have; the same `id` again is the same product."""
    assert set(fields) <= set(EDITABLE), fields
    if id is not None and (known := Product.objects.filter(pk=id).first()):
        return known
    _check_sku(sku)
    if Product.objects.filter(sku=sku).exists():
        raise SkuTaken(sku=sku)
    product = Product(id=id or uuid7(), sku=sku, name=name, **fields)
    _check_tax_class(product)
    product.save()
    for price in prices:
        set_price(product, price.amount, price.valid_from, price.currency)
    return product


@transaction.atomic
def change_product(product: Product, **changes: Any) -> Product:
    """Edit what may be edited; the CRM hears of it when the product is published."""
    assert set(changes) <= set(EDITABLE), changes
    product = _locked(product)
    changed = [name for name, value in changes.items() if getattr(product, name) != value]
    if not changed:
        return product
    for name in changed:
        setattr(product, name, changes[name])
    _check_tax_class(product)
    product.save()
    if product.status == ProductStatus.PUBLISHED:
        emit(_published(product))
    return product


@transaction.atomic
def remove_product(product: Product) -> None:
    """Take back a draft made by mistake that has no price and is used nowhere; the history keeps it."""
    product = _locked(product)
    if product.status != ProductStatus.DRAFT:
        raise MoveRefused(what=product.sku, state=product.get_status_display(), verb=_("removed"))
    if product.prices.exists():
        raise PricesStay(sku=product.sku)
    product.delete()


@transaction.atomic
def publish(product: Product) -> Product:
    """Offer it: the CRM gets the product and all its dated prices."""
    product = _locked(product)
    if product.status == ProductStatus.PUBLISHED:
        raise MoveRefused(what=product.sku, state=product.get_status_display(), verb=_("published"))
    prices = list(product.prices.order_by("currency", "valid_from"))
    if not prices:
        raise PriceMissing(sku=product.sku)
    product._publish()
    product.save()
    emit(_published(product))
    for price in prices:
        emit(_price_published(product, price))
    return product


@transaction.atomic
def withdraw(product: Product, reason: str = "") -> Product:
    """Offer it no more; orders that are already promised go on."""
    product = _locked(product)
    if product.status != ProductStatus.PUBLISHED:
        raise MoveRefused(what=product.sku, state=product.get_status_display(), verb=_("withdrawn"))
    product._withdraw()
    product.save()
    emit(ProductWithdrawn(sku=product.sku, reason=reason))
    return product


@transaction.atomic
def set_price(product: Product, amount: Decimal, valid_from: date, currency: str = "") -> Price:
    """A new dated price; the very same one again is no news."""
    if not (amount.is_finite() and amount >= 0):
        raise BadInput(why=_("A price is zero or more."), field="amount")
    currency = currency or base_currency()
    product = _locked(product)
    there = product.prices.filter(currency=currency, valid_from=valid_from).first()
    if there and there.amount == amount:
        return there
    if there:
        raise PriceAlreadySet(
            sku=product.sku, valid_from=valid_from, amount=f"{there.amount.normalize():f}", currency=currency
        )
    price = Price(product=product, amount=amount, valid_from=valid_from, currency=currency, set_by=context.actor.get())
    price.save()
    if product.status == ProductStatus.PUBLISHED:
        emit(_price_published(product, price))
    return price


def price_on(product: Product, on: date, currency: str = "") -> Decimal | None:
    """The list price of one unit valid on that day, without tax; None when there is none."""
    sold_in = currency or base_currency()
    valid = Price.objects.filter(product=product, currency=sold_in, valid_from__lte=on).order_by("-valid_from")
    return valid.values_list("amount", flat=True).first()


def floor_on(product: Product, on: date, currency: str = "") -> Decimal | None:
    """The price below which an order is held for a person; None when the product has no floor."""
    if product.floor_percent is None:
        return None
    price = price_on(product, on, currency)
    return None if price is None else price * product.floor_percent / 100


def _locked(product: Product) -> Product:
    return Product.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=product.pk)


def _check_sku(sku: str) -> None:
    try:
        Product._meta.get_field("sku").run_validators(sku)
    except ValidationError as error:
        raise BadInput(why=" ".join(error.messages), field="sku") from None


def _check_tax_class(product: Product) -> None:
    if not TaxClass.objects.filter(code=product.tax_class).exists():
        raise TaxClassUnknown(tax_class=product.tax_class)


def facts_of(product: Product) -> list[ProductPublished | PricePublished]:
    """What the CRM knows of a product on offer: the product, and all its dated prices."""
    prices = product.prices.order_by("currency", "valid_from")
    return [_published(product), *(_price_published(product, price) for price in prices)]


def _published(product: Product) -> ProductPublished:
    return ProductPublished(
        sku=product.sku,
        name=product.name,
        unit=product.unit,
        tax_class=product.tax_class,
        category=product.category,
    )


def _price_published(product: Product, price: Price) -> PricePublished:
    return PricePublished(
        sku=product.sku, currency=price.currency, unit_price=price.amount, valid_from=price.valid_from
    )
