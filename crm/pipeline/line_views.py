"""The lines of a deal, edited where they stand: each change answers with the lines and the head's new total."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.refusals import NotAllowed, Refused
from base.roles import role_required
from crm.accounts.sheets import form_key, quick_form
from crm.catalogue.models import Product
from crm.catalogue.services import prices_on
from crm.pipeline import approvals, reports, services
from crm.pipeline.forms import FreeLineForm, LineForm
from crm.pipeline.models import APPROVERS, READERS, WRITERS, Deal, DealLine
from crm.pipeline.pricing import NewLine
from crm.pipeline.views import page_facts, readable, writable

PRODUCTS_SHOWN = 8


@require_GET
@role_required(*WRITERS)
def products(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The catalogue as one types, with the deal's prices; what it does not know can be added all the same."""
    deal, text = writable(request, pk), request.GET.get("q", "").strip()
    found = (
        list(Product.objects.visible_to(request.user).offered().matching(text).order_by("name", "id")[:PRODUCTS_SHOWN])
        if text
        else []
    )
    listed = prices_on([product.sku for product in found], deal.price_day, deal.currency) if found else {}
    rows = [(product, listed.get(product.sku)) for product in found]
    exact = any(product.sku.lower() == text.lower() for product in found)
    return render(
        request,
        "crm/pipeline/_products.html",
        {"deal": deal, "rows": rows, "text": text, "offer_free": text and not exact},
    )


@require_POST
@role_required(*WRITERS)
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of the product found."""
    deal = writable(request, pk)
    services.add_line(deal, NewLine(request.POST.get("sku", ""), Decimal(1)), by=request.user, id=form_key(request))
    return _lines(request, pk)


@role_required(*WRITERS)
def add_free(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Something the catalogue does not know, with a price of one's own."""
    deal = writable(request, pk)
    initial = {"sku": request.GET.get("sku", ""), "quantity": 1}
    return quick_form(
        request,
        FreeLineForm(request.POST or None, initial=initial),
        title=_("Add something else"),
        submit=_("Add"),
        back=deal.get_absolute_url(),
        save=lambda told: services.add_line(deal, NewLine(**told), by=request.user, id=form_key(request)),
        go=lambda line: deal.get_absolute_url(),
    )


@require_POST
@role_required(*WRITERS)
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A number of a line; what cannot be is said at the line, and what was typed stays."""
    line = _line(request, pk)
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            services.change_line(line, by=request.user, **form.changes(line))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    if form.errors:
        return _lines(request, line.deal_id, bad=(line.pk, form))
    return _lines(request, line.deal_id)


@require_POST
@role_required(*WRITERS)
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the line out; a line that is gone already is gone."""
    line = _line(request, pk)
    services.remove_line(line)
    return _lines(request, line.deal_id)


@require_POST
@role_required(*APPROVERS)
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The manager agrees to the price."""
    line = _line(request, pk)
    approvals.approve_line(line, request.user)
    return _lines(request, line.deal_id)


@require_POST
@role_required(*WRITERS)
def anew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The discount that a promotion gives today, or none."""
    line = _line(request, pk)
    services.price_anew(line, by=request.user)
    return _lines(request, line.deal_id)


@require_GET
@role_required(*READERS)
def prices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every change of a price: who, when, before and after."""
    deal = readable(request, pk)
    asked = deal.approvals.select_related("asked_by", "answered_by")
    context = {"deal": deal, "changes": reports.price_changes(deal), "approvals": asked}
    page = "_prices.html" if request.headers.get("HX-Request") else "prices.html"
    return render(request, f"crm/pipeline/{page}", context)


def _line(request: HttpRequest, pk: UUID) -> DealLine:
    visible = Deal.objects.visible_to(request.user)
    line = get_object_or_404(
        DealLine.objects.visible_to(request.user).select_related("deal__stage__pipeline").filter(deal__in=visible),
        pk=pk,
    )
    if not line.deal.writable_by(request.user):
        raise NotAllowed()
    return line


def _lines(request: HttpRequest, pk: UUID, bad: tuple[UUID, Any] | None = None) -> HttpResponse:
    """The lines anew with the head's total; a plain form post goes back to the page."""
    if not request.headers.get("HX-Request"):
        return redirect(reverse("pipeline:detail", args=[pk]))
    context = page_facts(request, writable(request, pk))
    if bad:
        for line in context["lines"]:
            if line.pk == bad[0]:
                line.form, line.typed = bad[1], bad[1].data
    return render(request, "crm/pipeline/_lines.html", {**context, "swap": True}, status=422 if bad else 200)
