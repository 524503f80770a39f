"""What balances and moves are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.inventory.models import Reason, StockBalance, StockMove
from erp.products.filters import category_choices
from erp.products.models import Product

_SHOW = [("free", _("Free units")), ("reserved", _("With reservations")), ("out", _("Run out"))]


class BalanceFilter(ListFilterSet):
    """By product and place, and by what is free."""

    show = django_filters.ChoiceFilter(method="showing", label=_("Show"), choices=_SHOW, empty_label=_("All stock"))
    category = django_filters.ChoiceFilter(
        field_name="product__category", label=_("Category"), choices=category_choices, empty_label=_("All categories")
    )
    in_stock = YesNoFilter(method="lying", label=_("Something lies there"))
    sku = django_filters.CharFilter(field_name="product__sku", label=_("SKU"))
    location = django_filters.CharFilter(field_name="location__code", lookup_expr="iexact", label=_("Location"))
    value_min = django_filters.NumberFilter(field_name="value", lookup_expr="gte", label=_("Value from"))

    class Meta:
        model = StockBalance
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Whose product has these words."""
        return rows.filter(product__in=Product.objects.matching(text)) if text else rows

    def showing(self, balances: QuerySet[StockBalance], _name: str, value: str) -> QuerySet[StockBalance]:
        """What is free, what is promised, what has run out."""
        if value == "free":
            return balances.filter(on_hand__gt=F("reserved"))
        return balances.filter(reserved__gt=0) if value == "reserved" else balances.filter(on_hand=F("reserved"))

    def lying(self, balances: QuerySet[StockBalance], _name: str, value: bool) -> QuerySet[StockBalance]:
        """Only what lies there, or only what has run out."""
        return balances.filter(on_hand__gt=0) if value else balances.filter(on_hand=0)


class MoveFilter(ListFilterSet):
    """By product, kind, day and cause."""

    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=Reason.choices, empty_label=_("Any reason"))
    start = django_filters.DateFilter(field_name="effective_on", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="effective_on", lookup_expr="lte", label=_("To"))
    sku = django_filters.CharFilter(field_name="product__sku", label=_("SKU"))
    reference = django_filters.CharFilter(label=_("Reference"))
    recorded_by = django_filters.CharFilter(label=_("Recorded by"))
    effective_on = django_filters.DateFilter(label=_("On the day"))
    product = django_filters.UUIDFilter(field_name="product_id", label=_("Product"), widget=forms.HiddenInput)
    source_type = django_filters.CharFilter(label=_("Source"), widget=forms.HiddenInput)
    source_id = django_filters.UUIDFilter(label=_("Source document"), widget=forms.HiddenInput)
    entry = django_filters.UUIDFilter(field_name="entry_id", label=_("Entry"), widget=forms.HiddenInput)

    class Meta:
        model = StockMove
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Whose product or reference has these words."""
        if not text:
            return rows
        return rows.filter(product__in=Product.objects.matching(text)) | rows.filter(reference__icontains=text)
