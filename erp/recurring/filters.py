"""What patterns are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.recurring.models import RecurringStatus, RecurringVoucher
from erp.recurring.rhythm import Every


class RecurringFilter(ListFilterSet):
    """By state, rhythm and the next day."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=RecurringStatus.choices, empty_label=_("Any state"))
    every = django_filters.ChoiceFilter(label=_("How often"), choices=Every.choices, empty_label=_("Any rhythm"))
    next_until = django_filters.DateFilter(field_name="next_on", lookup_expr="lte", label=_("Due until"))

    class Meta:
        model = RecurringVoucher
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in its name or text."""
        for word in text.split():
            rows = rows.filter(Q(name__icontains=word) | Q(text__icontains=word))
        return rows
