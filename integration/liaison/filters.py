"""What amendments are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from integration.liaison.models import Amendment


class AmendmentFilter(ListFilterSet):
    """By record, contract and day; `waiting` leaves out what is done, or what is not."""

    waiting = YesNoFilter(field_name="done_at", lookup_expr="isnull", label=_("Still to mend"))
    start = django_filters.DateFilter(field_name="asked_at", lookup_expr="date__gte", label=_("Asked from"))
    end = django_filters.DateFilter(field_name="asked_at", lookup_expr="date__lte", label=_("Asked until"))
    contract = django_filters.CharFilter(label=_("Contract"))
    done_by = django_filters.CharFilter(label=_("Mended by"))
    about = django_filters.CharFilter(label=_("Record"), widget=forms.HiddenInput)

    class Meta:
        model = Amendment
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in what is wrong, in the record or in the answer; or the case's number."""
        words = text.strip().lstrip("#")
        if not words:
            return rows
        found = Q(cause__icontains=words) | Q(about__icontains=words) | Q(answer__icontains=words)
        return rows.filter(found | Q(number__iexact=words))
