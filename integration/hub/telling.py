"""What the hub itself says: signed with its own key, archived like any other event."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection
from django.utils import timezone

from base import context
from base.ids import uuid7
from integration.contracts import Contract
from integration.events import event_bytes
from integration.hub.chain import archive
from integration.hub.models import Archived, Delivery, Route
from integration.lanes import lane_of, notify
from integration.signing import seal

_STREAM = """INSERT INTO hub_stream AS stream (source, partition_key, last, checked, disputed)
VALUES (%s, %s, 0, 0, false)
ON CONFLICT (source, partition_key) DO UPDATE SET last = stream.last RETURNING last, disputed"""
# The next number of the direction's aggregate, the delivery that has it, and a knock at the relay's door.
_DELIVER = """
WITH numbered AS (
  INSERT INTO hub_routestream AS stream (direction, partition_key, last) VALUES (%(direction)s, %(partition_key)s, 1)
  ON CONFLICT (direction, partition_key) DO UPDATE SET last = stream.last + 1 RETURNING last)
INSERT INTO hub_delivery (id, event_id, route_id, destination, mode, aggregate, position, lane, state, attempts, claim,
                          error, created_at)
SELECT %(id)s, %(event_id)s, %(route_id)s, %(destination)s, %(mode)s, %(aggregate)s, last, %(lane)s, 'waiting', 0, 0,
       '', %(created_at)s
FROM numbered RETURNING pg_notify('hub_delivery', '')
"""
# The same for many aggregates at once, in the order in which their rows are locked everywhere.
_NUMBER = """
INSERT INTO hub_routestream AS stream (direction, partition_key, last)
SELECT direction, partition_key, count FROM unnest(%s::text[], %s::text[], %s::bigint[])
  AS told(direction, partition_key, count) ORDER BY 1, 2
ON CONFLICT (direction, partition_key) DO UPDATE SET last = stream.last + excluded.last
RETURNING direction, partition_key, last"""


def say(fact: Contract, causation: str = "") -> Archived:
    """The fact as the hub's own event in the archive; whoever calls decides where it goes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('hub_words'))")
        cursor.execute(_STREAM, [fact.owner, fact.partition_key])
        number = cursor.fetchone()[0] + 1
        cursor.execute(
            "UPDATE hub_stream SET last = %s, checked = %s WHERE source = %s AND partition_key = %s",
            [number, number, fact.owner, fact.partition_key],
        )
    event_id, now = uuid7(), timezone.now()
    body = event_bytes(
        fact,
        event_id=event_id,
        time=now,
        aggregate_seq=number,
        correlation_id=context.correlation_id.get() or str(event_id),
        causation_id=causation,
    )
    return archive(seal(body))


def hold_words() -> None:
    """Until this transaction ends the hub says nothing, and what was being said is in the archive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hub_words'))")


def deliver(archived: Archived, route: Route, mode: str = "live") -> None:
    """One more delivery, numbered without gaps per direction and aggregate."""
    aggregate = f"{route.direction} {archived.partition_key}"
    with connection.cursor() as cursor:
        cursor.execute(
            _DELIVER,
            {
                "direction": route.direction,
                "partition_key": archived.partition_key,
                "id": uuid7(),
                "event_id": archived.pk,
                "route_id": route.pk,
                "destination": route.destination,
                "mode": mode,
                "aggregate": aggregate,
                "lane": lane_of(aggregate),
                "created_at": timezone.now(),
            },
        )


def deliver_page(page: Sequence[Archived], routes: Mapping[str, Route], mode: str) -> None:
    """A delivery of each, in their order, numbered like `deliver`; `routes` by contract, to one destination."""
    told = [(event, routes[event.type]) for event in page]
    counts = Counter((route.direction, event.partition_key) for event, route in told)
    wanted = sorted((*order, count) for order, count in counts.items())
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [list(column) for column in zip(*wanted, strict=True)])
        last = {(direction, key): number for direction, key, number in cursor.fetchall()}
    given = {order: last[order] - count for order, count in counts.items()}
    rows = []
    for event, route in told:
        order = (route.direction, event.partition_key)
        given[order] += 1
        aggregate = " ".join(order)
        rows.append(
            Delivery(
                event_id=event.pk,
                route=route,
                destination=route.destination,
                mode=mode,
                aggregate=aggregate,
                position=given[order],
                lane=lane_of(aggregate),
            )
        )
    Delivery.objects.bulk_create(rows)
    notify(Delivery._meta.db_table)
