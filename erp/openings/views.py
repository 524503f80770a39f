"""Pages of openings: the days that were opened with what is still to come, and the items."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.stepup import require_step_up, step_up_required
from erp.banking.forms import carried_out
from erp.ledger.reports import account_balance
from erp.ledger.services import account, base_currency, company
from erp.openings import reports, services
from erp.openings.forms import SettleForm
from erp.openings.lists import OPENING_ITEMS, state_of
from erp.openings.models import OpeningBalance, OpeningItem
from erp.openings.roles import READERS, WRITERS
from erp.products.forms import once


@role_required(*READERS)
def items(request: HttpRequest) -> HttpResponse:
    """Items from before, those due first, with the sums of the whole list."""
    return show(request, OPENING_ITEMS)


@role_required(*READERS)
def days(request: HttpRequest) -> HttpResponse:
    """The days that were opened, and what waits on the account of opening balances."""
    found = OpeningBalance.objects.visible_to(request.user).filter(company=company())
    facts = {
        "days": found.select_related("entry", "reversal"),
        "waiting": account(services.WAITING),
        "waits": account_balance(services.WAITING),
        "currency": base_currency(),
        "may_write": has_role(request.user, *WRITERS),
    }
    return render(request, "erp/openings/days.html", facts)


@role_required(*READERS)
def balances(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One day: what was told of each account, and how much of what documents keep has come."""
    opening = get_object_or_404(
        OpeningBalance.objects.visible_to(request.user).select_related("entry", "reversal", "company"), pk=pk
    )
    lines = list(opening.lines.select_related("account"))
    facts = {
        "opening": opening,
        "lines": lines,
        "debit": sum((line.debit for line in lines), reports.ZERO),
        "credit": sum((line.credit for line in lines), reports.ZERO),
        "checks": [] if opening.reversal else reports.checks(opening.day),
        "by_document": services.BY_DOCUMENT,
        "waiting": account(services.WAITING),
        "may_write": has_role(request.user, *WRITERS),
    }
    return render(request, "erp/openings/balances.html", facts)


@role_required(*WRITERS)
@require_POST
@step_up_required
def take_back_balances(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The figures of the day were wrong."""
    opening = get_object_or_404(OpeningBalance.objects.visible_to(request.user), pk=pk)
    try:
        entry = services.take_back_accounts(opening, request.user, _("Opening balances taken back"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back by {number}.").format(number=entry.number))
    return redirect(opening)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The item at the left with what settled it, its facts at the right."""
    return _page(request, _item(request, pk))


@role_required(*WRITERS)
@require_POST
def pay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Money came for it, or went for it."""
    item, key = _item(request, pk), once(request.POST)
    if not item.is_receivable:
        require_step_up(request)
    form = SettleForm.of(item, request.POST)
    receipt = carried_out(
        form, lambda told: services.settle(item, by=request.user, key=str(key) if key else None, **told)
    )
    if receipt is None:
        return _page(request, item, form, status=422)
    messages.success(request, _("{number} is booked.").format(number=receipt.number))
    return redirect(item)


@role_required(*WRITERS)
@require_POST
@step_up_required
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It should not have come."""
    item = _item(request, pk)
    try:
        entry = services.take_back_item(item, request.user, _("Opening item taken back"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back by {number}.").format(number=entry.number))
    return redirect(item)


def _item(request: HttpRequest, pk: UUID) -> OpeningItem:
    rows = OpeningItem.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("reversal", "company"), pk=pk)


def _page(request: HttpRequest, item: OpeningItem, form: SettleForm | None = None, status: int = 200) -> HttpResponse:
    facts = {
        "item": item,
        "state": state_of(item),
        "allocations": item.allocations.select_related("receipt"),
        "may_write": has_role(request.user, *WRITERS),
        "form": form or SettleForm.of(item),
    }
    return render(request, "erp/openings/detail.html", facts, status=status)
