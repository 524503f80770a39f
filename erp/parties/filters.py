"""What parties are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.parties.models import CreditBand, Party, PartyKind


class PartyFilter(ListFilterSet):
    """By kind, standing and place; the search looks into code, name, tax id, town and references."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=PartyKind.choices, empty_label=_("All parties"))
    credit_band = django_filters.ChoiceFilter(
        label=_("Credit band"), choices=CreditBand.choices, empty_label=_("Any credit band")
    )
    on_hold = YesNoFilter(label=_("On hold"))
    country = django_filters.CharFilter(lookup_expr="iexact", label=_("Country"))
    city = django_filters.CharFilter(lookup_expr="icontains", label=_("Town"))
    limit_min = django_filters.NumberFilter(field_name="credit_limit", lookup_expr="gte", label=_("Credit limit from"))
    terms_min = django_filters.NumberFilter(
        field_name="payment_terms_days", lookup_expr="gte", label=_("Payment terms from (days)")
    )
    limit_waits = YesNoFilter(label=_("Another limit is asked"))
    code = django_filters.CharFilter(lookup_expr="iexact", label=_("Code"))
    external_ref = django_filters.CharFilter(label=_("Reference elsewhere"))
    customer = django_filters.UUIDFilter(label=_("Customer in the CRM"), widget=forms.HiddenInput)

    merged = YesNoFilter(field_name="merged_into", lookup_expr="isnull", exclude=True, label=_("Merged into another"))
    merged_into = django_filters.UUIDFilter(label=_("Merged into"), widget=forms.HiddenInput)

    class Meta:
        model = Party
        fields: list[str] = []
