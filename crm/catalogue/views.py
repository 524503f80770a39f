"""Pages of the catalogue: to look at, never to change."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from base.fields import house_currency
from base.listing.views import show
from base.roles import role_required
from crm.catalogue.lists import PRODUCTS
from crm.catalogue.lists import READERS as READERS
from crm.catalogue.models import PriceVersion, Product
from crm.catalogue.reports import with_price


@require_GET
@role_required(*READERS)
def product_list(request: HttpRequest) -> HttpResponse:
    """Products by name with today's price."""
    return show(request, PRODUCTS)


@require_GET
@role_required(*READERS)
def product_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One product and what it cost when."""
    product = get_object_or_404(
        with_price(Product.objects.visible_to(request.user).shown(), timezone.localdate(), house_currency()), pk=pk
    )
    context = {"product": product, "prices": _with_change(list(product.prices.all()))}
    return render(request, "crm/catalogue/detail.html", context)


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
