"""What received documents are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.einvoice.models import Received, Syntax


class ReceivedFilter(ListFilterSet):
    """By supplier, day, syntax and whether the rules are kept."""

    valid = YesNoFilter(label=_("Keeps the rules"))
    syntax = django_filters.ChoiceFilter(label=_("Syntax"), choices=Syntax.choices, empty_label=_("Any syntax"))
    start = django_filters.DateFilter(field_name="issued_on", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="issued_on", lookup_expr="lte", label=_("To"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    seller_tax_id = django_filters.CharFilter(lookup_expr="iexact", label=_("Supplier's tax id"))
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Supplier"), widget=forms.HiddenInput)

    class Meta:
        model = Received
        fields: list[str] = []
