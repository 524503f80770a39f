"""What products are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from crm.catalogue.models import Product, ProductQuerySet, ProductStatus

_STATUS = [("published", _("Offered now")), ("withdrawn", _("Withdrawn only")), ("all", _("Withdrawn ones too"))]


class ProductFilter(ListFilterSet):
    """By category, and whether it is still offered; the search looks into SKU, name and category."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), method="with_status", choices=_STATUS, empty_label=_("Withdrawn ones too")
    )
    category = django_filters.CharFilter(label=_("Category"))
    sku = django_filters.CharFilter(label=_("SKU"))
    tax_class = django_filters.CharFilter(label=_("Tax class"))

    class Meta:
        model = Product
        fields: list[str] = []

    def with_status(self, products: ProductQuerySet, _name: str, value: str) -> Any:
        """Offered, withdrawn, or both; what was only announced is never shown."""
        return products if value == "all" else products.filter(status=ProductStatus(value))
