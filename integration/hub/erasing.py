"""Taking away the words of archived events on somebody's demand: for good, by a person, for a reason.

What an event was about, its digest and its place in the chain stay. To a side that asks the feed for it later, or has
not had it yet, the hub tells a signed note in its place, so that no number is missing. What else of the hub repeats the
words goes with them: both values of closed cases, refused bytes, names kept for people to read (`forgetting`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, IntegerField, Q, QuerySet, Value
from django.utils import timezone

from integration.contracts import Contract, all_contracts
from integration.contracts.customers import CustomerSnapshot
from integration.contracts.hub import AmendmentRequested, EventSkipped
from integration.hub import chain, forgetting, telling
from integration.hub.models import Archived, Case, CaseState, Delivery, Stream
from integration.hub.refusals import NothingToErase, ReasonMissing, UndecidedYet
from integration.hub.services import refuse_on_its_way
from integration.lanes import WorkState, notify

WORDS = "Its words were erased on demand."


@dataclass(frozen=True, slots=True)
class Meant:
    """What an erasure would be about."""

    events: QuerySet[Archived]
    cases: QuerySet[Case]


def found_by(text: str) -> Meant:
    """What is meant: one event by its id, or a record (`customer:…`) with all that was said of it by whatever side.

    A customer also stands in what other records carry of them, and in what the hub asked the owner to mend; the hub's
    own notes stand for others and stay.
    """
    text = text.strip()
    event, customer = _uuid(text), _uuid(text.removeprefix("customer:"))
    named = Q(partition_key=text)
    if event is not None:
        named |= Q(event_id=event)
    elif customer is not None:
        named |= Q(pk__in=list(_carrying(customer)))
    with_words = Archived.objects.exclude(body=b"").exclude(type=EventSkipped.type)
    keys = [str(key) for key in with_words.filter(named).values_list("pk", flat=True)]
    named |= Q(type=AmendmentRequested.type, causation_id__in=keys)
    events = with_words.filter(named).order_by("archived_at")
    told_of = Q(event__in=events) | Q(further__event__in=events) | Q(about=text) | Q(key=text)
    if needle := event or customer:
        refused = Case.objects.exclude(refused_body=None).annotate(at=_place(needle, "refused_body"))
        told_of |= Q(pk__in=list(refused.filter(at__gt=0).values_list("pk", flat=True)))
    return Meant(events, Case.objects.filter(told_of, erased_at=None).distinct())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _place(needle: UUID, field: str) -> Func:
    """Where in the bytes the id stands; 0 if it does not."""
    told = [Value(str(needle).encode()), F(field)]
    return Func(*told, function="position", arg_joiner=" IN ", output_field=IntegerField())


def carriers() -> list[str]:
    """The contracts that carry a customer's words, whichever record they are about."""
    return [contract.type for contract in all_contracts() if _carries(contract)]


def _carries(contract: type[Contract]) -> bool:
    return any(field.annotation is CustomerSnapshot for field in contract.model_fields.values())


def _carrying(customer: UUID) -> Iterable[UUID]:
    rows = Archived.objects.filter(type__in=carriers()).annotate(at=_place(customer, "body"))
    return rows.filter(at__gt=0).values_list("pk", flat=True)


@transaction.atomic
def erase(text: str, by: Any, reason: str) -> int:
    """Erase the words of the event or of all that is said of the record; how many events."""
    if not reason.strip():
        raise ReasonMissing()
    meant = found_by(text)
    events, cases = list(meant.events), list(meant.cases)
    if not events and not cases:
        raise NothingToErase()
    for case in cases:
        if case.state != CaseState.CLOSED:  # what a person has still to judge needs its words
            raise UndecidedYet(about=case.about)
    for event in events:
        _refuse_undecided(event)
    forgetting.forget_names(events, text.strip())
    for event in events:
        _put_notes(event)
        chain.erase(event, by.get_username(), reason.strip())
    forgetting.forget_answers(events)
    forgetting.forget_values(cases, events, by, reason.strip())
    notify(Delivery._meta.db_table)
    return len(events)


def _refuse_undecided(event: Archived) -> None:
    """What nobody has looked at yet needs its words."""
    stream = Stream.objects.select_for_update().get(source=event.source, partition_key=event.partition_key)
    if stream.checked < event.aggregate_seq:
        raise UndecidedYet(about=event.partition_key)


def _put_notes(event: Archived) -> None:
    """The note that stands for the event from now on: for whoever asks again, and for whoever has not got it yet."""
    deliveries = list(Delivery.objects.select_for_update().filter(event=event).order_by("pk"))
    if not deliveries:
        return
    for delivery in deliveries:
        refuse_on_its_way(delivery)
    told = EventSkipped(about=event.partition_key, event=event.pk, contract=event.type, reason=WORDS)
    note = telling.say(told, causation=str(event.pk))
    for delivery in deliveries:
        if delivery.state != WorkState.DONE:
            delivery.event, delivery.replaces = note, event
            delivery.state, delivery.attempts, delivery.error = WorkState.WAITING, 0, ""
            delivery.finished_at, delivery.not_before, delivery.answered = None, timezone.now(), None
            delivery.save()
