"""Pages of returns: the list, one return with its trail, and a step for each role."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from base.forms import once
from base.forms import refuse as refuse_form
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.tiers import Tier, sees
from erp.inventory.reports import moves_of_source
from erp.orders.models import Order
from erp.returns import services
from erp.returns.forms import (
    AuthoriseForm,
    OpenReturnForm,
    ReceiveForm,
    RefuseForm,
    SettleForm,
    StepForm,
)
from erp.returns.lists import RETURNS
from erp.returns.models import Return, ReturnLine, ReturnStatus
from erp.returns.reports import life
from erp.returns.roles import DECIDERS, EVERYBODY, RECEIVERS, SETTLERS
from integration.inbox.models import Incoming


@role_required(*EVERYBODY)
def return_list(request: HttpRequest) -> HttpResponse:
    """What is to come back or came, the last wish first."""
    return show(request, RETURNS)


@role_required(*EVERYBODY)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One return: what was agreed and what came, and where it leads."""
    goods_return = _found(request, pk)
    lines = _lines(goods_return)
    user = request.user
    facts = {
        "return": goods_return,
        "lines": lines,
        "steps": life(goods_return, lines),
        "moves": moves_of_source("return", goods_return.pk),
        "told": Incoming.objects.filter(event_id=goods_return.event).first() if goods_return.event else None,
        "sees_cost": sees(user, Tier.COST),
        "is_expected": any(line.quantity_expected > 0 for line in lines),
        "is_started": any(line.quantity_received for line in lines),
        "may_decide": has_role(user, *DECIDERS),
        "may_receive": has_role(user, *RECEIVERS),
        "may_settle": has_role(user, *SETTLERS) and goods_return.status == ReturnStatus.RECEIVED,
        "authorise_form": AuthoriseForm(auto_id="authorise_%s"),
        "refuse_form": RefuseForm(auto_id="refuse_%s"),
        "settle_form": SettleForm(auto_id="settle_%s"),
    }
    return render(request, "erp/returns/detail.html", facts)


@role_required(*DECIDERS)
def new(request: HttpRequest, order: UUID) -> HttpResponse:
    """A customer told us what is to come back; sent twice it is one return."""
    of = get_object_or_404(Order.objects.visible_to(request.user).select_related("party"), pk=order)
    free = services.returnable(of)
    lines = [(line, free[line.pk]) for line in of.lines.order_by("position")]
    form = OpenReturnForm(_sent(request), lines=lines)
    if form.is_bound and form.is_valid():
        try:
            made = services.open_return(of, form.wanted, form.cleaned_data["reason"], once(request.POST))
        except Refused as refusal:
            refusal.field = form.field_of(refusal.facts.get("sku")) or refusal.field
            refuse_form(form, refusal)
        else:
            messages.success(
                request, _("{number} is open; decide on it when you are ready.").format(number=made.number)
            )
            return redirect(made)
    facts = {"order": of, "form": form}
    return render(request, "erp/returns/new.html", facts, status=422 if form.is_bound else 200)


@role_required(*DECIDERS)
def authorise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The customer may send the goods."""

    def take(goods_return: Return, told: dict[str, Any]) -> str:
        services.authorise(goods_return, told["instructions"])
        return _("{number} is authorised; the customer can be told how to send the goods.").format(
            number=goods_return.number
        )

    words = {"title": _("Authorise"), "submit": _("Authorise"), "tone": "primary"}
    return _step(request, _found(request, pk), "authorise", AuthoriseForm(_sent(request)), take, words)


@role_required(*DECIDERS)
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The goods are not taken back."""

    def take(goods_return: Return, told: dict[str, Any]) -> str:
        services.refuse(goods_return, told["reason"])
        return _("{number} is refused; the agent reads why on the ticket.").format(number=goods_return.number)

    words = {"title": _("Refuse"), "submit": _("Refuse the return"), "tone": "bad"}
    return _step(request, _found(request, pk), "refuse", RefuseForm(_sent(request)), take, words)


@role_required(*RECEIVERS)
def receive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Goods came in; sent twice they are received once."""
    goods_return = _found(request, pk)
    form = ReceiveForm(_sent(request), lines=_lines(goods_return))

    def take(goods_return: Return, _told: dict[str, Any]) -> str:
        services.receive(goods_return, form.quantities, posting=once(request.POST))
        return _("{number}: the goods are in.").format(number=goods_return.number)

    return _step(request, goods_return, "receive", form, take, {})


@role_required(*SETTLERS)
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Credit what came back."""

    def take(goods_return: Return, told: dict[str, Any]) -> str:
        settled = services.settle(goods_return, told["date"], request.user)
        return _("{number} is settled by {note}.").format(number=settled.number, note=settled.credit_note_number)

    words = {"title": _("Settle"), "submit": _("Write the credit note"), "tone": "primary"}
    return _step(request, _found(request, pk), "settle", SettleForm(_sent(request)), take, words)


# ---- below: what the steps share -------------------------------------------------------------------------------------


def _step(
    request: HttpRequest,
    goods_return: Return,
    verb: str,
    form: StepForm,
    take: Callable[[Return, dict[str, Any]], str],
    words: dict[str, str],
) -> HttpResponse:
    """Take a step, or show its form, with what was refused at the field it is about."""
    if not form.is_bound and not can_proceed(getattr(goods_return, verb)):
        messages.info(request, str(services.not_so(goods_return)))
        return redirect(goods_return)
    if form.is_bound and form.is_valid():
        try:
            done = take(goods_return, form.cleaned_data)
        except Refused as refusal:
            refusal.field = form.field_of(refusal.facts.get("sku")) or refusal.field
            refuse_form(form, refusal)
        else:
            messages.success(request, done)
            return redirect(goods_return)
    template = "erp/returns/receive.html" if verb == "receive" else "erp/returns/step.html"
    facts = {"return": goods_return, "form": form, "lines": _lines(goods_return), **words}
    return render(request, template, facts, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _found(request: HttpRequest, pk: UUID) -> Return:
    return get_object_or_404(Return.objects.visible_to(request.user).for_list(), pk=pk)


def _lines(goods_return: Return) -> list[ReturnLine]:
    return list(goods_return.lines.select_related("order_line__product").order_by("order_line__position"))
