"""Pages of invoices: the list, the document with its trail, what waits to be invoiced, who owes what."""

from collections.abc import Sequence
from datetime import date as Day
from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base import sheets
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.stepup import step_up_required
from erp.banking.forms import PayOutForm, carried_out
from erp.banking.models import Receipt
from erp.banking.roles import ACCOUNTANTS, AUDITORS, INVOICE_READERS
from erp.invoices import credits, figures, reports, services, trail
from erp.invoices.files import as_file
from erp.invoices.forms import AsOfForm, PaymentForm, RefundForm
from erp.invoices.lists import INVOICES, TO_INVOICE
from erp.invoices.models import Invoice
from erp.ledger.reporting import sheet_of
from erp.ledger.services import company
from erp.orders.models import Order
from erp.products.forms import once

READERS = (*ACCOUNTANTS, *INVOICE_READERS)


@role_required(*READERS)
def invoice_list(request: HttpRequest) -> HttpResponse:
    """Documents, the last first, with the sums of the whole list."""
    return show(request, INVOICES)


@role_required(*READERS)
def waiting(request: HttpRequest) -> HttpResponse:
    """Orders with goods that are shipped and on no invoice yet."""
    return show(request, TO_INVOICE)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The document at the left, what belongs to it at the right."""
    return _page(request, _invoice(request, pk))


@role_required(*READERS)
def document(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The document as a file: PDF in the language asked for, or XML."""
    invoice = _invoice(request, pk)
    try:
        return as_file(invoice, form, request.GET.get("language", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(invoice)


@role_required(*ACCOUNTANTS)
@require_POST
def issue(request: HttpRequest, order: UUID) -> HttpResponse:
    """Invoice what is shipped; a doubled click gets the same invoice."""
    found = get_object_or_404(Order.objects.visible_to(request.user), pk=order)
    key = once(request.POST)
    try:
        invoice = services.issue(found, request.user, key=str(key) if key else None)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("invoices:waiting")
    messages.success(request, _("{number} is issued.").format(number=invoice.number))
    return redirect(invoice)


@role_required(*ACCOUNTANTS)
@require_POST
def pay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Money came for it."""
    invoice, key = _invoice(request, pk), once(request.POST)
    form = PaymentForm.of(invoice, request.POST)
    receipt = carried_out(
        form, lambda told: services.take_payment(invoice, by=request.user, key=str(key) if key else None, **told)
    )
    if receipt is None:
        return _page(request, invoice, status=422, payment=form)
    messages.success(request, _("{number} is booked.").format(number=receipt.number))
    return redirect(invoice)


@role_required(*ACCOUNTANTS)
@require_POST
@step_up_required
def refund(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What of a credit note was not set off goes back."""
    note, key = _invoice(request, pk), once(request.POST)
    form = RefundForm.of(note, request.POST)
    receipt = carried_out(
        form, lambda told: services.refund(note, by=request.user, key=str(key) if key else None, **told)
    )
    if receipt is None:
        return _page(request, note, status=422, refund=form)
    messages.success(request, _("{number} is paid back.").format(number=receipt.number))
    return redirect(note)


@role_required(*ACCOUNTANTS)
@require_POST
def use_rest(request: HttpRequest, receipt: UUID) -> HttpResponse:
    """What a customer paid too much settles their other invoices, the oldest first."""
    found = get_object_or_404(Receipt.objects.visible_to(request.user).select_related("party"), pk=receipt)
    try:
        settled = credits.use_rest(found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It settles {numbers}.").format(numbers=", ".join(one.number for one in settled)))
    return redirect(found)


@role_required(*ACCOUNTANTS)
@require_POST
@step_up_required
def refund_rest(request: HttpRequest, receipt: UUID) -> HttpResponse:
    """What a customer paid too much goes back."""
    found = get_object_or_404(Receipt.objects.visible_to(request.user).select_related("party"), pk=receipt)
    form, key = PayOutForm(request.POST), once(request.POST)
    back = carried_out(
        form, lambda told: credits.refund_rest(found, by=request.user, key=str(key) if key else None, **told)
    )
    if back is None:
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return redirect(found)
    messages.success(request, _("{number} is paid back.").format(number=back.number))
    return redirect(back)


@role_required(*ACCOUNTANTS, *AUDITORS)
def aging(request: HttpRequest) -> HttpResponseBase:
    """Who owes what since when, on a day; and whether the books agree."""
    form = AsOfForm(request.GET or None)
    as_of: Day = (form.cleaned_data.get("as_of") if form.is_valid() else None) or timezone.localdate()
    rows = reports.aging(as_of)
    totals = reports.totals(rows)
    if file_format := request.GET.get("format"):
        return _aging_file(request, as_of, rows, totals, file_format)
    facts = {
        "form": AsOfForm(initial={"as_of": as_of}),
        "as_of": as_of,
        "bands": [label for label, _start in reports.BANDS],
        "rows": rows,
        "totals": totals,
        "chart": figures.aging_bands(totals),
        "check": reports.receivables_check(as_of),
    }
    return render(request, "erp/invoices/aging.html", facts)


def _aging_file(
    request: HttpRequest, as_of: Day, rows: Sequence[reports.Aging], totals: Sequence[Decimal], file_format: str
) -> HttpResponseBase:
    """The same rows for a spreadsheet or on paper."""
    bands = [*(str(label) for label, _start in reports.BANDS), _("Total")]
    columns = [
        sheets.Heading(_("Code")),
        sheets.Heading(_("Customer")),
        *(sheets.Heading(band, is_number=True) for band in bands),
    ]
    lines = [sheets.Line([row.party.code, row.party.name, *row.bands, row.total]) for row in rows]
    lines.append(sheets.Line(["", _("Sum"), *totals], "sum"))
    sheet = sheet_of(company(), _("Aging of receivables"), columns, lines, by=request.user, end=as_of)
    return sheets.as_file(sheet, file_format, f"aging-{as_of.isoformat()}")


@role_required(*ACCOUNTANTS, *AUDITORS)
def sales(request: HttpRequest) -> HttpResponse:
    """What was invoiced and credited, month by month."""
    return render(request, "erp/invoices/sales.html", {"chart": figures.sales_by_month()})


def _may_write(request: HttpRequest) -> bool:
    return has_role(request.user, *ACCOUNTANTS)


def _invoice(request: HttpRequest, pk: UUID) -> Invoice:
    return get_object_or_404(
        Invoice.objects.visible_to(request.user).for_list().select_related("company", "entry"), pk=pk
    )


def _page(request: HttpRequest, invoice: Invoice, status: int = 200, **given: forms.Form) -> HttpResponse:
    lines = list(invoice.lines.select_related("order_line", "deposit", "credits__invoice").order_by("position"))
    facts = {
        "invoice": invoice,
        "lines": lines,
        "taxes": reports.tax_summary(lines),
        "instalments": invoice.instalments.all(),
        "allocations": invoice.allocations.select_related("receipt", "credit"),
        "uses": invoice.uses.select_related("invoice"),
        "siblings": Invoice.objects.visible_to(request.user)
        .filter(order=invoice.order_id)
        .exclude(pk=invoice.pk)
        .for_list()
        .order_by("id"),
        "may_write": _may_write(request),
        "sees_money": has_role(request.user, *ACCOUNTANTS, *AUDITORS),
        "payment": given.get("payment") or PaymentForm.of(invoice),
        "refund": given.get("refund") or RefundForm.of(invoice),
        "sections": trail.sections(request, invoice),
    }
    return render(request, "erp/invoices/detail.html", facts, status=status)
