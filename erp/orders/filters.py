"""What orders are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.orders.models import Order, OrderQuerySet, OrderStatus

_WORK = [("to_ship", _("To ship")), ("waiting", _("Waiting for goods")), ("to_invoice", _("To invoice"))]


class OrderFilter(ListFilterSet):
    """By state or by what is to be done, by customer, deal and days."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), method="with_status", choices=[*OrderStatus.choices, *_WORK], empty_label=_("Any status")
    )
    since = django_filters.DateFilter(field_name="ordered_on", lookup_expr="gte", label=_("Ordered from"))
    until = django_filters.DateFilter(field_name="ordered_on", lookup_expr="lte", label=_("Ordered until"))
    wanted_until = django_filters.DateFilter(field_name="requested_on", lookup_expr="lte", label=_("Wanted until"))
    party_code = django_filters.CharFilter(field_name="party__code", lookup_expr="iexact", label=_("Customer's code"))
    net_min = django_filters.NumberFilter(field_name="net_total", lookup_expr="gte", label=_("Net from"))
    net_max = django_filters.NumberFilter(field_name="net_total", lookup_expr="lte", label=_("Net up to"))
    sold_by = django_filters.CharFilter(lookup_expr="icontains", label=_("Sold by"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    deal_number = django_filters.CharFilter(lookup_expr="iexact", label=_("Deal number"))
    deal = django_filters.UUIDFilter(label=_("Deal"), widget=forms.HiddenInput)
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Customer"), widget=forms.HiddenInput)
    ordered_on = django_filters.DateFilter(label=_("Ordered on"))
    country = django_filters.CharFilter(field_name="party__country", lookup_expr="iexact", label=_("Country"))

    class Meta:
        model = Order
        fields: list[str] = []

    def with_status(self, orders: OrderQuerySet, _name: str, status: str) -> Any:
        """A state of the order, or a kind of work that waits on it."""
        work = {
            "to_ship": Order.objects.to_ship,
            "waiting": Order.objects.waiting_for_goods,
            "to_invoice": Order.objects.to_invoice,
        }
        return orders & work[status]() if status in work else orders.filter(status=status)


class WorkFilter(OrderFilter):
    """For a list of orders that wait for one kind of work; which kind is not asked any more."""

    status = None
