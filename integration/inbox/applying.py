"""Doing what was told: the handler's effect and the inbox row's end commit together.

What waits is done in sets: a transaction takes what gets done in a tenth of a second, each event behind a savepoint of
its own, so that one that fails undoes itself alone. A set holds the locks of all its events; so that nobody waits long
for them it waits only briefly itself, and is done again one by one when somebody was in its way.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from base import context
from integration.contracts import tier_of
from integration.events import parse_event
from integration.inbox.handling import Awaiting, EventMeta, handler_of
from integration.inbox.models import Incoming
from integration.lanes import DONE, MAX_CLAIMS, Outcome, Work, is_database_away, is_lock_timeout
from integration.looping import Progress

log = logging.getLogger(__name__)

AWAIT_AT_MOST = timedelta(seconds=60)
WAITED = "waited a minute for"
# What takes longer than this at its first attempt is left to the isolating worker, which has more patience.
BRISK_CPU_SECONDS, BRISK_SECONDS = 0.1, 5.0
# The first rows after a start load what later ones find loaded.
COLD_ROWS, COLD_CPU_SECONDS = 5, 0.4
BEHIND = Outcome("hold", "")
SET_MAX, SET_SECONDS, SET_PATIENCE = 25, 0.1, "250ms"

# Locks the rows, so that a worker that lost its lease cannot do them twice; which of them still wait.
_HOLD = """SELECT id FROM inbox_incoming WHERE id = ANY(%s) AND state = 'waiting' ORDER BY id FOR NO KEY UPDATE"""
_HOLD_FOR_SET = """SELECT id FROM inbox_incoming, set_config('lock_timeout', %s, true) AS patience
WHERE id = ANY(%s) AND state = 'waiting' AND patience <> '' ORDER BY id FOR NO KEY UPDATE OF inbox_incoming"""
_END = """UPDATE inbox_incoming SET state = 'done', finished_at = clock_timestamp(), error = '', claim = 0
WHERE id = ANY(%s)"""


def applier(progress: Progress) -> Work:
    """How a lane worker treats what came in; the parent process ends it when one row takes too long."""

    worked = 0

    def begin(row: Incoming) -> None:
        nonlocal worked
        cpu_seconds = BRISK_CPU_SECONDS if worked > COLD_ROWS else COLD_CPU_SECONDS
        progress.begin(BRISK_SECONDS, cpu_seconds, row.pk)
        worked += 1

    def work(rows: Sequence[Incoming]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        broken: set[str] = set()  # aggregates that go on later, as one of theirs did not end well
        while left := rows[len(outcomes) :][:SET_MAX]:
            outcomes += apply_set(left, broken, begin) or _one_by_one(left, broken, begin)
        progress.end()
        return outcomes

    return work


def apply_set(rows: Sequence[Incoming], broken: set[str], begin: Callable[[Incoming], None]) -> list[Outcome]:
    """Apply the rows, or the first of them, in one transaction; what became of them: of none when it came to no end.

    `broken` are the aggregates that are held up; it grows with those that now are.
    """
    if len(rows) == 1:
        return []
    outcomes: list[Outcome] = []
    held_up = set(broken)
    until = time.monotonic() + SET_SECONDS
    try:
        with transaction.atomic():
            held = _held(_HOLD_FOR_SET, SET_PATIENCE, [row.pk for row in rows])
            for row in rows:
                if outcomes and time.monotonic() > until:
                    break
                begin(row)
                outcomes.append(_one_of_set(row, held) if row.aggregate not in held_up else BEHIND)
                if outcomes[-1].verdict != "done":
                    held_up.add(row.aggregate)
            ended = zip(rows, outcomes, strict=False)
            _end([row.pk for row, outcome in ended if outcome.verdict == "done" and row.pk in held])
    except (DatabaseError, InterfaceError) as fault:  # somebody in the way, or the database took each and not the whole
        log.info("events that came together are done one by one: %s", type(fault).__name__)
        return []
    broken |= held_up
    return outcomes


def _one_by_one(rows: Sequence[Incoming], broken: set[str], begin: Callable[[Incoming], None]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for row in rows:
        begin(row)
        outcomes.append(apply(row) if row.aggregate not in broken else BEHIND)
        if outcomes[-1].verdict != "done":
            broken.add(row.aggregate)
    return outcomes


def apply(row: Incoming) -> Outcome:
    """Apply one event, once; what became of it."""
    try:
        return _outcome(row, _apply)
    except _InTheWay as fault:
        return Outcome("hold", str(fault), 0.2)


def _one_of_set(row: Incoming, held: set[UUID]) -> Outcome:
    if row.pk not in held:
        return DONE  # somebody else did it
    try:
        return _outcome(row, _apply_behind_savepoint)
    except _InTheWay as met:
        raise DatabaseError(str(met)) from met  # ends the whole set, which lets go of all that it held


class _InTheWay(Exception):
    """The database was away, or somebody had what the event needs: nothing against the event itself."""


def _outcome(row: Incoming, effect: Callable[[Incoming], None]) -> Outcome:
    """What became of the row after this effect."""
    if row.attempts > MAX_CLAIMS:
        return Outcome("park", row.error or "its handler ended the process five times")
    try:
        with context.acting("wire", correlation=row.correlation_id, causation=str(row.event_id)):
            effect(row)
    except Awaiting as other:
        if timezone.now() - row.received_at > AWAIT_AT_MOST:
            return Outcome("park", f"{WAITED} {other}")
        return Outcome("hold", f"waits for {other}", 0.5)
    except Exception as fault:
        if is_database_away(fault) or is_lock_timeout(fault):
            raise _InTheWay("the database was away") from fault
        if tier_of(row.type):  # its words may repeat the event's figures, and the log is read by all
            log.error("could not apply %s: %s", row, type(fault).__name__)
        else:
            log.exception("could not apply %s", row)
        return failed(row, f"{type(fault).__name__}: {fault}")
    return DONE


def failed(row: Incoming, reason: str) -> Outcome:
    """Try it again a little later, each time later; after the fifth claim a person looks at it."""
    if row.attempts >= MAX_CLAIMS:
        return Outcome("park", reason)
    return Outcome("again", reason, 2.0 ** (row.attempts - 1))


@transaction.atomic
def _apply(row: Incoming) -> None:
    """Effect and end together, the row locked."""
    if _held(_HOLD, [row.pk]):
        _effect(row)
        _end([row.pk])


@transaction.atomic
def _apply_behind_savepoint(row: Incoming) -> None:
    """The effect, in a set's transaction; what fails undoes itself and nothing else."""
    _effect(row)


def _effect(row: Incoming) -> None:
    apply_event(bytes(row.body), replay=row.mode == "replay")


def _held(statement: str, *parameters: Any) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {pk for (pk,) in cursor.fetchall()}


def _end(keys: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_END, [keys])


def apply_event(body: bytes, replay: bool = False) -> None:
    """Hand the event's fact to its handler; a contract without one on this side is only kept."""
    event = parse_event(body)
    handler: Any = handler_of(event.type)
    if handler is not None:
        meta = EventMeta(event.id, event.time, event.partition_key, event.correlation_id, replay, event.backfill)
        with context.telling_history(meta.quiet):
            handler(event.contract(), meta)
