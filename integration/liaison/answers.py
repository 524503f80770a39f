"""Answers to the hub's questions, by name; each gets what was told with the question and gives a JSON object."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, Func, TextField, Value

from base import context
from integration.events import BadEvent, parse_event
from integration.inbox.applying import apply_event
from integration.inbox.models import Incoming
from integration.lanes import WorkState, notify, retry_parked
from integration.liaison import comparing, services
from integration.outbox.models import Message

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
    tried: list[Told] = []
    until = time.monotonic() + seconds
    with transaction.atomic():
        for body in bodies:
            if tried and time.monotonic() > until:
                break
            tried.append(_try(str(body).encode()))
        transaction.set_rollback(True)
    return {"tried": tried}


def _try(body: bytes) -> Told:
    """Apply one event in a savepoint; what changed, or why it would be refused."""
    before, told_before = _changes(), Message.objects.count()
    try:
        event = parse_event(body)
        with transaction.atomic(), context.acting("trial", correlation=event.correlation_id, causation=str(event.id)):
            apply_event(body)
            connection.check_constraints()
    except BadEvent as fault:
        return {"verdict": "refused", "text": str(fault)[:500]}
    except Exception as fault:  # whatever a handler raises is what would park the event
        return {"verdict": "refused", "text": f"{type(fault).__name__}: {fault}"[:500]}
    after = _changes()
    changes = {table: count - before.get(table, 0) for table, count in after.items() if count != before.get(table, 0)}
    said = list(Message.objects.order_by("-created_at").values_list("type", flat=True)[: _new(told_before)])
    verdict = "changed" if changes else "accepted"
    return {"verdict": verdict, "text": ", ".join(said), "changes": changes}


def _new(before: int) -> int:
    return max(0, Message.objects.count() - before)


def _changes() -> dict[str, int]:
    """Rows that this transaction has written so far, by table; the wire's own tables do not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
               WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname NOT LIKE 'outbox%%'
                 AND relname NOT LIKE 'inbox%%' AND relname NOT LIKE '%%historical%%'"""
        )
        return dict(cursor.fetchall())


@answers("parked")
def parked(told: Told) -> Told:
    """What this side took but could not apply: by class of failure, and the newest of them."""
    rows = Incoming.objects.filter(state=WorkState.PARKED)
    newest = rows.order_by("-received_at")[:PARKED_SHOWN]
    return {
        "classes": [
            {"class": row["failure"], "type": row["type"], "count": row["count"]}
            for row in rows.annotate(failure=_failure_class()).values("failure", "type").annotate(count=Count("pk"))
        ],
        "events": [
            {
                "event": str(row.event_id),
                "type": row.type,
                "aggregate": row.aggregate,
                "error": row.error[:500],
                "class": row.error.partition(":")[0][:100],
                "received_at": row.received_at.isoformat(),
            }
            for row in newest
        ],
    }


def _failure_class() -> Any:
    return Func(F("error"), Value(":"), Value(1), function="split_part", output_field=TextField())


@answers("again")
def again(told: Told) -> Told:
    """Take parked events up again, in order: one, all of a record, or all of a class."""
    rows = Incoming.objects.filter(state=WorkState.PARKED)
    if event := told.get("event"):
        rows = rows.filter(event_id=UUID(str(event)))
    elif aggregate := told.get("aggregate"):
        rows = rows.filter(aggregate=str(aggregate))
    elif failure := told.get("failure"):
        rows = rows.annotate(failure=_failure_class()).filter(failure=str(failure))
    else:
        raise BadQuestion("say which: event, aggregate or failure")
    count = sum(
        retry_parked(Incoming, pk) for pk in rows.order_by("received_at", "position").values_list("pk", flat=True)
    )
    notify(Incoming._meta.db_table)
    return {"count": count}
