"""Storing what was told: once per event id, contiguous per route and aggregate."""

from django.db import connection, transaction

from integration.inbox.models import Incoming
from integration.lanes import lane_of, notify
from integration.receive import Delivery, DeliveryRefused

_POSITION = """INSERT INTO inbox_position AS position (route, partition_key, last) VALUES (%s, %s, 0)
ON CONFLICT (route, partition_key) DO UPDATE SET last = position.last RETURNING last"""


def store(delivery: Delivery) -> bool:
    """Keep the event until it is applied; False when it was known already."""
    hop, event = delivery.hop, delivery.event
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_POSITION, [hop.route, event.partition_key])  # locks the aggregate's row
        (last,) = cursor.fetchone()
        known = Incoming.objects.filter(event_id=event.id).only("digest").first()
        if known is not None:
            if known.digest != delivery.digest:
                raise DeliveryRefused(409, "id-reused", f"{event.id} came before with other bytes")
            return False
        if hop.routeseq != last + 1:
            raise DeliveryRefused(
                409, "sequence-gap", f"expected {last + 1} of {event.partition_key}, got {hop.routeseq}"
            )
        aggregate = f"{hop.route} {event.partition_key}"
        Incoming.objects.create(
            event_id=event.id,
            digest=delivery.digest,
            type=event.type,
            source=event.side,
            route=hop.route,
            mode=hop.mode,
            aggregate=aggregate,
            position=hop.routeseq,
            lane=lane_of(aggregate),
            correlation_id=event.correlation_id[:64],
            keyid=delivery.keyid,
            signature=hop.envelope.as_json()["signatures"][0]["sig"],
            body=hop.envelope.body,
        )
        cursor.execute(
            "UPDATE inbox_position SET last = %s WHERE route = %s AND partition_key = %s",
            [hop.routeseq, hop.route, event.partition_key],
        )
        notify(Incoming._meta.db_table)
    return True
