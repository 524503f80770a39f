"""What returns are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.tax.models import ReturnStatus, VatReturn


class ReturnFilter(ListFilterSet):
    """By state and days."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=ReturnStatus.choices, empty_label=_("Any state"))
    start = django_filters.DateFilter(field_name="starts_on", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="ends_on", lookup_expr="lte", label=_("To"))

    class Meta:
        model = VatReturn
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in its form's name, in why it is amended, or who filed it."""
        words = text.strip()
        told = Q(form__name__icontains=words) | Q(form__name_zh__icontains=words) | Q(reason__icontains=words)
        return rows.filter(told | Q(filed_by__icontains=words)) if words else rows
