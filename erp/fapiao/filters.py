"""What the register is narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.fapiao.models import Colour, Fapiao, FapiaoKind, FapiaoQuerySet, FapiaoStatus

_MORE = [("to_mend", _("To mend"))]


class FapiaoFilter(ListFilterSet):
    """By state, kind, colour, day, invoice and buyer."""

    status = django_filters.ChoiceFilter(
        method="with_status", label=_("State"), choices=[*_MORE, *FapiaoStatus.choices], empty_label=_("Any state")
    )
    colour = django_filters.ChoiceFilter(label=_("Colour"), choices=Colour.choices, empty_label=_("Blue and red"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=FapiaoKind.choices, empty_label=_("Any kind"))
    start = django_filters.DateFilter(field_name="issued_on", lookup_expr="gte", label=_("Issued from"))
    end = django_filters.DateFilter(field_name="issued_on", lookup_expr="lte", label=_("Issued to"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Fapiao number"))
    buyer_tax_number = django_filters.CharFilter(lookup_expr="iexact", label=_("Buyer's tax number"))
    invoice_number = django_filters.CharFilter(field_name="invoice__number", lookup_expr="iexact", label=_("Invoice"))
    party_code = django_filters.CharFilter(
        field_name="invoice__party__code", lookup_expr="iexact", label=_("Customer's code")
    )
    invoice = django_filters.UUIDFilter(field_name="invoice_id", label=_("Invoice"), widget=forms.HiddenInput)
    reverses = django_filters.UUIDFilter(field_name="reverses_id", label=_("Takes back"), widget=forms.HiddenInput)
    party = django_filters.UUIDFilter(field_name="invoice__party_id", label=_("Customer"), widget=forms.HiddenInput)

    class Meta:
        model = Fapiao
        fields: list[str] = []

    def with_status(self, rows: FapiaoQuerySet, _name: str, value: str) -> FapiaoQuerySet:
        """A state, or what somebody has to look after."""
        return rows.to_mend() if value == "to_mend" else rows.filter(status=value)
