"""Events that were taken in and could not be applied: tried dry, and taken up again in their order."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Count, F, Func, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.text import capfirst

from base import context
from base.history import differences_of
from integration.contracts.hub import EventSkipped
from integration.events import BadEvent, parse_event
from integration.inbox.applying import WAITED, apply_event
from integration.inbox.models import Incoming
from integration.lanes import REFUSED_TRIES, WorkState, notify, retry_parked
from integration.outbox.models import Message
from integration.receive import Delivery

TRIAL = "trial"
RECORDS_SHOWN, FIELDS_SHOWN, VALUE_SHOWN = 20, 30, 200
AWAITING_TOLD = 200
# The class of a failure: what stands before the colon.
FAILURE = Func(F("error"), Value(":"), Value(1), function="split_part", output_field=TextField())


def parked() -> QuerySet[Any]:
    """What waits for a person, with the class of its failure."""
    return Incoming.objects.filter(state=WorkState.PARKED).annotate(failure=FAILURE)


def standing() -> dict[str, Any]:
    """What needs a person: which events depend on a record that never came here; and by contract how many others are
    parked in the inbox, parked in the outbox, and told again and again in vain."""
    waited = parked().filter(error__startswith=WAITED).order_by("received_at").values_list("event_id", "error")
    awaiting = [[str(event), error.removeprefix(WAITED).strip()[:300]] for event, error in waited[: AWAITING_TOLD + 1]]
    one_by_one = awaiting[:AWAITING_TOLD]
    others = parked().exclude(event_id__in=[event for event, _words in one_by_one])
    outbox = Message.objects.order_by("type").values_list("type")
    refused = outbox.filter(state=WorkState.WAITING, attempts__gt=REFUSED_TRIES, error__contains="refused it")
    found = {
        "inbox": others.order_by("type").values_list("type"),
        "outbox": outbox.filter(state=WorkState.PARKED),
        "refused": refused,
    }
    told = {queue: [list(row) for row in rows.annotate(count=Count("pk"))] for queue, rows in found.items()}
    return told | {"awaiting": one_by_one, "awaiting_all": len(awaiting) <= AWAITING_TOLD}


def take_up(event: Any = None, aggregate: str = "", failure: str = "") -> int:
    """Take parked events up again, oldest first: one, all of a record, or all of a class; how many."""
    rows = parked()
    if event:
        rows = rows.filter(event_id=event)
    elif aggregate:
        rows = rows.filter(aggregate=aggregate)
    else:
        rows = rows.filter(failure=failure)
    keys = list(rows.order_by("received_at", "position").values_list("pk", flat=True))
    count = sum(retry_parked(Incoming, key) for key in keys)
    notify(Incoming._meta.db_table)
    return count


@transaction.atomic
def leave_out(event: UUID, note: Delivery) -> bool:
    """The hub's signed note takes the parked event's place, and is applied as the nothing it says; was it parked?

    Its id and digest stay: should the event itself come again, it is a duplicate.
    """
    row = parked().select_for_update(of=("self",)).filter(event_id=event).first()
    if row is None:
        return False
    fact, hop = note.fact, note.hop
    if not isinstance(fact, EventSkipped) or fact.event != event or fact.contract != row.type:
        raise BadEvent(f"the note does not stand for {event}")
    if (hop.route, hop.routeseq, fact.partition_key) != (row.route, row.position, row.aggregate.partition(" ")[2]):
        raise BadEvent("the note has another place")
    Incoming.objects.filter(pk=row.pk).update(
        type=note.event.type,
        source=note.event.side,
        keyid=note.keyid,
        signature=hop.envelope.as_json()["signatures"][0]["sig"],
        body=hop.envelope.body,
    )
    return retry_parked(Incoming, row.pk)


def with_those_behind(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of a queue, each with how many of its record wait behind it: one look into the index of unfinished rows."""
    behind = (
        rows.model._default_manager.exclude(state=WorkState.DONE)
        .filter(lane=OuterRef("lane"), aggregate=OuterRef("aggregate"), position__gt=OuterRef("position"))
        .order_by()
        .values("aggregate")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return rows.annotate(behind=Coalesce(Subquery(behind), 0))


def rehearse(bodies: Sequence[bytes], seconds: float) -> list[dict[str, Any]]:
    """What these events would do here, one after the other; everything is taken back.

    Somebody waits: after `seconds` the rest is left untried, and fewer are answered than were asked.
    """
    tried: list[dict[str, Any]] = []
    until = time.monotonic() + seconds
    with transaction.atomic():
        for body in bodies:
            if tried and time.monotonic() > until:
                break
            tried.append(_try(body))
        transaction.set_rollback(True)
    return tried


def _try(body: bytes) -> dict[str, Any]:
    """Apply one event in a savepoint; what changed, or why it would be refused."""
    before, told_before = _changes(), Message.objects.count()
    try:
        event = parse_event(body)
        with transaction.atomic(), context.acting(TRIAL, correlation=event.correlation_id, causation=str(event.id)):
            apply_event(body)
            connection.check_constraints()
    except BadEvent as fault:
        return {"verdict": "refused", "text": str(fault)[:500]}
    except Exception as fault:  # whatever a handler raises is what would park the event
        return {"verdict": "refused", "text": f"{type(fault).__name__}: {fault}"[:500]}
    after = _changes()
    changes = {table: count - before.get(table, 0) for table, count in after.items() if count != before.get(table, 0)}
    new = max(0, Message.objects.count() - told_before)
    said = list(Message.objects.order_by("-created_at").values_list("type", flat=True)[:new])
    return {"verdict": "changed" if changes else "accepted", "text": ", ".join(said), "changes": changes}


def rehearse_one(body: bytes) -> dict[str, Any]:
    """What one event would do here, with the records it would touch, before and after; everything is taken back."""
    with transaction.atomic():
        told = _try(body)
        told["records"] = _records() if told["verdict"] == "changed" else []
        transaction.set_rollback(True)
    return told


def _records() -> list[dict[str, Any]]:
    """The records whose histories this trial has written to: nobody else's entry of a trial is ever committed.

    For people of another side, so without any figure that not everybody in the house may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins > 0 AND relname LIKE '%historical%'"
        )
        written = {name for (name,) in cursor.fetchall()}
    found = []
    for model in apps.get_models():
        history = getattr(getattr(model, "history", None), "model", None)
        if history is None or history._meta.db_table not in written:
            continue
        entries = history.objects.filter(history_change_reason__startswith=f"[{TRIAL}]").order_by("history_id")
        for entry in entries[:RECORDS_SHOWN]:
            fields = [
                [one.label[:100], one.before[:VALUE_SHOWN], one.after[:VALUE_SHOWN]]
                for one in differences_of(entry, AnonymousUser())
            ]
            what = str(capfirst(model._meta.verbose_name))
            found.append({"what": what, "deed": entry.history_type, "fields": fields[:FIELDS_SHOWN]})
    return found[:RECORDS_SHOWN]


def _changes() -> dict[str, int]:
    """Rows that this transaction has written so far, by table; the wire's own tables do not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
               WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname NOT LIKE 'outbox%%'
                 AND relname NOT LIKE 'inbox%%' AND relname NOT LIKE '%%historical%%'"""
        )
        return dict(cursor.fetchall())
