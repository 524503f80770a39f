"""The verbs of tickets and of returns as the CRM sees them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from base.numbering import next_number
from base.recording import keep_made
from base.refusals import BadInput, MoveRefused, Refused
from crm.accounts.models import Account, Contact
from crm.activities.services import forget_ticket, record_fact
from crm.pipeline.models import Deal
from crm.tickets.models import (
    Priority,
    ReturnLine,
    ReturnRequest,
    ReturnStatus,
    Ticket,
    TicketMessage,
    TicketState,
    Visibility,
)
from crm.tickets.reports import returnable
from integration.contracts.returns import ReturnRequested, WantedBack
from integration.outbox.emitting import emit


class OfAnotherAccount(Refused):
    """Contact or deal belong to somebody else."""

    message = _("{what} does not belong to {account}.")
    status = 422


class TicketStays(Refused):
    """Somebody answered it, or goods are on their way back because of it."""

    message = _("{number} is being worked on, so it stays.")


class NothingToReturn(Refused):
    """No quantity was given."""

    message = _("Say how many of what shall come back.")
    status = 422


class MoreThanShipped(Refused):
    """The customer cannot send back more than we sent and they have not yet asked to return."""

    message = _("{quantity} of {sku} are too many: {shipped} were shipped, {asked} are already asked back.")
    status = 422


@transaction.atomic
def open_ticket(
    account: Account,
    subject: str,
    *,
    by: Any,
    text: str = "",
    contact: Contact | None = None,
    deal: Deal | None = None,
    priority: str = Priority.NORMAL,
    assignee: Any = None,
    id: UUID | None = None,
) -> Ticket:
    """A customer asks something; `text` is their words. The same `id` again is the same ticket."""
    if id is not None and (known := Ticket.objects.filter(pk=id, account=account).first()):
        return known
    if not subject.strip():
        raise BadInput(why=_("What is it about? A few words are enough."), field="subject")
    for field, thing in (("contact", contact), ("deal", deal)):
        if thing is not None and thing.account_id != account.pk:
            raise OfAnotherAccount(what=thing, account=account.name, field=field)
    ticket = Ticket(
        **({"id": id} if id else {}),
        number=next_number("crm_ticket_number", "T"),
        account=account,
        contact=contact,
        deal=deal,
        subject=" ".join(subject.split()),
        priority=priority,
        assignee=assignee,
        opened_by=by,
    )
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
    except IntegrityError:
        if id is not None and (known := Ticket.objects.filter(pk=id, account=account).first()):
            return known
        raise
    if text.strip():
        TicketMessage.objects.create(ticket=ticket, author=by, body=text.strip(), from_customer=True)
    _tell_timeline(ticket, "ticket_opened")
    return ticket


@transaction.atomic
def remove_ticket(ticket: Ticket) -> None:
    """Take back what was opened by mistake, with its first words and what the timeline says; the history keeps it."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if ticket.messages.count() > 1 or ReturnRequest.objects.filter(ticket=ticket).exists():
        raise TicketStays(number=ticket.number)
    forget_ticket(ticket.pk)
    ticket.delete()


@transaction.atomic
def reply(
    ticket: Ticket,
    body: str,
    *,
    by: Any,
    visibility: str = Visibility.PUBLIC,
    from_customer: bool = False,
    wait: bool = False,
    id: UUID | None = None,
) -> TicketMessage:
    """A word in the conversation; the state follows it.

    A public answer takes the ticket for its author if nobody has it, and leaves it waiting for the customer when
    `wait`; a word of the customer's opens it again. An internal note moves nothing.
    """
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if id is not None and (known := TicketMessage.objects.filter(pk=id, ticket=ticket).first()):
        return known
    if not body.strip():
        raise BadInput(why=_("Write something first."), field="body")
    if from_customer and visibility != Visibility.PUBLIC:
        raise BadInput(why=_("What the customer said cannot be internal."), field="visibility")
    message = TicketMessage(
        **({"id": id} if id else {}),
        ticket=ticket,
        author=by,
        body=body.strip(),
        visibility=visibility,
        from_customer=from_customer,
    )
    message.save(force_insert=True)
    ticket.touched_at = timezone.now()
    _follow(ticket, message, wait)
    ticket.save()
    return message


