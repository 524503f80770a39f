"""Pages of products."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.tiers import Tier, sees
from erp.products import services
from erp.products.forms import NewProductForm, PriceForm, ProductForm, WithdrawForm, once, refuse
from erp.products.lists import PRODUCTS
from erp.products.models import Product
from erp.products.roles import EVERYBODY, KEEPERS
from erp.products.services import DatedPrice


@role_required(*EVERYBODY)
def product_list(request: HttpRequest) -> HttpResponse:
    """What we sell, with today's prices."""
    return show(request, PRODUCTS)


@role_required(*EVERYBODY)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One product with the history of its prices; a price is set on the same page."""
    product = get_object_or_404(Product.objects.visible_to(request.user).select_related("supplier"), pk=pk)
    return _detail(request, product, PriceForm())


@role_required(*KEEPERS)
def new(request: HttpRequest) -> HttpResponse:
    """Add a product, as a draft."""
    form = NewProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        price, since = form.cleaned_data["price"], form.cleaned_data["valid_from"] or timezone.localdate()
        prices = [] if price is None else [DatedPrice(price, since)]
        try:
            product = services.create_product(prices=prices, id=once(request.POST), **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(product)
    return render(request, "erp/products/form.html", {"form": form})


@role_required(*KEEPERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what may be changed; the SKU and the prices stay."""
    product = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    form = ProductForm(request.POST or None, instance=product)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_product(product, **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(product)
    return render(request, "erp/products/form.html", {"form": form, "product": product})


@role_required(*KEEPERS)
@require_POST
def set_price(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new dated price."""
    product = get_object_or_404(Product.objects.visible_to(request.user).select_related("supplier"), pk=pk)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            services.set_price(product, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The price is set."))
            return redirect(product)
    return _detail(request, product, form, status=422)


@role_required(*KEEPERS)
@require_POST
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer it in the CRM."""
    product = services.publish(get_object_or_404(Product.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("{sku} is published.").format(sku=product.sku))
    return redirect(product)


@role_required(*KEEPERS)
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer it no more."""
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    product = services.withdraw(get_object_or_404(Product.objects.visible_to(request.user), pk=pk), reason)
    messages.success(request, _("{sku} is withdrawn.").format(sku=product.sku))
    return redirect(product)


def _detail(request: HttpRequest, product: Product, form: PriceForm, status: int = 200) -> HttpResponse:
    prices = list(product.prices.order_by("currency", "-valid_from"))
    today = timezone.localdate()
    facts = {
        "product": product,
        "prices": prices,
        "current": next((price for price in prices if price.valid_from <= today), None),
        "form": form,
        "withdraw_form": WithdrawForm(),
        "may_write": _may_write(request),
        "sees_prices": sees(request.user, Tier.PRICE),
    }
    return render(request, "erp/products/detail.html", facts, status=status)


def _may_write(request: HttpRequest) -> bool:
    return has_role(request.user, *KEEPERS)
