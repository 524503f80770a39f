"""How an order's lines are made of a promise or of what a person typed, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from base import context
from base.money import line_net, round_money
from erp.orders.checks import catalogue
from erp.orders.models import Order, OrderLine
from erp.orders.refusals import NoPrice, NotInCatalogue
from erp.orders.reports import FREIGHT_TAX_CLASS
from erp.products.models import Product, ProductStatus
from erp.tax.services import rate
from integration.contracts.deals import DealWon


@dataclass(frozen=True)
class NewLine:
    """A line of an order that is born here; without a price our list price of the day."""

    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


def promised_lines(order: Order, promise: DealWon) -> list[OrderLine]:
    """The lines as promised; what they come to is computed here, not believed."""
    products = catalogue([line.sku for line in promise.lines], promise.ordered_on, promise.currency)
    return [
        OrderLine(
            order=order,
            position=position,
            product=products.get(told.sku),
            sku=told.sku,
            description=(told.description or (products[told.sku].name if told.sku in products else ""))[:250],
            deal_line=told.line,
            quantity=told.quantity,
            list_price=told.list_price,
            unit_price=told.unit_price,
            discount=told.discount,
            net_amount=line_net(told.quantity, told.unit_price, told.discount, promise.currency),
            approved_by=told.approved_by,
            **_taxed(products.get(told.sku), promise.ordered_on),
        )
        for position, told in enumerate(promise.lines, 1)
    ]


def own_lines(order: Order, lines: Sequence[NewLine]) -> list[OrderLine]:
    """Lines of our own products; a price that is not the list's is approved by who types it."""
    products = catalogue([line.sku for line in lines], order.ordered_on, order.currency)
    made = []
    for position, told in enumerate(lines, 1):
        product = products.get(told.sku)
        if product is None or product.status != ProductStatus.PUBLISHED:
            raise NotInCatalogue(sku=told.sku)
        listed: Decimal | None = product.list_price  # type: ignore[attr-defined]
        price = told.unit_price if told.unit_price is not None else listed
        if price is None:
            raise NoPrice(sku=told.sku, date=order.ordered_on)
        made.append(
            OrderLine(
                order=order,
                position=position,
                product=product,
                sku=product.sku,
                description=product.name,
                quantity=told.quantity,
                list_price=listed,
                unit_price=price,
                discount=told.discount,
                net_amount=line_net(told.quantity, price, told.discount, order.currency),
                approved_by=context.actor.get()[:250] if price != listed else "",
                **_taxed(product, order.ordered_on),
            )
        )
    return made


def _taxed(product: Product | None, on: date) -> dict[str, Any]:
    if product is None:
        return {}
    return {"tax_class": product.tax_class, "tax_rate": rate(product.tax_class, on)}


def sum_up(order: Order, lines: Iterable[OrderLine]) -> None:
    """The goods' net, and the gross that invoices will come to by the rates of the order's day."""
    order.net_total = sum((line.net_amount for line in lines), Decimal(0))
    taxed = [(line.net_amount, line.tax_rate) for line in lines]
    if order.freight:
        taxed.append((order.freight, rate(FREIGHT_TAX_CLASS, order.ordered_on)))
    order.gross_total = sum((net + round_money(net * part, order.currency) for net, part in taxed), Decimal(0))
