"""What shipments are narrowed by, on the page and on the API."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.shipping.models import Carrier, Shipment


class ShipmentFilter(ListFilterSet):
    """By carrier, day, order and number."""

    carrier = django_filters.ModelChoiceFilter(
        queryset=Carrier.objects.all(), to_field_name="name", label=_("Carrier"), empty_label=_("All carriers")
    )
    start = django_filters.DateFilter(field_name="dispatched_on", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="dispatched_on", lookup_expr="lte", label=_("To"))
    complete = YesNoFilter(label=_("Order complete with it"))
    order_number = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", label=_("Order"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    tracking = django_filters.CharFilter(label=_("Tracking"))
    country = django_filters.CharFilter(field_name="order__party__country", lookup_expr="iexact", label=_("Country"))
    dispatched_on = django_filters.DateFilter(label=_("On the day"))
    order = django_filters.UUIDFilter(field_name="order_id", label=_("Order"), widget=forms.HiddenInput)
    deal = django_filters.UUIDFilter(field_name="order__deal", label=_("Deal"), widget=forms.HiddenInput)

    class Meta:
        model = Shipment
        fields: list[str] = []
