"""Taking an event in: archive it, map what it identifies, and put it on its routes, all in one transaction."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integration.contracts.customers import CustomerRegistered, CustomerUpdated
from integration.contracts.parties import PartyOpened
from integration.events import parse_event
from integration.hub.models import Archived, Delivery, Mapping, Phase, Quarantined, Route
from integration.lanes import lane_of, notify
from integration.receive import Delivery as Received
from integration.receive import DeliveryRefused, receive

_STREAM = """INSERT INTO hub_stream AS stream (source, partition_key, last) VALUES (%s, %s, 0)
ON CONFLICT (source, partition_key) DO UPDATE SET last = stream.last RETURNING last"""
_ROUTE_STREAM = """INSERT INTO hub_routestream AS stream (direction, partition_key, last) VALUES (%s, %s, 1)
ON CONFLICT (direction, partition_key) DO UPDATE SET last = stream.last + 1 RETURNING last"""


@csrf_exempt  # the caller proves itself by signature, not by cookie
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take one event from a side."""
    return receive(request, accept, witness=quarantine)


def quarantine(refusal: DeliveryRefused) -> None:
    """Keep what was refused where the operator sees it; the newest thousand are enough."""
    row = Quarantined.objects.create(status=refusal.status, code=refusal.code, reason=refusal.text[:2000])
    Quarantined.objects.filter(pk__lte=row.pk - 1000).delete()


@transaction.atomic
def accept(received: Received) -> bool:
    """Archive the event and send it on; False when it was here already.

    The hub sees every event of a side, so it checks that none is missing.
    """
    event = received.event
    with connection.cursor() as cursor:
        cursor.execute(_STREAM, [event.side, event.partition_key])  # locks the aggregate's row
        (last,) = cursor.fetchone()
        known = Archived.objects.filter(pk=event.id).only("digest").first()
        if known is not None:
            if known.digest != received.digest:
                raise DeliveryRefused(409, "id-reused", f"{event.id} came before with other bytes")
            return False
        if event.aggregate_seq != last + 1:
            wanted = f"expected {last + 1} of {event.partition_key}, got {event.aggregate_seq}"
            raise DeliveryRefused(409, "sequence-gap", wanted)
        archived = _archive(received)
        cursor.execute(
            "UPDATE hub_stream SET last = %s WHERE source = %s AND partition_key = %s",
            [event.aggregate_seq, event.side, event.partition_key],
        )
    _map(received, archived)
    _fan_out(archived)
    return True


def _archive(received: Received) -> Archived:
    event, envelope = received.event, received.hop.envelope
    return Archived.objects.create(
        event_id=event.id,
        digest=received.digest,
        type=event.type,
        source=event.side,
        partition_key=event.partition_key,
        aggregate_seq=event.aggregate_seq,
        correlation_id=event.correlation_id[:64],
        causation_id=event.causation_id[:64],
        keyid=received.keyid,
        signature=envelope.as_json()["signatures"][0]["sig"],
        body=envelope.body,
        told_at=event.time,
    )


def _map(received: Received, archived: Archived) -> None:
    """Customer UUID and party code are the identity; the name is only kept for people to read."""
    fact = received.fact
    if isinstance(fact, PartyOpened):
        known = Mapping.objects.filter(customer=fact.customer).first()
        if known is None:
            name = Archived.objects.filter(
                type=CustomerRegistered.type, source="crm", partition_key=f"customer:{fact.customer}"
            ).first()
            Mapping.objects.create(
                customer=fact.customer, party=fact.party, name=_name_in(name) if name else "", evidence=archived
            )
    elif isinstance(fact, CustomerRegistered | CustomerUpdated):
        Mapping.objects.filter(customer=fact.customer).update(name=fact.snapshot.name)


def _name_in(archived: Archived) -> str:

    fact = parse_event(bytes(archived.body)).contract()
    assert isinstance(fact, CustomerRegistered)
    return fact.snapshot.name


def _fan_out(archived: Archived) -> None:
    """One delivery per destination whose route is on, numbered without gaps per direction and aggregate."""
    for route in Route.objects.filter(contract=archived.type, phase=Phase.ON):
        with connection.cursor() as cursor:
            cursor.execute(_ROUTE_STREAM, [route.direction, archived.partition_key])
            (position,) = cursor.fetchone()
        aggregate = f"{route.direction} {archived.partition_key}"
        Delivery.objects.create(
            event=archived,
            route=route,
            destination=route.destination,
            aggregate=aggregate,
            position=position,
            lane=lane_of(aggregate),
        )
        notify(Delivery._meta.db_table)