@transaction.atomic
def assign(ticket: Ticket, to: Any) -> Ticket:
    """From now on `to` answers it (None: nobody); a new ticket thereby is open."""
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    ticket.assignee = to
    if to is not None and ticket.state == TicketState.NEW:
        ticket.open()
    ticket.save()
    return ticket


@transaction.atomic
def wait(ticket: Ticket) -> Ticket:
    """It is the customer's turn."""
    return _move(ticket, Ticket.wait, _("set to waiting"))


@transaction.atomic
def solve(ticket: Ticket) -> Ticket:
    """Nothing is asked any more."""
    ticket = _move(ticket, Ticket.solve, _("solved"))
    _tell_timeline(ticket, "ticket_solved")
    return ticket


@transaction.atomic
def reopen(ticket: Ticket) -> Ticket:
    """There is something to do after all."""
    return _move(ticket, Ticket.open, _("opened"))


@transaction.atomic
def change_priority(ticket: Ticket, priority: str) -> Ticket:
    """It presses more, or less, than we thought."""
    if priority not in Priority.values:
        raise BadInput(why=_("There is no such priority."), field="priority")
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    ticket.priority = priority
    ticket.save()
    return ticket


@transaction.atomic
def request_return(
    ticket: Ticket,
    deal: Deal,
    lines: Iterable[tuple[str, Decimal]],
    reason: str,
    *,
    by: Any,
    id: UUID | None = None,
) -> ReturnRequest:
    """Ask the ERP to take goods of the deal back: (SKU, quantity) each, at most what was shipped and not yet asked for.

    The deal's row is locked, so that two people cannot ask for the same goods at once.
    """
    deal = Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
    if id is not None and (known := ReturnRequest.objects.filter(pk=id, ticket=ticket).first()):
        return known
    if deal.account_id != ticket.account_id:
        raise OfAnotherAccount(what=deal, account=ticket.account.name, field="deal")
    if not reason.strip():
        raise BadInput(why=_("Why shall they come back? The warehouse will ask."), field="reason")
    wanted = _wanted(deal, lines)
    request = ReturnRequest(
        **({"id": id} if id else {}), ticket=ticket, deal=deal, reason=reason.strip(), requested_by=by
    )
    request.save(force_insert=True)
    keep_made(ReturnLine.objects.bulk_create(ReturnLine(request=request, **line) for line in wanted))
    Ticket.objects.filter(pk=ticket.pk).update(touched_at=timezone.now())
    goods = ", ".join(f"{line['quantity'].normalize():f} × {line['sku']}" for line in wanted)
    facts = {"number": ticket.number, "goods": goods}
    record_fact(ticket.account, "return_requested", "", facts, timezone.now(), deal=deal.pk, ticket=ticket.pk)
    emit(
        ReturnRequested(
            request=request.pk,
            ticket=ticket.pk,
            ticket_number=ticket.number,
            deal=deal.pk,
            customer=ticket.account_id,
            reason=request.reason,
            lines=tuple(WantedBack(sku=line["sku"], quantity=line["quantity"]) for line in wanted),
        )
    )
    return request


@transaction.atomic
def return_authorised(request: UUID, *, number: str, instructions: str, event_id: UUID, at: datetime) -> None:
    """The customer may send the goods."""
    if held := _held(request, ReturnStatus.REQUESTED):
        held.number, held.instructions = number, instructions
        held.authorise(at)
        _save(held, "erp_return_authorised", event_id, at)


@transaction.atomic
def return_refused(request: UUID, *, number: str, reason: str, event_id: UUID, at: datetime) -> None:
    """The goods are not taken back."""
    if held := _held(request, ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED):
        held.number, held.refusal = number or held.number, reason
        held.refuse(at)
        _save(held, "erp_return_refused", event_id, at, reason=reason)


