"""Telling the other sides: the outbox row stands or falls with the fact it tells."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from base import context
from base.ids import uuid7
from integration.contracts import Contract
from integration.events import event_bytes
from integration.lanes import lane_of
from integration.outbox.models import Message
from integration.webhooks.services import IS_ASKED, announce, asked_as

log = logging.getLogger(__name__)

# The row, and the workers woken when this transaction commits, in one round trip.
_TELL = f"""INSERT INTO {Message._meta.db_table} (id, type, aggregate, position, lane, correlation_id, body, created_at,
  state, attempts, claim, error)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'waiting', 0, 0, '')
RETURNING pg_notify('{Message._meta.db_table}', '')"""  # noqa: S608 -- our own names

# The next number, the chain the aggregate began in (this one, if it has none yet), the event's time, and whether a
# webhook wants to know. Receivers tell old news from new by the time: of one aggregate it never goes back, whatever the
# clock does, and whoever waited for the row here.
_NEXT = f"""INSERT INTO outbox_stream AS stream (aggregate, last, correlation_id, told_at) VALUES (%s, 1, %s, %s)
ON CONFLICT (aggregate) DO UPDATE SET last = stream.last + 1,
  correlation_id = coalesce(nullif(stream.correlation_id, ''), excluded.correlation_id),
  told_at = greatest(excluded.told_at, stream.told_at + interval '1 microsecond')
RETURNING last, correlation_id, told_at, {IS_ASKED}"""  # noqa: S608 -- our own words
# What happens to these is one story, told by several people over weeks; a customer's or a product's life is not.
ONE_STORY = ("deal:", "order:", "return:")


def emit(fact: Contract) -> UUID:
    """Tell the fact to its audience when this transaction commits; its event id.

    Call it last in a service: the aggregate's stream row stays locked until the commit (lock order: architecture §6).
    """
    assert connection.in_atomic_block, "an event is emitted in the transaction of its fact"
    assert fact.owner == settings.SIDE, f"{fact.type} is not ours to tell"
    event_id, now = uuid7(), timezone.now()
    correlation = context.correlation_id.get() or str(event_id)
    is_story = fact.partition_key.startswith(ONE_STORY)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [fact.partition_key, correlation if is_story else "", now, asked_as(fact.type)])
        position, story, told_at, is_asked = cursor.fetchone()
    if is_story and not context.causation_id.get():  # what an event causes stays in that event's chain
        correlation = story
    body = event_bytes(
        fact,
        event_id=event_id,
        time=told_at,
        aggregate_seq=position,
        correlation_id=correlation,
        causation_id=context.causation_id.get(),
        backfill=context.backfill.get(),
    )
    with connection.cursor() as cursor:
        lane = lane_of(fact.partition_key)
        cursor.execute(_TELL, [event_id, fact.type, fact.partition_key, position, lane, correlation, body, now])
    if is_asked and not context.backfill.get():  # history told again is no news to anybody outside
        announce(event_id, fact.type, fact.model_dump(mode="json"))
    # What else the request does belongs to the same chain, its line in the log too.
    if context.request_id.get() and not context.correlation_id.get():
        context.correlation_id.set(correlation)
    told = {"event": str(event_id), "event_type": fact.type, "correlation_id": correlation}
    log.info("told %s", fact.type, extra=told)
    return event_id
