"""What deals are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts.filters import OwnerFilter
from crm.accounts.tag_filters import TaggedFilterSet
from crm.pipeline.models import Deal, DealLine, DealStatus, OrderState, Stage, Urgency


def stage_choices() -> list[tuple[str, str]]:
    """The stages, in their order."""
    return [(str(stage.pk), stage.name) for stage in Stage.objects.order_by("pipeline__position", "position")]


class DealFilter(TaggedFilterSet):
    """By state, owner, stage, order, what is due, amount and days."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=DealStatus.choices, empty_label=_("Any status"))
    order_state = django_filters.ChoiceFilter(
        field_name="order__state", label=_("Order"), choices=OrderState.choices, empty_label=_("Any order")
    )
    whose = OwnerFilter(field_name="owner")
    stage = django_filters.ChoiceFilter(
        field_name="stage_id", label=_("Stage"), choices=stage_choices, empty_label=_("Any stage")
    )
    urgency = django_filters.ChoiceFilter(
        method="being_due", label=_("Next step"), choices=Urgency.choices, empty_label=_("Any next step")
    )
    net_min = django_filters.NumberFilter(field_name="net_total", lookup_expr="gte", label=_("Net from"))
    net_max = django_filters.NumberFilter(field_name="net_total", lookup_expr="lte", label=_("Net up to"))
    wanted_until = django_filters.DateFilter(field_name="requested_on", lookup_expr="lte", label=_("Wanted until"))
    won_from = django_filters.DateFilter(field_name="won_at", lookup_expr="date__gte", label=_("Won from"))
    won_until = django_filters.DateFilter(field_name="won_at", lookup_expr="date__lte", label=_("Won until"))
    closed_from = django_filters.DateFilter(
        field_name="closed_at", lookup_expr="date__gte", label=_("Closed from"), help_text=_("Won or lost.")
    )
    closed_until = django_filters.DateFilter(
        field_name="closed_at", lookup_expr="date__lte", label=_("Closed until"), help_text=_("Won or lost.")
    )
    sku = django_filters.CharFilter(method="with_product", label=_("Product (SKU)"))
    currency = django_filters.CharFilter(label=_("Currency"))
    number = django_filters.CharFilter(label=_("Number"))
    account = django_filters.UUIDFilter(field_name="account_id", label=_("Account"), widget=forms.HiddenInput)
    owner = django_filters.NumberFilter(field_name="owner_id", label=_("Owner's id"), widget=forms.HiddenInput)

    class Meta:
        model = Deal
        fields: list[str] = []

    def with_product(self, deals: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Deals with a line of this SKU."""
        return deals.filter(Exists(DealLine.objects.filter(deal=OuterRef("pk"), sku=value)))

    def being_due(self, deals: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Open deals by what their next step asks of us today."""
        today = timezone.localdate()
        asks: dict[str, Any] = {
            Urgency.OVERDUE: {"next_step_on__lt": today},
            Urgency.TODAY: {"next_step_on": today},
            Urgency.LATER: {"next_step_on__gt": today},
            Urgency.NONE: {"next_step_on": None},
        }
        return deals.filter(status=DealStatus.OPEN, **asks[value])
