"""What invoices and credit notes are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.invoices.models import Invoice, InvoiceKind, InvoiceQuerySet, InvoiceStatus

_MORE = [("unsettled", _("Not settled")), ("overdue", _("Overdue"))]


class InvoiceFilter(ListFilterSet):
    """By state, kind, day, order and customer."""

    status = django_filters.ChoiceFilter(
        method="with_status", label=_("Status"), choices=[*_MORE, *InvoiceStatus.choices], empty_label=_("Any status")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=InvoiceKind.choices, empty_label=_("Invoices and credit notes")
    )
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    due_until = django_filters.DateFilter(field_name="due", lookup_expr="lte", label=_("Due until"))
    gross_min = django_filters.NumberFilter(field_name="gross", lookup_expr="gte", label=_("Gross from"))
    gross_max = django_filters.NumberFilter(field_name="gross", lookup_expr="lte", label=_("Gross up to"))
    party_code = django_filters.CharFilter(field_name="party__code", lookup_expr="iexact", label=_("Customer's code"))
    order_number = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", label=_("Order"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    date = django_filters.DateFilter(label=_("On the day"))
    date_from = django_filters.DateFilter(
        field_name="date", lookup_expr="gte", label=_("From, the same as start"), widget=forms.HiddenInput
    )
    date_to = django_filters.DateFilter(
        field_name="date", lookup_expr="lte", label=_("To, the same as end"), widget=forms.HiddenInput
    )
    deal = django_filters.UUIDFilter(field_name="order__deal", label=_("Deal"), widget=forms.HiddenInput)
    order = django_filters.UUIDFilter(field_name="order_id", label=_("Order"), widget=forms.HiddenInput)
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Customer"), widget=forms.HiddenInput)
    return_request = django_filters.UUIDFilter(label=_("Return"), widget=forms.HiddenInput)

    class Meta:
        model = Invoice
        fields: list[str] = []

    def with_status(self, rows: InvoiceQuerySet, _name: str, value: str) -> InvoiceQuerySet:
        """As the open item says; `overdue` and `unsettled` are asked most."""
        if value == "unsettled":
            return rows.unsettled()
        if value == "overdue":
            return rows.overdue()
        return rows.with_status(value)
