"""Taking away the words of archived events on somebody's demand: for good, by a person, for a reason.

What an event was about, its digest and its place in the chain stay. To a side that asks the feed for it later, or has
not had it yet, the hub tells a signed note in its place, so that no number is missing.
"""

import contextlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integration.contracts.hub import EventSkipped
from integration.hub import chain, telling
from integration.hub.models import Archived, Case, Delivery, Stream
from integration.hub.refusals import NothingToErase, ReasonMissing, UndecidedYet
from integration.hub.services import refuse_on_its_way
from integration.lanes import WorkState, notify

WORDS = "Its words were erased on demand."


def found_by(text: str) -> QuerySet[Archived]:
    """The events that still have words and are meant: one by its id, or all of a record (`customer:…`), from whatever
    side; the hub's own notes stand for others and stay."""
    text = text.strip()
    named = Q(partition_key=text)
    with contextlib.suppress(ValueError):
        named |= Q(event_id=UUID(text))
    return Archived.objects.filter(named).exclude(body=b"").exclude(type=EventSkipped.type).order_by("archived_at")


@transaction.atomic
def erase(text: str, by: Any, reason: str) -> int:
    """Erase the words of the event or of all of the record's; how many."""
    if not reason.strip():
        raise ReasonMissing()
    events = list(found_by(text))
    if not events:
        raise NothingToErase()
    for event in events:
        _refuse_undecided(event)
        _put_notes(event)
        chain.erase(event, by.get_username(), reason.strip())
    notify(Delivery._meta.db_table)
    return len(events)


def _refuse_undecided(event: Archived) -> None:
    """What a person has still to judge needs its words."""
    stream = Stream.objects.select_for_update().get(source=event.source, partition_key=event.partition_key)
    open_case = Case.objects.unsettled().filter(event=event).first()
    if open_case is not None or stream.checked < event.aggregate_seq:
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


def notes_for(events: Iterable[Archived]) -> dict[UUID, Archived]:
    """By erased event, the note that stands for it."""
    erased = [str(event.pk) for event in events if not event.body]
    if not erased:
        return {}
    notes = Archived.objects.filter(source="integration", type=EventSkipped.type, causation_id__in=erased)
    return {UUID(note.causation_id): note for note in notes.order_by("archived_at")}
