"""The verbs of orders; the only writers of their tables.

Lock order: order → balances of stock → the outbox, last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from base import context
from base.ids import uuid7
from base.money import line_net, round_money
from base.numbering import next_number
from erp.inventory import services as stock
from erp.inventory.services import Wanted
from erp.ledger.services import company
from erp.orders import events
from erp.orders.checks import catalogue, objection
from erp.orders.following import opened
from erp.orders.locking import locked
from erp.orders.models import Order, OrderLine, OrderStatus
from erp.orders.refusals import GoodsAreOut, NoPrice, NothingOrdered, NotInCatalogue, NotSo, ReasonMissing
from erp.orders.reports import band
from erp.parties import services as parties
from erp.parties.models import Party
from erp.products.models import Product, ProductStatus
from erp.tax.services import rate
from integration.contracts.credit import CreditBanded
from integration.contracts.deals import DealWon
from integration.outbox.emitting import emit

FREIGHT_TAX_CLASS = "standard"
Quantities = Mapping[UUID, Decimal]


@dataclass(frozen=True)
class NewLine:
    """A line of an order that is born here."""

    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


@transaction.atomic
def receive_promise(promise: DealWon, event: UUID | None = None) -> Order:
    """One won deal becomes one order: accepted, held for a person, or refused with the reason.

    The promise is kept as it was given; a second telling changes nothing.
    """
    known = Order.objects.filter(deal=promise.deal).first()
    if known is not None:
        return known
    party, is_new = parties.find_or_open(promise.customer)
    order = Order(
        company=company(),
        number=next_number("order_number", "SO"),
        party=party,
        currency=promise.currency,
        ordered_on=promise.ordered_on,
        requested_on=promise.requested_on,
        freight=promise.freight,
        deal=promise.deal,
        deal_number=promise.number,
        event=event,
        promise=promise.model_dump(mode="json"),
        sold_by=promise.sold_by,
        created_by=context.actor.get()[:150],
    )
    lines = _promised_lines(order, promise)
    _decide(order, lines, promise.net_total)
    opened(order)
    _band(party)
    if is_new:
        parties.tell_opened(party)
    _tell(order, lines)
    return order


@transaction.atomic
def create_order(
    party: Party,
    lines: Sequence[NewLine],
    *,
    ordered_on: date,
    requested_on: date | None = None,
    freight: Decimal = Decimal(0),
    note: str = "",
    id: UUID | None = None,
) -> Order:
    """An order born here, as a draft; the same `id` again is the same order."""
    if id is not None and (known := Order.objects.filter(pk=id).first()):
        return known
    if not lines:
        raise NothingOrdered()
    order = Order(
        id=id or uuid7(),
        company=company(),
        number=next_number("order_number", "SO"),
        party=party,
        currency=company().base_currency,
        ordered_on=ordered_on,
        requested_on=requested_on,
        freight=round_money(freight, company().base_currency),
        note=note,
        created_by=context.actor.get()[:150],
    )
    _write(order, _own_lines(order, lines))
    opened(order)
    return order


@transaction.atomic
def confirm(order: Order) -> Order:
    """Bind us to a draft of our own, or have a person look, as with a deal."""
    order = locked(order.pk)
    if order.status != OrderStatus.DRAFT:
        raise _not_so(order)
    lines = list(order.lines.select_related("product"))
    prices = catalogue([line.sku for line in lines], order.ordered_on, order.currency)
    for line in lines:
        line.product = prices.get(line.sku)
    _settle(order, lines, order.net_total)
    order.save()
    _keep_reserved(lines)
    _band(order.party)
    _tell(order, lines)
    return order


@transaction.atomic
def release(order: Order, reason: str = "") -> Order:
    """A person looked at a held order and lets it pass."""
    order = locked(order.pk)
    lines = list(order.lines.all())
    if order.status != OrderStatus.HELD:
        raise _not_so(order)
    order.accept()
    order.reason = reason
    order.save()
    _reserve(lines)
    _keep_reserved(lines)
    _band(order.party)
    emit(events.accepted(order, lines))
    return order


@transaction.atomic
def refuse(order: Order, reason: str) -> Order:
    """A person looked at a held order and says no."""
    if not reason.strip():
        raise ReasonMissing()
    order = locked(order.pk)
    _move(order, lambda: order.refuse(order.reason_code or "refused", reason.strip()))
    emit(events.refused(order))
    return order


@transaction.atomic
def cancel(order: Order, reason: str) -> Order:
    """Nothing of it will be delivered; possible until goods have left or were invoiced."""
    if not reason.strip():
        raise ReasonMissing()
    order = locked(order.pk)
    if _is_out(order):
        raise GoodsAreOut(what=order.what)
    _cancel(order, reason.strip())
    emit(events.cancelled(order))
    return order


@transaction.atomic
def withdraw(deal: UUID, reason: str) -> Order | None:
    """The CRM takes a deal back: cancel its order, or answer that it is too late."""
    known = Order.objects.filter(deal=deal).only("pk").first()
    if known is None:
        return None
    order = locked(known.pk)
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUSED}:
        return order
    if order.status == OrderStatus.COMPLETED or _is_out(order):
        emit(events.withdrawal_refused(order, _("Goods have left or were invoiced; they can come back by a return.")))
        return order
    _cancel(order, reason)
    emit(events.cancelled(order))
    return order


@transaction.atomic
def allocate(order: Order) -> dict[UUID, Decimal]:
    """Reserve what has become free for the order's backorder lines; how many each got now."""
    order = locked(order.pk)
    if order.status != OrderStatus.ACCEPTED:
        raise _not_so(order)
    lines = [line for line in order.lines.all() if line.quantity_short > 0]
    got = _reserve(lines)
    _keep_reserved(lines)
    return got


