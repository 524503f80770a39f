"""The hub's signed note in the place of an event: one and the same for each event, however often it is asked for."""

from collections.abc import Iterable
from uuid import UUID

from integration.contracts.hub import EventSkipped
from integration.hub import telling
from integration.hub.models import Archived


def note_for(event: Archived, why: str) -> Archived:
    """The note that stands for the event; said now, if there is none yet."""
    if (known := notes_of([event]).get(event.pk)) is not None:
        return known
    told = EventSkipped(about=event.partition_key, event=event.pk, contract=event.type, reason=why)
    return telling.say(told, causation=str(event.pk))


def notes_of(events: Iterable[Archived]) -> dict[UUID, Archived]:
    """By event, the note that stands for it, where there is one."""
    keys = [str(event.pk) for event in events]
    if not keys:
        return {}
    notes = Archived.objects.filter(source="integration", type=EventSkipped.type, causation_id__in=keys)
    return {UUID(note.causation_id): note for note in notes.order_by("-archived_at")}
