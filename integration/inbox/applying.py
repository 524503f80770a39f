"""Doing what was told: the handler's effect and the inbox row's end commit together."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from base import context
from integration.events import parse_event
from integration.inbox.handling import Awaiting, EventMeta, handler_of
from integration.inbox.models import Incoming
from integration.lanes import DONE, MAX_CLAIMS, Outcome, WorkState, is_database_away

log = logging.getLogger(__name__)

AWAIT_AT_MOST = timedelta(seconds=60)


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
        log.exception("could not apply %s", row)
        text = f"{type(fault).__name__}: {fault}"
        if row.attempts >= MAX_CLAIMS:
            return Outcome("park", text)
        return Outcome("again", text, 2.0 ** (row.attempts - 1))
    return DONE


@transaction.atomic
def _apply(row: Incoming) -> None:
    """Lock the row, so that a worker that lost its lease cannot do it twice; then effect and end together."""
    held = Incoming.objects.select_for_update().get(pk=row.pk)
    if held.state != WorkState.WAITING:
        return
    apply_event(bytes(held.body), replay=held.mode == "replay")
    held.state, held.finished_at, held.error = WorkState.DONE, timezone.now(), ""
    held.save(update_fields=["state", "finished_at", "error"])


def apply_event(body: bytes, replay: bool = False) -> None:
    """Hand the event's fact to its handler; a contract without one on this side is only kept."""
    event = parse_event(body)
    handler: Any = handler_of(event.type)
    if handler is not None:
        meta = EventMeta(event.id, event.time, event.partition_key, event.correlation_id, replay)
        handler(event.contract(), meta)
