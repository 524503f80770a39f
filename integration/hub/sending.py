"""From the hub's archive to the sides: the very bytes and the very signature of the owner, in a fresh hop."""

import re
from collections.abc import Sequence
from uuid import UUID

from integration.courier import Carried, Circuit, Parcel, carry
from integration.hub import resigning, withholding
from integration.hub.models import Archived, Delivery
from integration.lanes import DONE, Outcome, Work
from integration.signing import Envelope

# How a side says that a delivery does not follow what it has (`integration.inbox.receiving`).
_BEHIND = re.compile(r"expected (?P<expected>\d+) of .*, got (?P<got>\d+)")


def sender(destination: str, circuit: Circuit) -> Work:
    """How a lane worker treats deliveries to one destination."""

    def send(deliveries: Sequence[Delivery]) -> list[Outcome]:
        events = Archived.objects.in_bulk([delivery.event_id for delivery in deliveries])
        for delivery in deliveries:
            delivery.event = events[delivery.event_id]
        withholding.withhold(deliveries, destination)
        signed = resigning.envelopes([delivery.event for delivery in deliveries])
        carried = carry([_parcel(delivery, signed[delivery.event_id]) for delivery in deliveries], destination, circuit)
        _note_answers(deliveries, [one.status for one in carried])
        return [DONE if _came_before(*pair) else pair[1].outcome for pair in zip(deliveries, carried, strict=True)]

    return send


def _parcel(delivery: Delivery, envelope: Envelope) -> Parcel:
    return Parcel(
        envelope,
        delivery.aggregate,
        delivery.direction,
        delivery.position,
        delivery.attempts,
        delivery.mode,
    )


def _came_before(delivery: Delivery, carried: Carried) -> bool:
    """Has the side something else at the note's number? Then the event itself had come there, and only the answer was
    lost: no note stands for it."""
    if delivery.replaces_id is None or carried.status != 409:
        return False
    said = _BEHIND.search(carried.outcome.error)
    if said is None or int(said["expected"]) <= int(said["got"]):
        return False
    Delivery.objects.filter(pk=delivery.pk).update(event=delivery.replaces_id, replaces=None)
    return True


def _note_answers(deliveries: Sequence[Delivery], statuses: Sequence[int | None]) -> None:
    """What was answered, for people to read; one statement for each different answer."""
    by_status: dict[int, list[UUID]] = {}
    for delivery, status in zip(deliveries, statuses, strict=True):
        if status is not None and status != delivery.answered:
            by_status.setdefault(status, []).append(delivery.pk)
    for status, keys in by_status.items():
        Delivery.objects.filter(pk__in=keys).update(answered=status)
