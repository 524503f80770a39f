"""Pages of the bank desk: receipts, and deposits as tasks with a clock."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from base.listing.views import show
from base.roles import has_role, role_required
from base.stepup import step_up_required
from erp.banking import services
from erp.banking.forms import (
    DismissForm,
    MoneyForm,
    PayOutForm,
    RecordDepositForm,
    carried_out,
)
from erp.banking.lists import DEPOSITS, RECEIPTS
from erp.banking.models import Deposit, DepositStatus, Receipt
from erp.banking.roles import ACCOUNTANTS, AUDITORS
from erp.products.forms import once

READERS = (*ACCOUNTANTS, *AUDITORS)


@role_required(*READERS)
def receipts(request: HttpRequest) -> HttpResponse:
    """Money that moved, the last first, with its sum."""
    return show(request, RECEIPTS)


@role_required(*READERS)
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One receipt: what it paid, and its entry."""
    found = get_object_or_404(
        Receipt.objects.visible_to(request.user).select_related("party", "entry", "refunds", "company"), pk=pk
    )
    facts = {
        "receipt": found,
        "allocations": found.allocations.select_related("invoice__order"),
        "openings": found.opening_allocations.select_related("item"),
        "deposit": Deposit.objects.visible_to(request.user).filter(receipt=found).first()
        or Deposit.objects.visible_to(request.user).filter(refund=found).first(),
        "lines": found.entry.lines.select_related("account"),
        "may_write": has_role(request.user, *ACCOUNTANTS),
        "refund": PayOutForm(initial={"reference": found.number}),
    }
    return render(request, "erp/banking/receipt.html", facts)


@role_required(*READERS)
def deposits(request: HttpRequest) -> HttpResponse:
    """What is to be booked, the most urgent first; or all deposits."""
    return show(request, DEPOSITS)


@role_required(*READERS)
def deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One deposit from rumour to use; with the one form that the next step needs."""
    found = _deposit(request, pk)
    waits = {"amount": found.reported_amount, "reference": found.reference[:140]}
    return _deposit_page(request, found, book=MoneyForm(initial=waits))


@role_required(*ACCOUNTANTS)
def book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form in a sheet over the list, and its post: the money is there."""
    found = _deposit(request, pk)
    waits = {"amount": found.reported_amount, "reference": found.reference[:140]}
    form = MoneyForm(request.POST or None, initial=waits)
    if request.method != "POST":
        return render(request, "erp/banking/_book.html", {"deposit": found, "book": form})
    key = once(request.POST)
    done = carried_out(
        form, lambda told: services.book_deposit(found, by=request.user, key=str(key) if key else None, **told)
    )
    if done is None:
        return _deposit_page(request, found, book=form, status=422)
    assert done.receipt is not None
    messages.success(request, _("{number} is booked.").format(number=done.receipt.number))
    return redirect("banking:deposits")


@role_required(*ACCOUNTANTS)
def dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """No money comes, and this is why."""
    found, form = _deposit(request, pk), DismissForm(request.POST or None)
    if request.method == "POST":
        if carried_out(form, lambda told: services.dismiss(found, told["reason"], request.user)):
            messages.success(request, _("The task is closed; the reason is kept."))
            return redirect("banking:deposits")
        return _deposit_page(request, found, dismiss=form, status=422)
    return redirect(found)


@role_required(*ACCOUNTANTS)
@step_up_required
def refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What invoices did not use goes back."""
    found, form = _deposit(request, pk), PayOutForm(request.POST or None)
    if request.method != "POST":
        return redirect(found)
    key = once(request.POST)
    done = carried_out(
        form,
        lambda told: services.refund_deposit(found, by=request.user, key=str(key) if key else None, **told),
    )
    if done is None:
        return _deposit_page(request, found, refund=form, status=422)
    messages.success(request, _("{number}: the deposit is paid back.").format(number=done.number))
    return redirect(found)


@role_required(*ACCOUNTANTS)
def new_deposit(request: HttpRequest) -> HttpResponse:
    """Money for an order that nobody reported."""
    form = RecordDepositForm(request.POST or None, initial={"order": request.GET.get("order", "")})
    key = once(request.POST)
    if request.method == "POST":
        done = carried_out(
            form,
            lambda told: services.record_deposit(
                told["order"],
                told["amount"],
                told["date"],
                request.user,
                told["reference"],
                str(key) if key else None,
                method=told["method"],
            ),
        )
        if done is not None:
            messages.success(request, _("The deposit is booked."))
            return redirect(done)
    return render(request, "erp/banking/new_deposit.html", {"form": form})


def _deposit(request: HttpRequest, pk: UUID) -> Deposit:
    return get_object_or_404(
        Deposit.objects.visible_to(request.user).select_related("party", "order", "receipt__entry", "refund__entry"),
        pk=pk,
    )


def _deposit_page(request: HttpRequest, found: Deposit, status: int = 200, **forms: object) -> HttpResponse:
    found = _deposit(request, found.pk)
    may_write = has_role(request.user, *ACCOUNTANTS)
    facts = {
        "deposit": found,
        "uses": found.invoice_lines.select_related("invoice").order_by("invoice__issued_at"),
        "may_write": may_write,
        "may_refund": may_write
        and found.status == DepositStatus.BOOKED
        and (found.order is None or found.order.status != "accepted"),
        "book": forms.get("book") or MoneyForm(initial={"amount": found.reported_amount}),
        "dismiss": forms.get("dismiss") or DismissForm(),
        "refund": forms.get("refund") or PayOutForm(),
    }
    return render(request, "erp/banking/deposit.html", facts, status=status)
