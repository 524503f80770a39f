"""What a side took and cannot apply, for it depends on a record that never came there: a case for each.

The side tells of it when the watch asks what needs a person there (`lookout.hear`). While the case stands the record
waits; it closes by itself when the side has applied the event after all.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from integration.hub import judging
from integration.hub.detectors.base import finding
from integration.hub.models import Archived, Case, Delivery
from integration.hub.notes import note_for
from integration.hub.resigning import envelopes
from integration.hub.sides import ask_for_a_person
from integration.signing import item

CAUSE = "awaiting"


def look(heard: Sequence[dict[str, Any]]) -> None:
    """Close the cases of what has been applied, and open one for each that a side says it waits for in vain."""
    for told in heard:
        waiting = {str(event): str(words) for event, words in told.get("awaiting", [])}
        standing = Case.objects.unsettled().filter(cause=CAUSE, key=told["side"])
        known = {str(case.event_id): case for case in standing.defer("refused_body")}
        if told.get("awaiting_all", True):
            for event in known.keys() - waiting.keys():
                judging.close_by_itself(known[event], "The side has applied it.")
        for archived in Archived.objects.filter(pk__in=waiting.keys() - known.keys()).order_by("archived_at"):
            _open(archived, told["side"], waiting[str(archived.pk)])


@transaction.atomic
def _open(archived: Archived, side: str, words: str) -> None:
    found = finding(CAUSE, (side, words, ""), key=side)
    source, about = archived.source, archived.partition_key
    judging.open_case(found, source=source, contract=archived.type, about=about, event=archived)


def retry(case: Case) -> None:
    """The side tries it once more, from the first attempt; what still is not there is waited for another minute."""
    ask_for_a_person(case.key, "again", event=str(case.event_id))


@transaction.atomic
def leave_out(case: Case, reason: str) -> None:
    """The hub's note takes the event's place in the side's inbox, and here, should the side ask for it again."""
    archived = case.event
    assert archived is not None, "a case about an archived event"
    delivery = Delivery.objects.select_for_update().get(event=archived, destination=case.key)
    note = note_for(archived, reason[:4000])
    delivery.event, delivery.replaces = note, archived
    delivery.save(update_fields=["event", "replaces"])
    told = item(envelopes([note])[note.pk], route=delivery.direction, routeseq=delivery.position, mode=delivery.mode)
    ask_for_a_person(case.key, "leave_out", event=str(archived.pk), note=told.decode())
