"""Pages of bills: the list, a draft to write, a bill with its entry and payments."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.stepup import step_up_required
from erp.banking.forms import carried_out
from erp.bills import services
from erp.bills.forms import BillForm, PayForm, line_grid
from erp.bills.lists import BILLS, state_of
from erp.bills.models import Bill, BillStatus
from erp.bills.roles import READERS, WRITERS
from erp.ledger.models import Account, Dimension
from erp.ledger.services import company
from erp.parties.models import Party
from erp.products.forms import once


@role_required(*READERS)
def bill_list(request: HttpRequest) -> HttpResponse:
    """What suppliers ask, the last first, with the sums of the whole list."""
    return show(request, BILLS)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The bill at the left, its entry and payments at the right."""
    return _page(request, _bill(request, pk))


@role_required(*WRITERS)
def new(request: HttpRequest) -> HttpResponse:
    """A bill, as a draft."""
    party = Party.objects.visible_to(request.user).suppliers().filter(code=request.GET.get("party", "")).first()
    return _draft(request, None, {"party": f"{party.code} {party.name}"} if party else {})


@role_required(*WRITERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a draft anew."""
    bill = get_object_or_404(
        Bill.objects.visible_to(request.user).select_related("party"), pk=pk, status=BillStatus.DRAFT
    )
    initial = {name: getattr(bill, name) for name in ("number", "date", "due", "inclusive", "note", "currency")}
    if bill.by_terms:
        del initial["due"]  # left empty it stays so
    return _draft(request, bill, {"party": f"{bill.party.code} {bill.party.name}", **initial})


@role_required(*WRITERS)
@require_POST
def move(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """Post it, or discard it."""
    bill = _bill(request, pk)
    try:
        {"post": services.post, "discard": services.discard}[step](bill, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        done = _("{number} is posted.") if step == "post" else _("{number} is discarded.")
        messages.success(request, done.format(number=bill.number))
    return redirect(bill)


@role_required(*WRITERS)
@require_POST
@step_up_required
def pay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Money to the supplier."""
    bill, key = _bill(request, pk), once(request.POST)
    form = PayForm.of(bill, request.POST)
    paid = carried_out(form, lambda told: services.pay(bill, by=request.user, key=str(key) if key else None, **told))
    if paid is None:
        return _page(request, bill, status=422, payment=form)
    messages.success(request, _("{number} is booked.").format(number=paid.number))
    return redirect(bill)


def _draft(request: HttpRequest, bill: Bill | None, initial: dict[str, Any]) -> HttpResponse:
    form, grid = BillForm(request.POST or None, initial=initial), line_grid(request.POST or None, bill)
    if request.method == "POST" and form.is_valid() and grid.is_valid():
        told = dict(form.cleaned_data)
        party, number, date = told.pop("party"), told.pop("number"), told.pop("date")
        try:
            if bill is None:
                saved = services.write(party, number, date, grid.lines, request.user, id=once(request.POST), **told)
            else:
                saved = services.change(
                    bill, party, number, date, grid.lines, request.user, version=request.POST.get("version", ""), **told
                )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(saved)
    status = 422 if request.method == "POST" else 200
    accounts = Account.objects.visible_to(request.user).filter(
        company=company(), is_group=False, control=False, active=True
    ).order_by("code")  # fmt: skip
    named = Dimension.objects.visible_to(request.user).filter(company=company(), active=True).order_by("code")
    facts = {"form": form, "grid": grid, "bill": bill, "accounts": accounts, "dimensions": named}
    return render(request, "erp/bills/form.html", facts, status=status)


def _bill(request: HttpRequest, pk: UUID) -> Bill:
    return get_object_or_404(
        Bill.objects.visible_to(request.user).for_list().select_related("company", "posted_by", "received"), pk=pk
    )


def _page(request: HttpRequest, bill: Bill, status: int = 200, **given: Any) -> HttpResponse:
    facts = {
        "bill": bill,
        "state": state_of(bill),
        "lines": bill.lines.select_related("account", "cost_centre", "project"),
        "payments": bill.payments.select_related("receipt"),
        "instalments": bill.instalments.all(),
        "may_write": has_role(request.user, *WRITERS),
        "payment": given.get("payment") or PayForm.of(bill),
    }
    return render(request, "erp/bills/detail.html", facts, status=status)
