"""What the hub's lists are narrowed by, on the page and on the API."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from integration.contracts import all_contracts
from integration.hub.causes import CAUSES
from integration.hub.models import (
    Alert,
    AlertKind,
    Archived,
    Case,
    CaseState,
    Comparison,
    Delivery,
    Mapping,
    Observation,
    Pause,
    Scope,
)
from integration.hub.reconciling import SUBJECTS
from integration.lanes import WorkState

SIDES = [("crm", "CRM"), ("erp", "ERP")]
UNSETTLED = "unsettled"
VERDICTS = [("refused", _("be refused")), ("changed", _("change something")), ("accepted", _("change nothing"))]


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


class ParkedFilter(ListFilterSet):
    """By contract, side, answer, event and day; `q` is an id or words of the failure."""

    destination = django_filters.ChoiceFilter(label=_("To"), choices=SIDES, empty_label=_("To either side"))
    contract = django_filters.ChoiceFilter(
        field_name="route__contract", label=_("Contract"), choices=_contracts, empty_label=_("All contracts")
    )
    answered = django_filters.NumberFilter(label=_("Answer"), min_value=100, max_value=599)
    event = django_filters.UUIDFilter(field_name="event_id", label=_("Event"), widget=forms.TextInput)
    start = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("From the day"))
    end = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("To the day"))

    class Meta:
        model = Delivery
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Deliveries of events that go by this name, or that failed in these words."""
        events = Archived.objects.filter(named(text)).values("pk")
        return rows.filter(Q(event_id__in=events) | Q(error__icontains=text))


class DeliveryFilter(ParkedFilter):
    """By where they stand, besides."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=WorkState.choices, empty_label=_("Any state"))


class PauseFilter(ListFilterSet):
    """By whether it holds now, how much, and what."""

    active = YesNoFilter(field_name="ended_at", lookup_expr="isnull", label=_("Holds now"))
    scope = django_filters.ChoiceFilter(label=_("Holds"), choices=Scope.choices, empty_label=_("However much"))
    target = django_filters.CharFilter(label=_("Which"))

    class Meta:
        model = Pause
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in what is held, why, or by whom."""
        return rows.filter(Q(target__icontains=text) | Q(reason__icontains=text) | Q(began_by__icontains=text))


class AlertFilter(ListFilterSet):
    """By whether it stands, and of what kind."""

    standing = YesNoFilter(field_name="ended_at", lookup_expr="isnull", label=_("Stands now"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=AlertKind.choices, empty_label=_("Any kind"))

    class Meta:
        model = Alert
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in it."""
        return rows.filter(Q(text__icontains=text) | Q(subject__icontains=text))


class ObservationFilter(ListFilterSet):
    """By what would have become of it, its contract and whom it was for."""

    verdict = django_filters.ChoiceFilter(label=_("Would"), choices=VERDICTS, empty_label=_("Whatever it would do"))
    contract = django_filters.ChoiceFilter(
        field_name="route__contract", label=_("Contract"), choices=_contracts, empty_label=_("All contracts")
    )
    destination = django_filters.ChoiceFilter(
        field_name="route__destination", label=_("To"), choices=SIDES, empty_label=_("To either side")
    )

    class Meta:
        model = Observation
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Of the record or event of this name."""
        return rows.filter(event__in=Archived.objects.filter(named(text)).values("pk"))


class ComparisonFilter(ListFilterSet):
    """By subject, and whether anything differed or went wrong."""

    subject = django_filters.ChoiceFilter(
        label=_("Subject"), choices=[(name, name) for name in SUBJECTS], empty_label=_("All subjects")
    )
    differs = YesNoFilter(method="that_differ", label=_("Something differs"))

    class Meta:
        model = Comparison
        fields: list[str] = []

    def that_differ(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Those that found a difference, or those that found none."""
        return rows.filter(differing__gt=0) if value else rows.filter(differing=0)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the subject or in what went wrong."""
        return rows.filter(Q(subject__icontains=text) | Q(error__icontains=text))
