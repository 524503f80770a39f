"""What opening items are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.openings.models import ItemStatus, OpeningItem, OpeningItemQuerySet, Side

_MORE = [("unsettled", _("Not settled")), ("overdue", _("Overdue"))]


class OpeningItemFilter(ListFilterSet):
    """By state, kind, day and party."""

    status = django_filters.ChoiceFilter(
        method="with_status", label=_("Status"), choices=[*_MORE, *ItemStatus.choices], empty_label=_("Any status")
    )
    side = django_filters.ChoiceFilter(label=_("Kind"), choices=Side.choices, empty_label=_("Customers and suppliers"))
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    due_until = django_filters.DateFilter(field_name="due", lookup_expr="lte", label=_("Due until"))
    opened_on = django_filters.DateFilter(label=_("In the books from"))
    amount_min = django_filters.NumberFilter(field_name="amount", lookup_expr="gte", label=_("Amount from"))
    amount_max = django_filters.NumberFilter(field_name="amount", lookup_expr="lte", label=_("Amount up to"))
    party_code = django_filters.CharFilter(
        field_name="party__code", lookup_expr="iexact", label=_("Customer's or supplier's code")
    )
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Party"), widget=forms.HiddenInput)

    class Meta:
        model = OpeningItem
        fields: list[str] = []

    def with_status(self, rows: OpeningItemQuerySet, _name: str, value: str) -> OpeningItemQuerySet:
        """As what is open says; `overdue` and `unsettled` are asked most."""
        if value in ("unsettled", "overdue"):
            return rows.overdue() if value == "overdue" else rows.unsettled()
        return rows.with_status(value)
