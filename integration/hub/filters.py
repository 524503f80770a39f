"""What the hub's lists are narrowed by, on the page and on the API."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from integration.contracts import all_contracts
from integration.hub.causes import CAUSES
from integration.hub.models import Archived, Case, CaseState, Delivery, Mapping
from integration.lanes import WorkState

SIDES = [("crm", "CRM"), ("erp", "ERP")]
UNSETTLED = "unsettled"


def _contracts() -> list[tuple[str, str]]:
    return [(contract.type, contract.type) for contract in all_contracts()]


def _causes() -> list[tuple[str, Any]]:
    return [(name, cause.title) for name, cause in CAUSES.items()]


def named(words: str) -> Q:
    """An id of any kind, or the end of an aggregate's name."""
    found = Q(partition_key=words) | Q(correlation_id=words)
    try:
        event = UUID(words)
    except ValueError:
        return found | Q(partition_key__endswith=f":{words}")
    names = {f"{contract.aggregate.partition(':')[0]}:{event}" for contract in all_contracts()}
    return found | Q(event_id=event) | Q(partition_key__in=names)


class EventFilter(ListFilterSet):
    """By side, contract, what became of it, aggregate, chain and day; `q` is an id of any of them."""

    source = django_filters.ChoiceFilter(label=_("From"), choices=SIDES, empty_label=_("From either side"))
    type = django_filters.ChoiceFilter(label=_("Contract"), choices=_contracts, empty_label=_("All contracts"))
    state = django_filters.ChoiceFilter(
        label=_("Delivery"),
        method="with_delivery",
        choices=[(WorkState.WAITING.value, _("Waiting")), (WorkState.PARKED.value, _("Parked"))],
        empty_label=_("Any delivery"),
    )
    partition_key = django_filters.CharFilter(label=_("About"))
    correlation_id = django_filters.CharFilter(label=_("Correlation"))
    start = django_filters.DateFilter(field_name="archived_at", lookup_expr="date__gte", label=_("From the day"))
    end = django_filters.DateFilter(field_name="archived_at", lookup_expr="date__lte", label=_("To the day"))

    class Meta:
        model = Archived
        fields: list[str] = []

    def with_delivery(self, events: QuerySet[Archived], _name: str, state: str) -> QuerySet[Archived]:
        """Events of which a delivery stands there."""
        return events.filter(pk__in=Delivery.objects.filter(state=state).values("event_id"))

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Events that go by this name."""
        return rows.filter(named(text))


class MappingFilter(ListFilterSet):
    """By both sides' names for one customer."""

    party = django_filters.CharFilter(label=_("Party in the ERP"))
    customer = django_filters.UUIDFilter(label=_("Customer in the CRM"), widget=forms.TextInput)

    class Meta:
        model = Mapping
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """A name with these words, or a party code that begins so."""
        return rows.filter(Q(name__icontains=text) | Q(party__istartswith=text))


class CaseFilter(ListFilterSet):
    """By where a case stands, what happened, who said it and about what."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="with_state",
        choices=[(UNSETTLED, _("To be decided")), *CaseState.choices],
        empty_label=_("Any state"),
    )
    cause = django_filters.ChoiceFilter(label=_("Cause"), choices=_causes, empty_label=_("All causes"))
    source = django_filters.ChoiceFilter(label=_("Said by"), choices=SIDES, empty_label=_("Either side"))
    contract = django_filters.ChoiceFilter(label=_("Contract"), choices=_contracts, empty_label=_("All contracts"))
    about = django_filters.CharFilter(label=_("About"))
    number = django_filters.NumberFilter(label=_("Number"), min_value=0, max_value=2**63 - 1)

    class Meta:
        model = Case
        fields: list[str] = []

    def with_state(self, cases: Any, _name: str, state: str) -> QuerySet[Case]:
        """One state, or all that still need a person."""
        found: QuerySet[Case] = cases.unsettled() if state == UNSETTLED else cases.filter(state=state)
        return found

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """A record's name, or the case's number."""
        told = text.lstrip("#")
        number = int(told) if told.isdecimal() and len(told) < 16 else None
        return rows.filter(Q(about__icontains=text) | Q(number=number))
