"""The verbs of orders; with `fulfilment` the only writers of their tables.

Lock order: order → party → balances of stock → the outbox, last.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from base import context
from base.ids import uuid7
from base.money import round_money
from base.numbering import next_number
from base.recording import keep_made
from erp.inventory import services as stock
from erp.ledger.services import base_currency, company
from erp.orders import events
from erp.orders.checks import Objection, catalogue, objection, unfit
from erp.orders.drafting import NewLine, own_lines, promised_lines, sum_up
from erp.orders.following import opened
from erp.orders.fulfilment import allocate as allocate
from erp.orders.fulfilment import allocate_waiting as allocate_waiting
from erp.orders.fulfilment import complete_if_done as complete_if_done
from erp.orders.fulfilment import keep_reserved, reserve
from erp.orders.fulfilment import record_invoiced as record_invoiced
from erp.orders.fulfilment import record_returned as record_returned
from erp.orders.fulfilment import record_shipped as record_shipped
from erp.orders.locking import locked, locked_with_party
from erp.orders.models import Order, OrderLine, OrderStatus
from erp.orders.refusals import GoodsAreOut, NothingOrdered, ReasonMissing, SecondPersonReleases, not_so
from erp.orders.reports import FREIGHT_TAX_CLASS as FREIGHT_TAX_CLASS
from erp.orders.reports import band
from erp.parties import services as parties
from erp.parties.models import Party
from erp.rates.booking import foreign_rate
from integration.contracts.credit import CreditBanded
from integration.contracts.deals import DealWon
from integration.outbox.emitting import emit


def receive_promise(promise: DealWon, event: UUID | None = None) -> Order:
    """One won deal becomes one order: accepted, held for a person, or refused with the reason.

    The promise is kept as it was given; a second telling, also a simultaneous one, changes nothing.
    """
    known = Order.objects.filter(deal=promise.deal).first()
    if known is not None:
        return known
    try:
        return _take_on(promise, event)
    except IntegrityError:
        rival = Order.objects.filter(deal=promise.deal).first()
        if rival is None:
            raise
        return rival


@transaction.atomic
def create_order(
    party: Party,
    lines: Sequence[NewLine],
    *,
    ordered_on: date,
    requested_on: date | None = None,
    freight: Decimal = Decimal(0),
    note: str = "",
    currency: str = "",
    id: UUID | None = None,
) -> Order:
    """An order born here, as a draft; the same `id` again is the same order.

    It is in the currency of the books, or in another one that has a rate on its day.
    """
    if id is not None and (known := Order.objects.filter(pk=id).first()):
        return known
    order = Order(
        id=id or uuid7(),
        company=company(),
        number=next_number("order_number", "SO"),
        party=party,
        currency=currency.strip().upper() or base_currency(),
        created_by=context.actor.get()[:150],
    )
    foreign_rate(order.currency, ordered_on, order.company)
    _write_draft(order, lines, ordered_on, requested_on, freight, note)
    opened(order)
    return order


@transaction.atomic
def change_draft(
    order: Order,
    lines: Sequence[NewLine],
    *,
    ordered_on: date,
    requested_on: date | None = None,
    freight: Decimal = Decimal(0),
    note: str = "",
    currency: str = "",
    party: Party | None = None,
) -> Order:
    """Write a draft anew; once confirmed, an order stays as it is."""
    order = locked(order.pk)
    if order.status != OrderStatus.DRAFT:
        raise not_so(order)
    order.party = party or order.party
    order.currency = currency.strip().upper() or order.currency
    foreign_rate(order.currency, ordered_on, order.company)
    order.lines.all().delete()
    _write_draft(order, lines, ordered_on, requested_on, freight, note)
    return order


@transaction.atomic
def annotate(order: Order, **changes: object) -> Order:
    """Note what was agreed by word of mouth: the day it is wanted by, or a remark; the promise stays beside it."""
    assert set(changes) <= {"requested_on", "note"}, changes
    order = locked(order.pk)
    if order.status in {OrderStatus.REFUSED, OrderStatus.CANCELLED, OrderStatus.COMPLETED}:
        raise not_so(order)
    for name, value in changes.items():
        setattr(order, name, value)
    order.save()
    return order


@transaction.atomic
def confirm(order: Order) -> Order:
    """Bind us to a draft of our own, or have a person look, as with a deal."""
    order = locked_with_party(order.pk)
    if order.status != OrderStatus.DRAFT:
        raise not_so(order)
    lines = list(order.lines.select_related("product"))
    prices = catalogue([line.sku for line in lines], order.ordered_on, order.currency)
    for line in lines:
        line.product = prices.get(line.sku)
    _decide(order, lines, objection(order, lines, order.net_total))
    order.save()
    keep_reserved(lines)
    _tell_band(order.party)
    _tell(order, lines)
    return order


@transaction.atomic
def release(order: Order, reason: str = "") -> Order:
    """A person looked at a held order and lets it pass."""
    order = locked_with_party(order.pk)
    if order.status != OrderStatus.HELD:
        raise not_so(order)
    who = context.actor.get()[:150]
    if who and who == order.created_by:
        raise SecondPersonReleases(by=who, order=order.number)
    order.released_by = who
    lines = list(order.lines.all())
    order.accept()
    order.reason = reason.strip()
    reserve(lines)
    order.save()
    keep_reserved(lines)
    _tell_band(order.party)
    emit(events.accepted(order, lines))
    return order


@transaction.atomic
def refuse(order: Order, reason: str) -> Order:
    """A person looked at a held order and says no."""
    if not reason.strip():
        raise ReasonMissing()
    order = locked(order.pk)
    if order.status != OrderStatus.HELD:
        raise not_so(order)
    _move(order, lambda: order.refuse(order.reason_code or "refused", reason.strip()))
    emit(events.refused(order))
    return order


@transaction.atomic
def cancel(order: Order, reason: str) -> Order:
    """Nothing of it will be delivered; possible until goods have left or were invoiced."""
    if not reason.strip():
        raise ReasonMissing()
    order = locked_with_party(order.pk)
    if _is_out(order):
        raise GoodsAreOut(what=order.what)
    was_known = order.status != OrderStatus.DRAFT
    _cancel(order, reason.strip())
    if was_known:
        emit(events.cancelled(order))
    return order


@transaction.atomic
def withdraw(deal: UUID, reason: str) -> Order | None:
    """The CRM takes a deal back: cancel its order, or answer that it is too late.

    Events of one deal come in their order, so a deal without an order was never won here: there is nothing to undo.
    """
    known = Order.objects.filter(deal=deal).only("pk").first()
    if known is None:
        return None
    order = locked_with_party(known.pk)
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUSED}:
        return order
    if order.status == OrderStatus.COMPLETED or _is_out(order):
        emit(events.withdrawal_refused(order, _("Goods have left or were invoiced; they can come back by a return.")))
        return order
    _cancel(order, reason.strip() or _("The deal was withdrawn."))
    emit(events.cancelled(order))
    return order


@transaction.atomic(savepoint=False)
def band_credit(party: Party) -> bool:
    """Look again how near the customer is to the limit; tell the CRM when the band changed."""
    standing = Party.objects.only("code", "customer", "on_hold", "credit_limit", "credit_band", "merged_into")
    return _tell_band(standing.select_for_update(no_key=True).get(pk=party.pk))


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


@transaction.atomic
def _take_on(promise: DealWon, event: UUID | None) -> Order:
    """Order, lines and reservations in as few statements as it takes; the customer's row is held, for the limit."""
    party, is_new = parties.find_or_open(promise.customer)
    order = Order(
        company=company(),
        number=next_number("order_number", "SO"),
        party=party,
        currency=promise.currency,
        ordered_on=promise.ordered_on,
        requested_on=promise.requested_on,
        deal=promise.deal,
        deal_number=promise.number,
        event=event,
        promise=promise.model_dump(mode="json"),
        sold_by=promise.sold_by,
        created_by=context.actor.get()[:150],
    )
    against, lines = unfit(promise), list[OrderLine]()
    if against is None:
        order.freight = promise.freight
        lines = promised_lines(order, promise)
        sum_up(order, lines)
        against = objection(order, lines, promise.net_total)
    _decide(order, lines, against)
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(lines)
    opened(order)
    if is_new:
        parties.tell_opened(party)
    _tell_band(party)
    _tell(order, lines)
    return order


