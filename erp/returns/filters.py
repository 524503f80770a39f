"""What returns are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.returns.models import Return, ReturnStatus


class ReturnFilter(ListFilterSet):
    """By state, day, order, and the CRM's request."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=ReturnStatus.choices, empty_label=_("Any status"))
    start = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("Asked for from"))
    end = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("Asked for until"))
    order_number = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", label=_("Order"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    ticket_number = django_filters.CharFilter(lookup_expr="iexact", label=_("Ticket"))
    order = django_filters.UUIDFilter(field_name="order_id", label=_("Order"), widget=forms.HiddenInput)
    request = django_filters.UUIDFilter(label=_("Request in the CRM"), widget=forms.HiddenInput)
    ticket = django_filters.UUIDFilter(label=_("Ticket"), widget=forms.HiddenInput)
    deal = django_filters.UUIDFilter(field_name="order__deal", label=_("Deal"), widget=forms.HiddenInput)

    class Meta:
        model = Return
        fields: list[str] = []
