"""What stands against accepting an order; pure questions, no writing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from erp.orders.models import Order, OrderLine
from erp.orders.reports import exposure
from erp.products.models import Product, ProductStatus
from erp.rates.booking import foreign_rate
from erp.rates.services import in_house, is_known
from erp.tax.services import RateUnknown, rate
from integration.contracts.deals import DealWon


@dataclass(frozen=True)
class Objection:
    """A reason to refuse, or to have a person look."""

    verdict: Literal["refuse", "hold"]
    code: str
    reason: str


def catalogue(skus: list[str], on: date, currency: str) -> dict[str, Product]:
    """The products of these SKUs, each with `list_price` of that day."""
    found = Product.objects.filter(sku__in=skus).with_price(on, currency)
    return {product.sku: product for product in found}


def objection(order: Order, lines: list[OrderLine], promised_net: Decimal) -> Objection | None:
    """The first thing that stands against the order: what cannot be mended by a person comes first."""
    return (
        _unknown_products(lines)
        or _other_currency(order)
        or _wrong_sum(lines, promised_net, order.currency)
        or _prices(lines)
        or _credit(order)
    )


def unfit(promise: DealWon) -> Objection | None:
    """Figures that an order cannot hold exactly, or a day without tax rates: refused before anything is computed."""
    for line in promise.lines:
        figures = ((line.quantity, 4, 14), (line.unit_price, 6, 13), (line.list_price or Decimal(0), 6, 13))
        if not all(_fits(*figure) for figure in figures) or not _fits(line.discount, 6, 1):
            return Objection(
                "refuse", "bad-figures", _("{sku}: a figure is too large or too fine.").format(sku=line.sku)
            )
    total = sum((line.quantity * line.unit_price for line in promise.lines), Decimal(0))
    if promise.freight < 0 or not _fits(promise.freight, 2, 16) or abs(total) >= Decimal(10) ** 16:
        return Objection("refuse", "bad-figures", _("The freight or the total is no possible amount."))
    try:
        rate("standard", promise.ordered_on)
    except RateUnknown as refusal:
        return Objection("refuse", "bad-figures", str(refusal))
    return None


def _fits(number: Decimal, decimals: int, digits: int) -> bool:
    """Can a column with so many decimals, and so many digits before them, hold the number as it is?

    >>> _fits(Decimal("1.5000"), 1, 3), _fits(Decimal("1.55"), 1, 3), _fits(Decimal("1000"), 1, 3)
    (True, False, False)
    """
    return abs(number) < Decimal(10) ** digits and number == round(number, decimals)


def _unknown_products(lines: list[OrderLine]) -> Objection | None:
    unknown = [line.sku for line in lines if line.product is None]
    if unknown:
        return Objection("refuse", "unknown-product", _("We have no product {skus}.").format(skus=", ".join(unknown)))
    gone = [line.sku for line in lines if line.product and line.product.status != ProductStatus.PUBLISHED]
    if gone:
        return Objection(
            "refuse", "product-withdrawn", _("{skus} is not for sale any more.").format(skus=", ".join(gone))
        )
    return None


def _other_currency(order: Order) -> Objection | None:
    """What has no rate cannot be booked."""
    ours = order.company.base_currency
    if order.currency != ours and not is_known(order.currency, order.ordered_on, order.company):
        return Objection(
            "refuse",
            "currency-mismatch",
            _("We sell in {ours}, not in {theirs}.").format(ours=ours, theirs=order.currency),
        )
    return None


def _wrong_sum(lines: list[OrderLine], promised_net: Decimal, currency: str) -> Objection | None:
    total = sum((line.net_amount for line in lines), Decimal(0))
    if total != promised_net:
        reason = _("The lines come to {total} {currency}, the deal says {promised} {currency}.")
        return Objection("hold", "lines-differ", reason.format(total=total, promised=promised_net, currency=currency))
    return None


def _prices(lines: list[OrderLine]) -> Objection | None:
    """A discount is the sales side's own; a list price that is not ours, or one below the floor, is not."""
    for line in lines:
        product = line.product
        assert product is not None
        ours: Decimal | None = product.list_price  # type: ignore[attr-defined]
        theirs = line.list_price if line.list_price is not None else line.unit_price
        if ours is None and not line.approved_by:
            reason = _("{sku}: we have no list price on that day; the deal says {theirs}.")
            return Objection("hold", "price-changed", reason.format(sku=line.sku, theirs=_plain(theirs)))
        if theirs != ours and ours is not None and not line.approved_by:
            reason = _("{sku}: the deal was priced from {theirs}, our list price on that day is {ours}.")
            return Objection(
                "hold", "price-changed", reason.format(sku=line.sku, theirs=_plain(theirs), ours=_plain(ours))
            )
        paid = line.unit_price * (1 - line.discount)
        if ours is not None and product.floor_percent is not None and paid < ours * product.floor_percent / 100:
            reason = _("{sku}: {paid} is below the floor of {percent} % of our list price {ours}.")
            return Objection(
                "hold",
                "below-floor",
                reason.format(sku=line.sku, paid=_plain(paid), percent=product.floor_percent, ours=_plain(ours)),
            )
    return None


def _credit(order: Order) -> Objection | None:
    party = order.party.whole
    if party.on_hold:
        return Objection("hold", "credit", _("{party} is on hold.").format(party=party.name))
    if party.credit_limit is None:
        return None
    ours = order.company.base_currency
    rate = foreign_rate(order.currency, order.ordered_on, order.company)
    would_owe = exposure(party) + in_house(order.gross_total, rate, ours)
    if would_owe > party.credit_limit:
        reason = _("{party} would owe {owe} {currency}; the limit is {limit}.")
        facts = {"owe": would_owe, "limit": party.credit_limit, "currency": ours}
        return Objection("hold", "credit", reason.format(party=party.name, **facts))
    return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
