"""Pages of the catalogue: to look at, never to change."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from base.lists import keyset_page
from base.roles import role_required
from crm.catalogue.forms import ProductFilterForm
from crm.catalogue.models import PriceVersion, Product, ProductStatus
from crm.catalogue.reports import with_price

READERS = ("rep", "agent", "manager", "admin")


@require_GET
@role_required(*READERS)
def product_list(request: HttpRequest) -> HttpResponse:
    """Products by name with today's price."""
    shown = Product.objects.visible_to(request.user).shown()
    categories = list(shown.exclude(category="").order_by("category").values_list("category", flat=True).distinct())
    form = ProductFilterForm(request.GET, categories=categories)
    form.is_valid()
    rows = shown if form.cleaned_data.get("status") == "all" else shown.filter(status=_status(form.cleaned_data))
    if form.cleaned_data.get("category"):
        rows = rows.filter(category=form.cleaned_data["category"])
    if text := request.GET.get("q", "").strip():
        rows = rows.matching(text)
    page = keyset_page(with_price(rows, timezone.localdate(), "EUR"), request, order=("name", "pk"))
    narrowed = bool(text) or any(form.cleaned_data.values())
    return render(request, "crm/catalogue/list.html", {"page": page, "form": form, "narrowed": narrowed})


@require_GET
@role_required(*READERS)
def product_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One product and what it cost when."""
    product = get_object_or_404(
        with_price(Product.objects.visible_to(request.user).shown(), timezone.localdate(), "EUR"), pk=pk
    )
    context = {"product": product, "prices": _with_change(list(product.prices.all()))}
    return render(request, "crm/catalogue/detail.html", context)


def _status(chosen: dict[str, Any]) -> str:
    return ProductStatus.WITHDRAWN if chosen.get("status") == "withdrawn" else ProductStatus.PUBLISHED


def _with_change(prices: list[PriceVersion]) -> list[dict[str, Any]]:
    """Newest first, each with its difference to the version before and whether it counts today."""
    today, found = timezone.localdate(), []
    current: set[str] = set()
    for price, earlier in pairwise([*prices, None]):
        assert price is not None
        counts = price.valid_from <= today and price.currency not in current
        if counts:
            current.add(price.currency)
        same = earlier is not None and earlier.currency == price.currency
        change = price.amount - earlier.amount if earlier is not None and same else None
        found.append({"price": price, "change": change, "counts": counts, "coming": price.valid_from > today})
    return found
