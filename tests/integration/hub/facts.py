"""Words for the hub's tests: facts as both sides tell them, handed over and taken."""

import base64
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection

from base.ids import uuid7
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot, CustomerUpdated
from integration.contracts.deals import DealLine, DealWithdrawn, DealWon
from integration.contracts.orders import OrderAccepted
from integration.contracts.parties import PartyOpened
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from integration.events import parse_event
from integration.hub.models import Archived, Delivery
from integration.lanes import LaneWorker, Outcome
from tests.integration.wire import HandOver, signed

DAY = date(2026, 11, 25)


def product(sku="CHAIR", **changed):
    return ProductPublished(**{"sku": sku, "name": "Chair", "unit": "pcs", "tax_class": "full"} | changed)


def price(sku="CHAIR", currency="EUR"):
    return PricePublished(sku=sku, currency=currency, unit_price=Decimal("45"), valid_from=DAY)


def withdrawn_product(sku="CHAIR"):
    return ProductWithdrawn(sku=sku)


def customer(id=None, name="Ernst Handel", version=1):
    id = id or uuid7()
    return CustomerRegistered(customer=id, snapshot=CustomerSnapshot(customer=id, name=name, version=version))


def updated(id, name="Ernst Handel GmbH", version=2, changed=("name",)):
    return CustomerUpdated(
        customer=id, snapshot=CustomerSnapshot(customer=id, name=name, version=version), changed=changed
    )


def party(id, code="C00001"):
    return PartyOpened(customer=id, party=code, payment_terms_days=30)


def won(deal=None, sku="CHAIR", total="90.00", buyer=None, **line):
    usual = {"quantity": Decimal(2), "discount": Decimal(0), "description": "Chair"}
    line = {**usual, "list_price": Decimal("45"), "unit_price": Decimal("45"), **line}
    return DealWon(
        deal=deal or uuid7(),
        number="D-000001",
        customer=CustomerSnapshot(customer=buyer or uuid7(), name="Ernst Handel"),
        currency="EUR",
        lines=(DealLine(line=uuid7(), position=1, sku=sku, net_amount=Decimal("90.00"), **line),),
        freight=Decimal(0),
        net_total=Decimal(total),
        ordered_on=DAY,
        won_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
    )


def withdrawn(deal):
    return DealWithdrawn(deal=deal, reason="the customer changed their mind")


def accepted(order=None, deal=None, currency="EUR"):
    return OrderAccepted(
        order=order or uuid7(), number="SO-1", deal=deal, currency=currency, net_total=Decimal("90.00")
    )


def hand_over(client, fact, seq=1, **head):
    """The side hands it to the hub; the hub's answer."""
    return HandOver(signed(fact, seq, **head), fact.owner, "integration", seq).post(client)


def tell(client, fact, seq=1, **head):
    """The hub has taken this fact; its row in the archive."""
    answer = hand_over(client, fact, seq, **head)
    assert answer.status_code == 202, answer.content
    return Archived.objects.get(pk=answer.json()["id"])


def archived_at(moment, *told):
    """These facts, each with its number, as the archive holds them since that moment; oldest first."""
    names = [field.column for field in Archived._meta.fields]
    rows = []
    for fact, seq in told:
        envelope = signed(fact, seq, time=moment)
        event = parse_event(envelope.body)
        row = Archived(
            event_id=event.id, digest=hashlib.sha256(envelope.body).hexdigest(), type=event.type, source=event.side,
            partition_key=event.partition_key, aggregate_seq=seq, keyid=envelope.keyid,
            signature=base64.b64encode(envelope.signature).decode(), body=envelope.body, told_at=moment,
            archived_at=moment,
        )  # fmt: skip
        rows.append(row)
    with connection.cursor() as cursor:  # the model writes the moment by itself
        cursor.executemany(
            f"INSERT INTO hub_archived ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
            [[getattr(row, field.attname) for field in Archived._meta.fields] for row in rows],
        )
    return rows


def catalogue(client):
    """A chair at a price."""
    tell(client, product())
    tell(client, price(), 2)


def claimable():
    """What a relay of the hub would send now, in the order it would; nothing is sent."""
    found = []

    def note(rows):
        found.extend(rows)
        return [Outcome("hold") for _row in rows]

    LaneWorker(Delivery, note, "test").run_once()
    return [row.event.type.removesuffix(".v1") for row in sorted(found, key=lambda row: row.pk)]
