"""Pages of the warehouse."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.tiers import Tier, sees
from erp.inventory import services
from erp.inventory.forms import CountForm, ReceiveForm, skus
from erp.inventory.lists import MOVES, STOCK
from erp.inventory.models import plain
from erp.inventory.reports import stock_check, stock_of
from erp.inventory.roles import KEEPERS, READERS
from erp.products.forms import once, refuse
from erp.products.models import Product

EVERYBODY = (*KEEPERS, *READERS)


@role_required(*EVERYBODY)
def stock(request: HttpRequest) -> HttpResponse:
    """What lies where; for who may see it, also what it is worth and that the books agree."""
    is_page = request.headers.get("HX-Target") != "listing" and "part" not in request.GET
    return show(request, STOCK, check=stock_check() if is_page and sees(request.user, Tier.COST) else None)


@role_required(*EVERYBODY)
def all_moves(request: HttpRequest) -> HttpResponse:
    """Every move of goods, the last one first."""
    return show(request, MOVES)


@role_required(*EVERYBODY)
def moves(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How a product's stock came about: every move with the balance after it and the entry it was booked with."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    facts = {
        "product": product,
        "stock": stock_of(product),
        "sees_cost": sees(request.user, Tier.COST),
        "may_write": has_role(request.user, *KEEPERS),
    }
    return show(request, MOVES, fixed={"product": str(product.pk)}, template="erp/inventory/moves.html", **facts)


@role_required(*KEEPERS)
def receive(request: HttpRequest) -> HttpResponse:
    """Goods came in; the form comes back empty for the next ones."""
    form = ReceiveForm(request.POST or None, initial={"product": request.GET.get("product", "")})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            move = services.receive(
                told["product"],
                told["quantity"],
                told["unit_cost"],
                told["date"],
                reference=told["reference"],
                posting=once(request.POST),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            words = _("{quantity} of {product} received; {on_hand} lie there now.")
            facts = {"quantity": plain(move.quantity), "on_hand": plain(move.on_hand_after)}
            messages.success(request, words.format(product=told["product"].sku, **facts))
            return redirect("inventory:receive")
    return render(request, "erp/inventory/receive.html", {"form": form, "skus": skus()})


@role_required(*KEEPERS)
def count(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody counted; the difference is booked with its reason."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    form = CountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            move = services.count(
                product, form.cleaned_data["counted"], timezone.localdate(), form.cleaned_data["reason"]
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The balance is corrected.") if move else _("The balance was right."))
            return redirect(reverse("inventory:moves", args=[pk]))
    return render(request, "erp/inventory/count.html", {"form": form, "product": product})
