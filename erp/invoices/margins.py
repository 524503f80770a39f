"""What goods earned and what they had cost, told to the joint view when it is booked; nobody else hears of it.

The figures are in the currency of the books and add up to them: sales less returns of sales, and the cost of goods sold
of all that is invoiced.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Literal
from uuid import UUID

from base.money import round_money
from erp.invoices.models import Invoice, InvoiceLine, LineKind
from erp.ledger.services import base_currency
from erp.orders.models import Order
from erp.rates.services import in_house
from erp.shipping.models import ShipmentLine
from integration.contracts.worth import LINES_AT_MOST, MarginBooked, MarginLine
from integration.outbox.emitting import emit

ZERO = Decimal("0.00")
Span = tuple[Decimal, Decimal]
Kind = Literal["invoice", "credit_note", "return"]


def tell_invoiced(invoice: Invoice, lines: Sequence[InvoiceLine], spans: Mapping[UUID, Span]) -> None:
    """The goods' net beside what they cost; `spans` says which of an order line's units, counted from the first."""
    house = base_currency()
    costs = _costs(spans, house)
    goods = [
        MarginLine(
            sku=line.sku,
            quantity=line.quantity,
            revenue=in_house(line.net, invoice.rate, house),
            cost=costs[line.order_line_id],
        )
        for line in lines
        if line.kind == LineKind.GOODS and line.order_line_id is not None
    ]
    tell("invoice", invoice.order, invoice.pk, invoice.number, invoice.date, goods)


def tell_credited(note: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """The goods' net is taken back; what they cost comes back with the goods themselves."""
    goods = [
        MarginLine(sku=line.sku, quantity=line.quantity, revenue=-_worth(note, line), cost=ZERO)
        for line in lines
        if line.kind == LineKind.GOODS
    ]
    tell("credit_note", note.order, note.pk, note.number, note.date, goods)


def _worth(note: Invoice, line: InvoiceLine) -> Decimal:
    """A line's net in the currency of the books: at the rate that its invoice was booked at."""
    rate = line.credits.invoice.rate if line.credits is not None else note.rate
    return in_house(line.net, rate, base_currency())


def tell(kind: Kind, order: Order, document: UUID, number: str, on: Day, lines: Iterable[MarginLine]) -> None:
    """One document's margin, in as many parts as it needs."""
    rest = list(lines)
    for part, start in enumerate(range(0, len(rest), LINES_AT_MOST), start=1):
        told = rest[start : start + LINES_AT_MOST]
        emit(
            MarginBooked(
                order=order.pk,
                deal=order.deal,
                customer=order.party.customer,
                kind=kind,
                document=document,
                number=number,
                part=part,
                booked_on=on,
                currency=base_currency(),
                revenue=sum((line.revenue for line in told), ZERO),
                cost=sum((line.cost for line in told), ZERO),
                lines=tuple(told),
            )
        )


def _costs(spans: Mapping[UUID, Span], currency: str) -> dict[UUID, Decimal]:
    """By order line, the value these units left with: each shipment's move, or the part of it that is meant."""
    costs, gone = dict.fromkeys(spans, ZERO), dict.fromkeys(spans, Decimal(0))
    shipped = ShipmentLine.objects.filter(order_line__in=list(spans)).order_by("id")
    for line, quantity, value in shipped.values_list("order_line", "quantity", "move__value"):
        first, last = (min(max(mark - gone[line], Decimal(0)), quantity) for mark in spans[line])
        costs[line] += round_money(value * last / quantity, currency) - round_money(value * first / quantity, currency)
        gone[line] += quantity
    return costs
