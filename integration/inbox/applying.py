"""Doing what was told: the handler's effect and the inbox row's end commit together."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from base import context
from integration.contracts import tier_of
from integration.events import parse_event
from integration.inbox.handling import Awaiting, EventMeta, handler_of
from integration.inbox.models import Incoming
from integration.lanes import DONE, MAX_CLAIMS, Outcome, Work, WorkState, is_database_away
from integration.looping import Progress

log = logging.getLogger(__name__)

AWAIT_AT_MOST = timedelta(seconds=60)
# What takes longer than this at its first attempt is left to the isolating worker, which has more patience.
BRISK_CPU_SECONDS, BRISK_SECONDS = 0.15, 5.0
# The first rows after a start load what later ones find loaded.
COLD_ROWS, COLD_CPU_SECONDS = 5, 1.5
BEHIND = Outcome("hold", "")


def applier(progress: Progress) -> Work:
    """How a lane worker treats what came in; the parent process ends it when one row takes too long."""

    worked = 0

    def work(rows: Sequence[Incoming]) -> list[Outcome]:
        nonlocal worked
        outcomes: list[Outcome] = []
        broken: set[str] = set()
        for row in rows:
            cpu_seconds = BRISK_CPU_SECONDS if worked > COLD_ROWS else COLD_CPU_SECONDS
            progress.begin(BRISK_SECONDS, cpu_seconds, row.pk)
            worked += 1
            outcomes.append(BEHIND if row.aggregate in broken else apply(row))
            if outcomes[-1].verdict != "done":
                broken.add(row.aggregate)
        progress.end()
        return outcomes

    return work


def apply(row: Incoming) -> Outcome:
    """Apply one event, once; what became of it."""
    if row.attempts > MAX_CLAIMS:
        return Outcome("park", row.error or "its handler ended the process five times")
    try:
        with context.acting("wire", correlation=row.correlation_id, causation=str(row.event_id)):
            _apply(row)
    except Awaiting as other:
        if timezone.now() - row.received_at > AWAIT_AT_MOST:
            return Outcome("park", f"waited a minute for {other}")
        return Outcome("hold", f"waits for {other}", 0.5)
    except Exception as fault:
        if is_database_away(fault):
            return Outcome("hold", "the database was away", 0.2)
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
    """Lock the row, so that a worker that lost its lease cannot do it twice; then effect and end together."""
    if not Incoming.objects.select_for_update().filter(pk=row.pk, state=WorkState.WAITING).exists():
        return
    apply_event(bytes(row.body), replay=row.mode == "replay")
    Incoming.objects.filter(pk=row.pk).update(state=WorkState.DONE, finished_at=timezone.now(), error="", claim=0)


def apply_event(body: bytes, replay: bool = False) -> None:
    """Hand the event's fact to its handler; a contract without one on this side is only kept."""
    event = parse_event(body)
    handler: Any = handler_of(event.type)
    if handler is not None:
        meta = EventMeta(event.id, event.time, event.partition_key, event.correlation_id, replay, event.backfill)
        with context.telling_history(event.backfill):
            handler(event.contract(), meta)