@transaction.atomic
def return_received(
    request: UUID, *, number: str, lines: Iterable[tuple[str, Decimal]], event_id: UUID, at: datetime
) -> None:
    """The goods are here."""
    if held := _held(request, ReturnStatus.AUTHORISED):
        held.number = number or held.number
        held.receive(at)
        for sku, quantity in lines:
            held.lines.filter(sku=sku).update(received=quantity)
        _save(held, "erp_return_received", event_id, at)


@transaction.atomic
def return_settled(
    request: UUID, *, number: str, credit_note: str, gross: Decimal, currency: str, event_id: UUID, at: datetime
) -> None:
    """The credit note is written."""
    if held := _held(request, ReturnStatus.RECEIVED):
        held.number, held.credit_note_number = number or held.number, credit_note
        held.credit_gross, held.currency = gross, currency
        held.settle(at)
        told = {"credit_note_number": credit_note, "gross": str(gross), "currency": currency}
        _save(held, "erp_return_settled", event_id, at, **told)


def _wanted(deal: Deal, lines: Iterable[tuple[str, Decimal]]) -> list[dict[str, Any]]:
    """The lines summed by SKU and held against what may still come back."""
    sums: dict[str, Decimal] = {}
    for sku, quantity in lines:
        if quantity < 0:
            raise BadInput(why=_("A quantity cannot be negative."), field="lines")
        sums[sku] = sums.get(sku, Decimal(0)) + quantity
    sums = {sku: quantity for sku, quantity in sums.items() if quantity}
    if not sums:
        raise NothingToReturn()
    known = {one.sku: one for one in returnable(deal)}
    for sku, quantity in sums.items():
        one = known.get(sku)
        if one is None or quantity > one.left:
            shipped, asked = (one.shipped, one.asked) if one else (Decimal(0), Decimal(0))
            raise MoreThanShipped(
                quantity=_plain(quantity), sku=sku, shipped=_plain(shipped), asked=_plain(asked), field="lines"
            )
    return [{"sku": sku, "description": known[sku].description, "quantity": quantity} for sku, quantity in sums.items()]


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _follow(ticket: Ticket, message: TicketMessage, wait: bool) -> None:
    if message.from_customer:
        if ticket.state != TicketState.OPEN:
            ticket.open()
        return
    if message.visibility == Visibility.INTERNAL:
        return
    if ticket.assignee_id is None:
        ticket.assignee = message.author
    if wait and ticket.state in (TicketState.NEW, TicketState.OPEN):
        ticket.wait()
    elif not wait and ticket.state in (TicketState.NEW, TicketState.WAITING, TicketState.SOLVED):
        ticket.open()


def _move(ticket: Ticket, transition: Callable[[Ticket], None], verb: Any) -> Ticket:
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    try:
        transition(ticket)
    except TransitionNotAllowed:
        raise MoveRefused(what=ticket.number, state=ticket.get_state_display(), verb=verb) from None
    ticket.touched_at = timezone.now()
    ticket.save()
    return ticket


def _held(request: UUID, *expected: str) -> ReturnRequest | None:
    """The request, locked; None when it is not ours or the news is old."""
    held = ReturnRequest.objects.select_for_update().filter(pk=request).first()
    return held if held is not None and held.status in expected else None


def _save(request: ReturnRequest, kind: str, event_id: UUID, at: datetime, **told: str) -> None:
    request.save()
    ticket = Ticket.objects.select_related("account").get(pk=request.ticket_id)
    ticket.touched_at = timezone.now()
    if ticket.state == TicketState.WAITING and kind == "erp_return_refused":
        ticket.open()
    ticket.save()
    facts = {"number": request.number or ticket.number, **told}
    record_fact(ticket.account, kind, "", facts, at, event_id, deal=request.deal_id, ticket=ticket.pk)


def _tell_timeline(ticket: Ticket, kind: str) -> None:
    facts = {"number": ticket.number, "subject": ticket.subject}
    deal = ticket.deal_id
    record_fact(ticket.account, kind, "", facts, timezone.now(), deal=deal, ticket=ticket.pk)
