"""The verbs of returns; the only writers of their tables.

Lock order: period → order → return → balances of stock → counters → the outbox.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from base.numbering import next_number
from base.recording import keep_made
from erp.inventory import services as stock
from erp.inventory.models import StockMove
from erp.inventory.services import Returning
from erp.invoices import margins
from erp.invoices import services as invoices
from erp.ledger.services import hold_period
from erp.orders import services as orders
from erp.orders.locking import locked
from erp.orders.models import Order, OrderLine
from erp.returns.models import GoodsBack, Return, ReturnLine, ReturnStatus
from erp.returns.refusals import MoreThanAgreed, NotDelivered, NothingReceived, ReasonMissing, ReturnNotSo
from erp.shipping.models import ShipmentLine
from integration.contracts.returns import (
    ReturnAuthorised,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSettled,
    WantedBack,
)
from integration.contracts.worth import MarginLine
from integration.outbox.emitting import emit


@transaction.atomic
def request_return(told: ReturnRequested, event: UUID | None = None) -> Return | None:
    """A customer wants to send goods back: a return to be decided, or an answer at once why it cannot be.

    Telling it twice is one return.
    """
    known = Return.objects.filter(request=told.request).first()
    if known is not None:
        return known
    found = Order.objects.filter(deal=told.deal).only("pk").first()
    if found is None:
        emit(ReturnRefused(request=told.request, deal=told.deal, reason=_("There is no order for this deal.")))
        return None
    order = locked(found.pk)
    try:
        wanted = _spread(order, told.lines)
    except NotDelivered as why_not:
        emit(ReturnRefused(request=told.request, order=order.pk, deal=told.deal, reason=str(why_not)))
        return None
    asked = {"request": told.request, "ticket": told.ticket, "ticket_number": told.ticket_number, "event": event}
    return _open(order, wanted, told.reason, **asked)


@transaction.atomic
def open_return(order: Order, lines: Sequence[WantedBack], reason: str, id: UUID | None = None) -> Return:
    """The customer told us, not the CRM: a return of any delivered order, to be decided like the others.

    The same `id` again is the same return.
    """
    if not reason.strip():
        raise ReasonMissing()
    if not lines:
        raise NothingReceived()
    order = locked(order.pk)
    if id is not None and (known := Return.objects.filter(pk=id).first()):
        return known
    goods_return = _open(order, _spread(order, lines), reason.strip(), **({"id": id} if id else {}))
    keep_made(goods_return.lines.all())
    return goods_return


@transaction.atomic
def authorise(goods_return: Return, instructions: str = "") -> Return:
    """The customer may send the goods."""
    goods_return = _locked(goods_return.pk)
    _move(goods_return, lambda: goods_return.authorise(instructions.strip()))
    _tell(goods_return, ReturnAuthorised, instructions=goods_return.instructions)
    return goods_return


@transaction.atomic
def refuse(goods_return: Return, reason: str) -> Return:
    """The goods are not taken back, and this is why."""
    if not reason.strip():
        raise ReasonMissing()
    goods_return = _locked(goods_return.pk)
    if goods_return.lines.filter(quantity_received__gt=0).exists():
        raise not_so(goods_return)
    _move(goods_return, lambda: goods_return.refuse(reason.strip()))
    _tell(goods_return, ReturnRefused, reason=goods_return.refusal)
    return goods_return


@transaction.atomic
def receive(
    goods_return: Return,
    quantities: Mapping[UUID, Decimal] | None = None,
    on: date | None = None,
    *,
    posting: UUID | None = None,
) -> Return:
    """The goods are here, all that is expected or these quantities by return line: value in is value out (I17).

    The same `posting` again is the same parcel.
    """
    today = on or timezone.localdate()
    hold_period(today)
    order = locked(goods_return.order_id)
    goods_return = _locked(goods_return.pk)
    if posting and StockMove.objects.filter(posting=posting, source_id=goods_return.pk).exists():
        return goods_return
    lines = {line.pk: line for line in goods_return.lines.select_related("order_line")}
    if quantities is None:
        quantities = {pk: line.quantity - line.quantity_received for pk, line in lines.items()}
    taken = [(lines[pk], quantity) for pk, quantity in quantities.items() if pk in lines and quantity]
    if not taken or set(quantities) - set(lines):
        raise NothingReceived()
    for line, quantity in taken:
        expected = line.quantity - line.quantity_received
        if not 0 < quantity <= expected:
            raise MoreThanAgreed(sku=line.order_line.sku, expected=_plain(expected), wanted=_plain(quantity))
    _move(goods_return, goods_return.receive)
    back = _take_back(goods_return, taken, today, posting)
    orders.record_returned(order, {line.order_line_id: quantity for line, quantity in taken})
    told = tuple(WantedBack(sku=line.order_line.sku, quantity=quantity) for line, quantity in taken)
    _tell(goods_return, ReturnReceived, lines=told)
    margins.tell("return", order, goods_return.pk, goods_return.number, today, back)
    return goods_return


@transaction.atomic
def settle(goods_return: Return, on: date | None = None, by: Any = None) -> Return:
    """Write the credit note for what came back, at the invoices' own prices."""
    today = on or timezone.localdate()
    hold_period(today)
    order = locked(goods_return.order_id)
    goods_return = _locked(goods_return.pk)
    if goods_return.status != ReturnStatus.RECEIVED:
        raise not_so(goods_return)
    received = goods_return.lines.filter(quantity_received__gt=0).select_related("order_line")
    note = invoices.credit(
        order,
        [(line.order_line, line.quantity_received) for line in received],
        reason=f"{goods_return.number} {goods_return.reason}"[:400],
        by=by,
        date=today,
        return_request=goods_return.request,
        key=f"return:{goods_return.pk}",
    )
    goods_return.credit_note, goods_return.credit_note_number = note.pk, note.number
    _move(goods_return, goods_return.settle)
    _tell(
        goods_return,
        ReturnSettled,
        credit_note=note.pk,
        credit_note_number=note.number,
        gross=note.gross,
        currency=note.currency,
    )
    return goods_return


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _open(order: Order, wanted: list[tuple[OrderLine, Decimal]], reason: str, **told: Any) -> Return:
    number = next_number("rma_number", "RMA")
    goods_return = Return.objects.create(number=number, order=order, reason=reason, **told)
    ReturnLine.objects.bulk_create(
        ReturnLine(goods_return=goods_return, order_line=line, quantity=quantity) for line, quantity in wanted
    )
    return goods_return