def allocate_waiting(product: Product) -> int:
    """New goods go to who waits longest; how many orders got some.

    A transaction per order: who held stock while waiting for the next order's row would block that order's shipment.
    """
    waiting = OrderLine.objects.short().filter(product=product, order__status=OrderStatus.ACCEPTED)
    served = 0
    for pk in waiting.order_by("order__ordered_on", "order_id").values_list("order_id", flat=True).distinct():
        try:
            if not any(allocate(Order(pk=pk)).values()):
                break
        except NotSo:  # cancelled in the meantime
            continue
        served += 1
    return served


@transaction.atomic
def record_shipped(order: Order, quantities: Quantities) -> bool:
    """These units have left; True when nothing of the order is left to ship. Called by shipping, which moved them."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(
            quantity_reserved=F("quantity_reserved") - quantity, quantity_shipped=F("quantity_shipped") + quantity
        )
    return not order.lines.filter(quantity__gt=F("quantity_shipped")).exists()


@transaction.atomic
def record_invoiced(order: Order, quantities: Quantities, freight: bool = False) -> None:
    """These units are on an invoice now, and the freight, if it says so. Called by invoices."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(quantity_invoiced=F("quantity_invoiced") + quantity)
    if freight:
        order.freight_invoiced = True
        order.save(update_fields=["freight_invoiced", "updated_at"])


@transaction.atomic
def record_returned(order: Order, quantities: Quantities) -> None:
    """These units came back. Called by returns."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(quantity_returned=F("quantity_returned") + quantity)


@transaction.atomic
def complete_if_done(order: Order, paid: bool = True) -> bool:
    """Close the order when all is shipped, invoiced and (the caller knows) paid."""
    order = locked(order.pk)
    lines = order.lines.all()
    done = all(line.quantity_shipped == line.quantity == line.quantity_invoiced for line in lines)
    if order.status != OrderStatus.ACCEPTED or not paid or not done or (order.freight and not order.freight_invoiced):
        return False
    order.complete()
    order.save()
    emit(events.completed(order))
    return True


@transaction.atomic
def band_credit(party: Party) -> bool:
    """Look again how near the customer is to the limit; tell the CRM when the band changed."""
    return _band(party)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _promised_lines(order: Order, promise: DealWon) -> list[OrderLine]:
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


def _own_lines(order: Order, lines: Sequence[NewLine]) -> list[OrderLine]:
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


def _decide(order: Order, lines: list[OrderLine], promised_net: Decimal) -> None:
    """Sum up, look for objections, move, reserve and write, in as few statements as it takes."""
    _sum_up(order, lines)
    _settle(order, lines, promised_net)
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(lines)


def _settle(order: Order, lines: list[OrderLine], promised_net: Decimal) -> None:
    against = objection(order, lines, promised_net)
    if against is None:
        order.accept()
        _reserve(lines)
    elif against.verdict == "hold":
        order.hold(against.code, against.reason)
    else:
        order.refuse(against.code, against.reason)


def _write(order: Order, lines: list[OrderLine]) -> None:
    _sum_up(order, lines)
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(lines)


def _sum_up(order: Order, lines: list[OrderLine]) -> None:
    order.net_total = sum((line.net_amount for line in lines), Decimal(0))
    taxed = sum((line.net_amount * (1 + line.tax_rate) for line in lines), Decimal(0))
    if order.freight:
        taxed += order.freight * (1 + rate(FREIGHT_TAX_CLASS, order.ordered_on))
    order.gross_total = round_money(taxed, order.currency)


def _reserve(lines: list[OrderLine]) -> dict[UUID, Decimal]:
    """Reserve what is free, the rest is backorder; the lines know how much they have."""
    wanted = [Wanted(line.product_id, line.quantity_short, line.pk) for line in lines if line.product_id]
    got = stock.reserve(wanted)
    for line in lines:
        line.quantity_reserved += got.get(line.pk, Decimal(0))
    return got


def _keep_reserved(lines: list[OrderLine]) -> None:
    OrderLine.objects.bulk_update(lines, ["quantity_reserved"])


def _tell(order: Order, lines: list[OrderLine]) -> None:
    """The CRM hears how it was decided; of an order without a customer of theirs it need not know."""
    if order.status == OrderStatus.ACCEPTED:
        emit(events.accepted(order, lines))
    elif order.status == OrderStatus.HELD:
        emit(events.held(order))
    elif order.status == OrderStatus.REFUSED:
        emit(events.refused(order))


def _is_out(order: Order) -> bool:
    return any(line.quantity_shipped or line.quantity_invoiced for line in order.lines.all())


def _cancel(order: Order, reason: str) -> None:
    lines = list(order.lines.all())
    if order.status == OrderStatus.ACCEPTED:
        stock.release(line.pk for line in lines)
        order.lines.update(quantity_reserved=Decimal(0))
    _move(order, lambda: order.cancel(reason))
    _band(order.party)


def _move(order: Order, step: Any) -> None:
    """Take the step or say in which state the order is."""
    try:
        step()
    except TransitionNotAllowed:
        raise _not_so(order) from None
    order.save()


def _not_so(order: Order) -> NotSo:
    return NotSo(what=order.what, state=order.get_status_display().lower())


def _band(party: Party) -> bool:
    now = band(party)
    if not party.customer or not parties.set_band(party, now):
        return False
    emit(CreditBanded(customer=party.customer, party=party.code, band=now))
    return True
