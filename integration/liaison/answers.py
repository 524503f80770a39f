"""Answers to the hub's questions, by name; each gets what was told with the question and gives a JSON object."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.utils import translation

from integration.events import strict_json
from integration.inbox import parked as parking
from integration.liaison import comparing, services
from integration.outbox import snapshots
from integration.outbox.backlog import backlog
from integration.receive import DeliveryRefused, check
from integration.signing import BadSignature, parse_item

Told = dict[str, Any]
Answer = Callable[[Told], Told]
ANSWERS: dict[str, Answer] = {}
TRY_AT_MOST, TRY_SECONDS = 500, 45.0
PARKED_SHOWN = 200


class BadQuestion(ValueError):
    """This cannot be answered; the text says why."""


def answers(name: str) -> Callable[[Answer], Answer]:
    """Register the answer to a question."""

    def register(answer: Answer) -> Answer:
        ANSWERS[name] = answer
        return answer

    return register


@answers("pulse")
def pulse(told: Told) -> Told:
    """The hub's alarm shows that it lives, and the head of its archive, which is kept here too."""
    services.feel_pulse(str(told.get("head", "")), int(told.get("seal", 0)))
    return {}


@answers("digests")
def digests(told: Told) -> Told:
    """One digest per bucket of a subject."""
    return {"digests": comparing.digests(comparing.records(_subject(told)))}


@answers("records")
def records(told: Told) -> Told:
    """The records of the buckets that differ."""
    buckets = {int(bucket) for bucket in told.get("buckets", [])}
    found = comparing.records(_subject(told), buckets)
    return {"records": [[record.key, record.about, record.values] for record in found]}


def _subject(told: Told) -> str:
    name = str(told.get("subject", ""))
    if name not in comparing.subjects():
        raise BadQuestion(f"{name or 'nothing'} cannot be compared here")
    return name


@answers("tell")
def tell(told: Told) -> Told:
    """Tell one record once more as it is now: the hub's people decided that what we hold counts."""
    about = str(told.get("about", ""))
    if not (count := snapshots.tell_one(about)):
        raise BadQuestion(f"there is nothing called {about or 'nothing'} to tell again")
    return {"count": count}


@answers("try")
def try_events(told: Told) -> Told:
    """What these events would do here, one after the other; everything is taken back.

    Somebody waits: after `seconds` the rest is left untried, and the answer is shorter than the question.
    """
    bodies, seconds = told.get("events", []), told.get("seconds", TRY_SECONDS)
    if not isinstance(bodies, list) or len(bodies) > TRY_AT_MOST:
        raise BadQuestion(f"at most {TRY_AT_MOST} events can be tried at once")
    if not isinstance(seconds, int | float):
        raise BadQuestion("seconds is a number")
    return {"tried": parking.rehearse([str(body).encode() for body in bodies], seconds)}


@answers("try_one")
def try_one(told: Told) -> Told:
    """What one event would do here, record by record, in the asker's language; everything is taken back."""
    with translation.override(str(told.get("language", "")) or None):
        return parking.rehearse_one(str(told.get("event", "")).encode())


@answers("outbox")
def outbox(_told: Told) -> Told:
    """What this side has still to tell the hub."""
    return {"backlog": [list(line) for line in backlog()]}


@answers("parked")
def parked(told: Told) -> Told:
    """What this side took but could not apply: by class of failure, and the newest of them."""
    rows = parking.parked()
    newest = rows.order_by("-received_at")[:PARKED_SHOWN]
    return {
        "classes": [
            {"class": row["failure"], "type": row["type"], "count": row["count"]}
            for row in rows.values("failure", "type").annotate(count=Count("pk"))
        ],
        "events": [
            {
                "event": str(row.event_id),
                "type": row.type,
                "aggregate": row.aggregate,
                "error": row.error[:500],
                "class": row.failure[:100],
                "received_at": row.received_at.isoformat(),
            }
            for row in newest
        ],
    }


@answers("standing")
def standing(_told: Told) -> Told:
    """What needs a person on this side: by contract, how many are parked in each queue or refused for long."""
    return parking.standing()


@answers("again")
def again(told: Told) -> Told:
    """Take parked events up again, in order: one, all of a record, or all of a class."""
    event, aggregate, failure = (str(told.get(name) or "") for name in ("event", "aggregate", "failure"))
    if not (event or aggregate or failure):
        raise BadQuestion("say which: event, aggregate or failure")
    return {"count": parking.take_up(UUID(event) if event else None, aggregate, failure)}


@answers("leave_out")
def leave_out(told: Told) -> Told:
    """Do without a parked event, by the hub's signed note that takes its place."""
    try:
        note = check(parse_item(strict_json(str(told["note"]).encode()), "integration", settings.SIDE))
    except (BadSignature, DeliveryRefused) as fault:
        raise BadQuestion(f"the note does not hold: {fault}") from None
    return {"count": int(parking.leave_out(UUID(str(told["event"])), note))}