def returnable(order: Order) -> dict[UUID, Decimal]:
    """By order line, how many units may still come back: delivered and on no other return."""
    lines = list(order.lines.all())
    promised = ReturnLine.objects.filter(order_line__in=lines).bound()
    return {line.pk: line.quantity_shipped - promised.get(line.pk, Decimal(0)) for line in lines}


def _spread(order: Order, wanted: Sequence[WantedBack]) -> list[tuple[OrderLine, Decimal]]:
    """The order's lines that the wish is about; what was not delivered does not come back."""
    lines, free = list(order.lines.all()), returnable(order)
    spread: dict[UUID, Decimal] = {}
    for wish in wanted:
        left = wish.quantity
        for line in lines:
            part = min(left, free[line.pk]) if line.sku == wish.sku else Decimal(0)
            if part > 0:
                spread[line.pk] = spread.get(line.pk, Decimal(0)) + part
                free[line.pk] -= part
                left -= part
        if left > 0:
            raise NotDelivered(sku=wish.sku, possible=_plain(wish.quantity - left), wanted=_plain(wish.quantity))
    return [(line, spread[line.pk]) for line in lines if line.pk in spread]


def _take_back(
    goods_return: Return, taken: list[tuple[ReturnLine, Decimal]], on: date, posting: UUID | None
) -> list[MarginLine]:
    """Tie each unit to the move it had left by, oldest first, and bring it in at that worth; the worth of each."""
    parts: list[tuple[ReturnLine, StockMove, Decimal]] = []
    for line, quantity in taken:
        left = quantity
        sales = ShipmentLine.objects.filter(order_line=line.order_line).select_related("move").order_by("id")
        back = dict(
            GoodsBack.objects.filter(line__order_line=line.order_line)
            .values_list("sale_move")
            .annotate(Sum("quantity"))
        )
        for sale in sales:
            part = min(left, sale.quantity - back.get(sale.move_id, Decimal(0)))
            if part > 0:
                parts.append((line, sale.move, part))
                left -= part
        ReturnLine.objects.filter(pk=line.pk).update(quantity_received=F("quantity_received") + quantity)
    moves = stock.return_in(
        [Returning(sale, quantity) for _line, sale, quantity in parts],
        on,
        ("return", goods_return.pk),
        reference=goods_return.number,
        posting=posting,
    )
    GoodsBack.objects.bulk_create(
        GoodsBack(line=line, sale_move=sale, move=move, quantity=quantity)
        for (line, sale, quantity), move in zip(parts, moves, strict=True)
    )
    return [
        MarginLine(sku=line.order_line.sku, quantity=quantity, revenue=Decimal(0), cost=-move.value)
        for (line, _sale, quantity), move in zip(parts, moves, strict=True)
    ]


def _locked(pk: UUID) -> Return:
    return Return.objects.select_for_update(of=("self",), no_key=True).select_related("order").get(pk=pk)


def _move(goods_return: Return, step: Any) -> None:
    try:
        step()
    except TransitionNotAllowed:
        raise not_so(goods_return) from None
    goods_return.save()


def not_so(goods_return: Return) -> ReturnNotSo:
    """Why a step cannot be taken where the return stands now."""
    return ReturnNotSo(what=goods_return.what, state=goods_return.get_status_display().lower())


def _tell(goods_return: Return, fact: type, **more: Any) -> None:
    """The CRM hears of returns it asked for; one of our own needs no telling."""
    if goods_return.request is None:
        return
    emit(
        fact(
            request=goods_return.request,
            rma=goods_return.pk,
            number=goods_return.number,
            order=goods_return.order_id,
            deal=goods_return.order.deal,
            **more,
        )
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