def _write_draft(
    order: Order,
    lines: Sequence[NewLine],
    ordered_on: date,
    requested_on: date | None,
    freight: Decimal,
    note: str,
) -> None:
    if not lines:
        raise NothingOrdered()
    order.ordered_on, order.requested_on, order.note = ordered_on, requested_on, note
    order.freight = round_money(freight, order.currency)
    made = own_lines(order, lines)
    sum_up(order, made)
    order.save()
    OrderLine.objects.bulk_create(made)
    keep_made(made)


def _decide(order: Order, lines: list[OrderLine], against: Objection | None) -> None:
    """Move the order in memory; an accepted one reserves what is free."""
    if against is None:
        order.accept()
        reserve(lines)
    elif against.verdict == "hold":
        order.hold(against.code, against.reason)
    else:
        order.refuse(against.code, against.reason)


def _tell(order: Order, lines: list[OrderLine]) -> None:
    """The CRM hears how it was decided."""
    if order.status == OrderStatus.ACCEPTED:
        emit(events.accepted(order, lines))
    elif order.status == OrderStatus.HELD:
        emit(events.held(order))
    elif order.status == OrderStatus.REFUSED:
        emit(events.refused(order))


def _is_out(order: Order) -> bool:
    return any(line.quantity_shipped or line.quantity_invoiced for line in order.lines.all())


def _cancel(order: Order, reason: str) -> None:
    if order.status == OrderStatus.ACCEPTED:
        stock.release(order.lines.values_list("pk", flat=True))
        order.lines.update(quantity_reserved=Decimal(0))
    _move(order, lambda: order.cancel(reason))
    _tell_band(order.party)


def _move(order: Order, step: Callable[[], object]) -> None:
    """Take the step or say in which state the order is."""
    try:
        step()
    except TransitionNotAllowed:
        raise not_so(order) from None
    order.save()


def _tell_band(party: Party) -> bool:
    """Told last, with the party's row held; True when the band is another one now."""
    party = party.whole
    now = band(party)
    if not party.customer or now == party.credit_band or not parties.set_band(party, now):
        return False
    emit(CreditBanded(customer=party.customer, party=party.code, band=now))
    return True
