"""Storing what was told: once per event id, contiguous per route and aggregate, a batch in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from integration.barrier import pass_barrier
from integration.inbox.models import Incoming, Intake, Position
from integration.lanes import lane_of, notify
from integration.receive import Behind, Delivery, DeliveryRefused, Result

Order = tuple[str, str]  # a route and an aggregate

# Locks the aggregates' rows, always in the same order, and says how far each has come.
_POSITIONS = """
INSERT INTO inbox_position AS position (route, partition_key, last)
SELECT route, partition_key, 0 FROM unnest(%s::text[], %s::text[]) AS told(route, partition_key) ORDER BY 1, 2
ON CONFLICT (route, partition_key) DO UPDATE SET last = position.last RETURNING route, partition_key, last
"""
_ADVANCE = """
UPDATE inbox_position position SET last = told.last
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS told(route, partition_key, last)
WHERE position.route = told.route AND position.partition_key = told.partition_key
"""


class SequenceGap(DeliveryRefused):
    """It does not follow what is here."""

    def __init__(self, delivery: Delivery, last: int) -> None:
        self.route, self.partition_key = delivery.hop.route, delivery.event.partition_key
        self.is_ahead = delivery.hop.routeseq > last
        text = f"expected {last + 1} of {self.partition_key}, got {delivery.hop.routeseq}"
        super().__init__(409, "sequence-gap", text)


@transaction.atomic
def store(deliveries: Sequence[Delivery]) -> list[Result]:
    """Keep the events until they are applied; what became of each."""
    if not deliveries:
        return []
    pass_barrier()
    if (shut := Intake.objects.filter(closed_at__isnull=False).first()) is not None:
        return [DeliveryRefused(423, "intake-closed", shut.reason or "this side's own people closed its intake")] * len(
            deliveries
        )
    orders = sorted({(delivery.hop.route, delivery.event.partition_key) for delivery in deliveries})
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [list(column) for column in zip(*orders, strict=True)])
        last: dict[Order, int] = {(route, key): number for route, key, number in cursor.fetchall()}
    before = dict(last)
    known = dict(
        Incoming.objects.filter(event_id__in=[delivery.event.id for delivery in deliveries]).values_list(
            "event_id", "digest"
        )
    )
    results, fresh = _sort_out(deliveries, last, known)
    if fresh:
        Incoming.objects.bulk_create([_row(delivery) for delivery in fresh])
        moved = [(*order, number) for order, number in last.items() if number != before[order]]
        with connection.cursor() as cursor:
            cursor.execute(_ADVANCE, [list(column) for column in zip(*moved, strict=True)])
        notify(Incoming._meta.db_table)
    return results


def _sort_out(
    deliveries: Sequence[Delivery], last: dict[Order, int], known: dict[UUID, str]
) -> tuple[list[Result], list[Delivery]]:
    """A result for each delivery, and those that are new; `last` and `known` move on with them."""
    results: list[Result] = []
    fresh: list[Delivery] = []
    broken: set[Order] = set()
    for delivery in deliveries:
        order = (delivery.hop.route, delivery.event.partition_key)
        refusal = Behind() if order in broken else _refusal(delivery, last[order], known)
        if refusal is not None:
            broken.add(order)
            results.append(refusal)
        elif delivery.event.id in known:
            results.append(False)
        else:
            known[delivery.event.id] = delivery.digest
            last[order] = delivery.hop.routeseq
            fresh.append(delivery)
            results.append(True)
    return results, fresh


def _refusal(delivery: Delivery, last: int, known: dict[UUID, str]) -> DeliveryRefused | None:
    event, hop = delivery.event, delivery.hop
    if (digest := known.get(event.id)) is not None:
        if digest == delivery.digest:
            return None
        return DeliveryRefused(409, "id-reused", f"{event.id} came before with other bytes")
    return None if hop.routeseq == last + 1 else SequenceGap(delivery, last)


def _row(delivery: Delivery) -> Incoming:
    hop, event = delivery.hop, delivery.event
    aggregate = f"{hop.route} {event.partition_key}"
    return Incoming(
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


def position_of(route: str, partition_key: str) -> int:
    """How far an aggregate has come."""
    found = Position.objects.filter(route=route, partition_key=partition_key).values_list("last", flat=True).first()
    return found or 0
