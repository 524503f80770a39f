"""Pages of shipping: what waits, what left, how a parcel is packed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.tiers import Tier, sees
from erp.inventory.reports import moves_of_source
from erp.orders import services as orders
from erp.orders.models import Order
from erp.products.forms import once, refuse
from erp.shipping import services
from erp.shipping.forms import CorrectForm, DispatchForm
from erp.shipping.lists import SHIPMENTS, TO_SHIP
from erp.shipping.models import Shipment
from erp.shipping.roles import KEEPERS, READERS

EVERYBODY = (*KEEPERS, *READERS)


@role_required(*EVERYBODY)
def shipment_list(request: HttpRequest) -> HttpResponse:
    """What left, the last parcel first."""
    return show(request, SHIPMENTS)


@role_required(*EVERYBODY)
def waiting(request: HttpRequest) -> HttpResponse:
    """Orders with goods that could leave now, the longest waiting first."""
    return show(request, TO_SHIP)


@role_required(*EVERYBODY)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One parcel with its goods, moves and entry."""
    shipment = _shipment(request, pk)
    facts = {
        "shipment": shipment,
        "lines": shipment.lines.select_related("order_line").order_by("order_line__position"),
        "moves": moves_of_source("shipment", shipment.pk),
        "sees_cost": sees(request.user, Tier.COST),
        "correct_form": _correct_form(shipment) if has_role(request.user, *KEEPERS) else None,
    }
    return render(request, "erp/shipping/detail.html", facts)


@role_required(*KEEPERS)
@require_POST
def correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put carrier and tracking number right."""
    shipment = _shipment(request, pk)
    form = CorrectForm(request.POST)
    if not form.is_valid():
        return render(request, "erp/shipping/correct.html", {"shipment": shipment, "form": form}, status=422)
    services.correct(shipment, form.cleaned_data["carrier"], form.cleaned_data["tracking"])
    messages.success(request, _("{number}: the sales side sees the right number now.").format(number=shipment.number))
    return redirect(shipment)


@role_required(*EVERYBODY)
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The delivery note, to be printed: goods and quantities, no prices."""
    shipment = _shipment(request, pk)
    lines = shipment.lines.select_related("order_line__product").order_by("order_line__position")
    return render(request, "erp/shipping/note.html", {"shipment": shipment, "lines": lines})


@role_required(*KEEPERS)
def new(request: HttpRequest, order: UUID) -> HttpResponse:
    """Pack a parcel of an order."""
    found = get_object_or_404(Order.objects.visible_to(request.user).select_related("party"), pk=order)
    form = DispatchForm(request.POST or None, order=found)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            shipment = services.dispatch(
                found,
                form.quantities,
                told["carrier"],
                told["tracking"],
                request.user,
                on=told["date"],
                id=once(request.POST),
            )
        except Refused as refusal:
            refusal.field = form.field_of(refusal.facts.get("sku")) or refusal.field
            refuse(form, refusal)
        else:
            messages.success(request, _("{number} has left.").format(number=shipment.number))
            return redirect(shipment)
    return render(request, "erp/shipping/new.html", {"form": form, "order": found})


@role_required(*KEEPERS)
@require_POST
def top_up(request: HttpRequest, order: UUID) -> HttpResponse:
    """Reserve what has become free for the order's backorder lines."""
    got = sum(
        1
        for quantity in orders.allocate(get_object_or_404(Order.objects.visible_to(request.user), pk=order)).values()
        if quantity
    )
    if got:
        text = ngettext("%(lines)d line got goods.", "%(lines)d lines got goods.", got) % {"lines": got}
        messages.success(request, text)
    else:
        messages.info(request, _("Nothing has become free for it."))
    return redirect(reverse("shipping:new", args=[order]))


def _correct_form(shipment: Shipment) -> CorrectForm:
    return CorrectForm(initial={"carrier": shipment.carrier, "tracking": shipment.tracking}, auto_id="correct_%s")


def _shipment(request: HttpRequest, pk: UUID) -> Shipment:
    return get_object_or_404(
        Shipment.objects.visible_to(request.user).select_related("order__party", "carrier", "dispatched_by", "company"),
        pk=pk,
    )
