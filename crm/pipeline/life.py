"""The order's life like a parcel's: from the rows that `following` writes to the steps that `ui/steps.html` draws."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from base.days import written
from crm.access.people import name_of
from crm.pipeline.models import Deal, DealOrder, DealStatus, InvoiceKind, OrderState, PaymentKind, StepKind

Step = dict[str, Any]
ENDED = {OrderState.REFUSED, OrderState.CANCELLED}


def revision_of(deal: Deal) -> str:
    """Moves whenever the deal or what the ERP said of it changes; read without the rows."""
    return f"{deal.status}-{deal.revision}"


def steps(deal: Deal) -> list[Step]:
    """Promised → accepted (or held, refused) → shipped → invoiced → paid → completed, each with time and source."""
    order: DealOrder | None = getattr(deal, "order", None)
    if order is None:
        return []
    made = [_step(_("Promised"), "done", deal.won_at, _("Sales"), text=name_of(deal.won_by))]
    made += _answers(deal, order)
    made += _withdrawal(deal, order)
    made += _parcels(deal, order)
    made += _money(deal, order)
    if order.state == OrderState.COMPLETED:
        done = next((step for step in deal.order_steps.all() if step.kind == StepKind.COMPLETED), None)
        made.append(_told(_("Completed"), "done", done) if done else _step(_("Completed"), "done"))
    elif order.state not in ENDED:
        made.append(_step(_("Completed"), "todo"))
    return made


def _answers(deal: Deal, order: DealOrder) -> list[Step]:
    """What the ERP decided, in the order it said so; a hold that is over stays as history."""
    told = [step for step in deal.order_steps.all() if step.kind != StepKind.COMPLETED]
    made = []
    for step in told:
        last = step is told[-1]
        if step.kind == StepKind.ACCEPTED:
            made.append(_told(_("Accepted as {number}").format(number=order.number), "done", step, _waiting(order)))
        elif step.kind == StepKind.HELD:
            made.append(_told(_("Held by the order desk"), "now" if last else "done", step, step.reason))
        elif step.kind == StepKind.REFUSED:
            made.append(_told(_("Refused"), "bad", step, step.reason))
        elif step.kind == StepKind.CANCELLED:
            made.append(_told(_("Cancelled"), "bad", step, step.reason))
        elif step.kind == StepKind.WITHDRAWAL_REFUSED:
            made.append(_told(_("Withdrawal refused"), "bad", step, step.reason))
    if not told:
        made.append(_step(_("Waiting for the ERP"), "now", text=_("It answers within a second when it is there.")))
    elif order.state == OrderState.HELD:
        made.append(_step(_("Accepted"), "todo"))
    return made


def _withdrawal(deal: Deal, order: DealOrder) -> list[Step]:
    if deal.status != DealStatus.WITHDRAWN:
        return []
    answered = order.state in ENDED
    return [_step(_("Withdrawn"), "bad" if answered else "now", deal.updated_at, _("Sales"), text=deal.close_reason)]


def _parcels(deal: Deal, order: DealOrder) -> list[Step]:
    made = []
    for parcel in deal.shipments.all():
        goods = _goods(parcel.lines, "quantity")
        label = _("Shipped with {carrier}").format(carrier=parcel.carrier) if parcel.carrier else _("Shipped")
        url = parcel.tracking_url if parcel.tracking_url.startswith(("https://", "http://")) else ""
        made.append(_told(label, "done", parcel, parcel.tracking or parcel.number, url=url, detail=goods))
    if order.shipped_all or order.state in {*ENDED, OrderState.COMPLETED}:
        return made
    if made:
        made.append(_step(_("The rest is still to be shipped"), "now"))
    else:
        made.append(_step(_("Shipped"), "now" if order.state == OrderState.ACCEPTED else "todo"))
    return made


def _money(deal: Deal, order: DealOrder) -> list[Step]:
    """Invoices, credit notes and payments as they came."""
    papers: list[Any] = [*deal.invoices.all(), *deal.payments.all()]
    made = [_paper(paper) for paper in sorted(papers, key=lambda one: (one.occurred_at, str(one.pk)))]
    going_on = order.state not in {*ENDED, OrderState.COMPLETED}
    invoices = [one for one in deal.invoices.all() if one.kind == InvoiceKind.INVOICE]
    shipped = order.shipped_all
    if going_on and not invoices:
        made.append(_step(_("Invoiced"), "now" if shipped else "todo"))
    if going_on and (not invoices or any(not one.is_paid for one in invoices)):
        made.append(_step(_("Paid"), "now" if invoices else "todo", text=_open(invoices)))
    return made


def _paper(paper: Any) -> Step:
    if paper._meta.model_name == "dealpayment":
        money = {"amount": _amount(paper.amount), "currency": paper.currency}
        if paper.kind == PaymentKind.DEPOSIT:
            return _told(_("Deposit of {amount} {currency} booked").format(**money), "done", paper, paper.number)
        return _told(_("Paid {amount} {currency}").format(**money), "done", paper, paper.invoice_number)
    money = {"amount": _amount(paper.gross), "currency": paper.currency}
    if paper.kind == InvoiceKind.CREDIT_NOTE:
        return _told(_("Credited {amount} {currency}").format(**money), "done", paper, paper.number)
    text = paper.number
    if paper.due_on:
        text = _("{number}, due {day}").format(number=paper.number, day=written(paper.due_on))
    return _told(_("Invoiced {amount} {currency}").format(**money), "done", paper, text)


def _open(invoices: list[Any]) -> str:
    """What of the invoices is still open."""
    late = [one for one in invoices if one.is_overdue]
    left = sum(one.open_amount or 0 for one in invoices)
    if not left:
        return ""
    said = _("{amount} {currency} open").format(amount=_amount(left), currency=invoices[0].currency)
    return _("{open}, overdue").format(open=said) if late else said


def _waiting(order: DealOrder) -> str:
    """What of an accepted order must wait for goods."""
    if order.short_lines and not order.shipped_all:
        return _("Waiting for goods: {goods}").format(goods=_goods(order.short_lines, "waiting"))
    if order.promised_on:
        return _("Promised for {day}").format(day=written(order.promised_on))
    return ""


def _goods(lines: list[dict[str, str]], quantity: str) -> str:
    """What is in it, in one line.

    >>> _goods([{"sku": "CHAI", "quantity": "2.5000"}, {"sku": "TOFU", "quantity": "10"}], "quantity")
    '2.5 × CHAI, 10 × TOFU'
    """
    return ", ".join(f"{Decimal(line[quantity]).normalize():f} × {line['sku']}" for line in lines)


def _told(label: str, state: str, fact: Any, text: str = "", **more: Any) -> Step:
    """A step that the ERP told us."""
    heard: datetime = timezone.localtime(fact.occurred_at)
    today = heard.date() == timezone.localdate()
    clock = date_format(heard, "H:i:s")
    source = _("ERP, as of {time}").format(time=clock if today else f"{written(heard, year=False)} {clock}")
    return _step(label, state, fact.occurred_at, source, text=text, **more)


def _step(
    label: str,
    state: str,
    at: datetime | None = None,
    source: str = "",
    text: str = "",
    url: str = "",
    detail: str = "",
) -> Step:
    return {"label": label, "state": state, "at": at, "source": source, "text": text, "url": url, "detail": detail}


def _amount(value: Any) -> str:
    return f"{value:,.2f}"
