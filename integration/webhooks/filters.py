"""What webhook deliveries are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from integration.webhooks.models import Delivery, DeliveryState


class DeliveryFilter(ListFilterSet):
    """By state, fact and day, and by the endpoint."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=DeliveryState.choices, empty_label=_("Any state"))
    type = django_filters.CharFilter(label=_("Fact"))
    start = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("From"))
    end = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("To"))
    answered = django_filters.NumberFilter(label=_("Answer"))
    endpoint = django_filters.UUIDFilter(field_name="endpoint_id", label=_("Address"), widget=forms.HiddenInput)
    event_id = django_filters.UUIDFilter(label=_("Event"), widget=forms.HiddenInput)

    class Meta:
        model = Delivery
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the fact or in what went wrong."""
        words = text.strip()
        return rows.filter(Q(type__icontains=words) | Q(error__icontains=words)) if words else rows
