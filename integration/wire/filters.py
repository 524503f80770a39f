"""What the lists of the wire are narrowed by, on the page and on the API."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from integration.contracts import all_contracts
from integration.inbox.models import Incoming, Refusal
from integration.lanes import WorkState
from integration.outbox.models import Message
from integration.wire.classes import CLASSES

STATES = [(WorkState.WAITING.value, _("Waiting")), (WorkState.PARKED.value, _("Parked"))]


def _contracts() -> list[tuple[str, str]]:
    return [(contract.type, contract.type) for contract in all_contracts()]


class IncomingFilter(ListFilterSet):
    """By state, contract, class of failure and day."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("Any state"))
    type = django_filters.ChoiceFilter(label=_("Contract"), choices=_contracts, empty_label=_("All contracts"))
    failure = django_filters.CharFilter(label=_("Class of failure"))
    start = django_filters.DateFilter(field_name="received_at", lookup_expr="date__gte", label=_("From"))
    end = django_filters.DateFilter(field_name="received_at", lookup_expr="date__lte", label=_("To"))

    class Meta:
        model = Incoming
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the record's name, in what went wrong, or the event's id."""
        return _with_words(rows, text, "event_id")


class OutgoingFilter(ListFilterSet):
    """By state, contract and day; `trouble` are those that were refused or whose way is closed."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("Any state"))
    type = django_filters.ChoiceFilter(label=_("Contract"), choices=_contracts, empty_label=_("All contracts"))
    trouble = YesNoFilter(label=_("With an obstacle"), method="with_trouble")
    start = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("From"))
    end = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("To"))

    class Meta:
        model = Message
        fields: list[str] = []

    def with_trouble(self, rows: QuerySet[Any], _name: str, wanted: bool) -> QuerySet[Any]:
        """Something was said against it, or nothing was."""
        return rows.exclude(error="") if wanted else rows.filter(error="")

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the record's name, in what went wrong, or the event's id."""
        return _with_words(rows, text, "id")


class RefusalFilter(ListFilterSet):
    """By class, answer, contract, who signed and day."""

    code = django_filters.ChoiceFilter(label=_("Class"), choices=list(CLASSES.items()), empty_label=_("Any class"))
    status = django_filters.NumberFilter(label=_("Answer"))
    contract = django_filters.ChoiceFilter(label=_("Contract"), choices=_contracts, empty_label=_("All contracts"))
    signed = YesNoFilter(label=_("Signature held"), method="with_signature")
    start = django_filters.DateFilter(field_name="last_at", lookup_expr="date__gte", label=_("From"))
    end = django_filters.DateFilter(field_name="last_at", lookup_expr="date__lte", label=_("To"))

    class Meta:
        model = Refusal
        fields: list[str] = []

    def with_signature(self, rows: QuerySet[Any], _name: str, wanted: bool) -> QuerySet[Any]:
        """It came from a neighbour of ours, or nobody knows from whom."""
        return rows.exclude(signed_by="") if wanted else rows.filter(signed_by="")

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the reason, from this address, or the event's id."""
        words = text.strip()
        if not words:
            return rows
        return rows.filter(Q(reason__icontains=words) | Q(address=words) | _id_is("event", words))


def _with_words(rows: QuerySet[Any], text: str, key: str) -> QuerySet[Any]:
    words = text.strip()
    if not words:
        return rows
    return rows.filter(Q(aggregate__icontains=words) | Q(error__icontains=words) | _id_is(key, words))


def _id_is(field: str, words: str) -> Q:
    try:
        return Q(**{field: UUID(words)})
    except ValueError:
        return Q(pk__in=())
