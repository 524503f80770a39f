"""What products are narrowed by, on the page and on the API."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.ledger.services import base_currency
from erp.products.models import Product, ProductStatus


def category_choices() -> list[tuple[str, str]]:
    """Categories that products have."""
    found = Product.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    return [(name, name) for name in found]


class ProductFilter(ListFilterSet):
    """By state, category, supplier, and the day whose price is shown."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=ProductStatus.choices, empty_label=_("Any status"))
    category = django_filters.ChoiceFilter(
        label=_("Category"), choices=category_choices, empty_label=_("All categories")
    )
    name = django_filters.CharFilter(lookup_expr="icontains", label=_("Name"))
    sku = django_filters.CharFilter(label=_("SKU"))
    supplier = django_filters.CharFilter(field_name="supplier__code", label=_("Supplier's code"))
    tax_class = django_filters.CharFilter(label=_("Tax class"))
    price_min = django_filters.NumberFilter(field_name="list_price", lookup_expr="gte", label=_("Price from"))
    price_max = django_filters.NumberFilter(field_name="list_price", lookup_expr="lte", label=_("Price up to"))
    on = django_filters.DateFilter(method="priced", label=_("Day of the price"), widget=forms.DateInput)

    class Meta:
        model = Product
        fields: list[str] = []

    def priced(self, products: QuerySet[Product], _name: str, value: date) -> Any:
        """The price of that day."""
        return (
            Product.objects.filter(pk__in=products.values("pk"))
            .select_related("supplier")
            .with_price(value, base_currency())
        )
