"""What the hub itself says: signed with its own key, archived like any other event."""

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

STREAM = """INSERT INTO hub_stream AS stream (source, partition_key, last, checked, disputed)
VALUES (%s, %s, 0, 0, false)
ON CONFLICT (source, partition_key) DO UPDATE SET last = stream.last RETURNING last, disputed"""
_ROUTE_STREAM = """INSERT INTO hub_routestream AS stream (direction, partition_key, last) VALUES (%s, %s, 1)
ON CONFLICT (direction, partition_key) DO UPDATE SET last = stream.last + 1 RETURNING last"""


def say(fact: Contract, causation: str = "") -> Archived:
    """The fact as the hub's own event in the archive; whoever calls decides where it goes."""
    with connection.cursor() as cursor:
        cursor.execute(STREAM, [fact.owner, fact.partition_key])
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


def deliver(archived: Archived, route: Route, mode: str = "live") -> Delivery:
    """One more delivery, numbered without gaps per direction and aggregate."""
    with connection.cursor() as cursor:
        cursor.execute(_ROUTE_STREAM, [route.direction, archived.partition_key])
        (position,) = cursor.fetchone()
    aggregate = f"{route.direction} {archived.partition_key}"
    delivery = Delivery.objects.create(
        event=archived,
        route=route,
        destination=route.destination,
        mode=mode,
        aggregate=aggregate,
        position=position,
        lane=lane_of(aggregate),
    )
    notify(Delivery._meta.db_table)
    return delivery
