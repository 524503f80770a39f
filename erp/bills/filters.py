"""What bills are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.bills.models import Bill, BillQuerySet, BillStatus

_MORE = [("unpaid", _("To pay")), ("overdue", _("Overdue"))]


class BillFilter(ListFilterSet):
    """By state, day and supplier."""

    status = django_filters.ChoiceFilter(
        method="with_status", label=_("State"), choices=[*_MORE, *BillStatus.choices], empty_label=_("Any state")
    )
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    due_until = django_filters.DateFilter(field_name="due", lookup_expr="lte", label=_("Due until"))
    party_code = django_filters.CharFilter(field_name="party__code", lookup_expr="iexact", label=_("Supplier's code"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Supplier"), widget=forms.HiddenInput)

    class Meta:
        model = Bill
        fields: list[str] = []

    def with_status(self, rows: BillQuerySet, _name: str, value: str) -> BillQuerySet:
        """A state, or what is still to be paid."""
        if value in ("unpaid", "overdue"):
            return rows.overdue() if value == "overdue" else rows.unpaid()
        return rows.filter(status=value)
