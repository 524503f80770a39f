"""The hub takes what its owner signed, once, in order, and nothing else."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from base.ids import uuid7
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot
from integration.contracts.deals import DealWithdrawn
from integration.contracts.parties import PartyOpened
from integration.contracts.products import PricePublished
from integration.hub.models import Archived, Delivery, Mapping, Phase, Quarantined, Route
from tests.integration.wire import HandOver, flipped, signed

pytestmark = pytest.mark.django_db


def withdrawn(deal=None):
    return DealWithdrawn(deal=deal or uuid7(), reason="the customer changed their mind")


def hand_over(fact, seq=1, **bent):
    return HandOver(signed(fact, seq), sender=fact.owner, to="integration", routeseq=seq, **bent)


def refusal():
    return Quarantined.objects.latest("pk").code


def test_an_event_is_archived_with_its_bytes_and_sent_to_its_audience(client):
    move = hand_over(withdrawn())

    answer = move.post(client)

    assert answer.status_code == 202
    archived = Archived.objects.get()
    assert bytes(archived.body) == move.envelope.body
    assert archived.source == "crm"
    delivery = Delivery.objects.get()
    assert (delivery.destination, delivery.position, delivery.state) == ("erp", 1, "waiting")


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(client):
    move = hand_over(withdrawn())
    move.post(client)

    assert move.post(client).status_code == 200
    assert (Archived.objects.count(), Delivery.objects.count()) == (1, 1)


def test_an_id_with_other_bytes_is_refused(client):
    fact, event_id = withdrawn(), uuid7()
    HandOver(signed(fact, 1, event_id=event_id), "crm", "integration").post(client)

    answer = HandOver(signed(fact, 2, event_id=event_id), "crm", "integration", 2).post(client)

    assert (answer.status_code, answer.json()["code"]) == (409, "id-reused")


def test_a_missing_event_is_noticed(client):
    answer = hand_over(withdrawn(), seq=2).post(client)

    assert (answer.status_code, answer.json()["code"]) == (409, "sequence-gap")
    assert Archived.objects.count() == 0


@pytest.mark.parametrize("off", [-302, 302])
def test_a_stale_hop_is_refused_without_detail(client, off):
    answer = hand_over(withdrawn(), now=time.time() + off).post(client)

    assert answer.status_code == 401
    assert "detail" not in answer.json()


@pytest.mark.parametrize("off", [-298, 298])
def test_a_hop_within_five_minutes_is_taken(client, off):
    assert hand_over(withdrawn(), now=time.time() + off).post(client).status_code == 202


def test_the_wrong_sides_hop_key_is_refused(client):
    assert hand_over(withdrawn(), hop_by="erp").post(client).status_code == 401


def test_another_side_cannot_sign_the_owners_fact(client):
    move = HandOver(signed(withdrawn(), by="erp"), "crm", "integration")

    assert move.post(client).status_code == 401
    assert Archived.objects.count() == 0


def test_a_side_may_not_publish_what_it_does_not_own(client):
    price = PricePublished(sku="1", currency="EUR", unit_price=Decimal("1"), valid_from=datetime.now(UTC).date())
    forged = signed(price, by="crm")
    body = forged.body.replace(b'"source":"/erp"', b'"source":"/crm"')
    from integration import signing
    from tests.integration.wire import as_side

    with as_side("crm"):
        envelope = signing.seal(body)

    answer = HandOver(envelope, "crm", "integration").post(client)

    assert (answer.status_code, answer.json()["code"]) == (422, "not-the-owner")


def test_a_flipped_bit_anywhere_in_the_event_is_refused(client):
    good = signed(withdrawn())
    for at in range(0, len(good.body), 37):
        bent = type(good)(flipped(good.body, at), good.keyid, good.signature)
        assert HandOver(bent, "crm", "integration").post(client).status_code in {401, 422}
    assert Archived.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"[]",
        b'{"from":"crm","from":"crm"}',
        b'{"routeseq": NaN}',
        b"[" * 10_000,
        b'{"a":1.5}',
        b"\xff\xfe",
    ],
)
def test_bytes_that_are_no_delivery_are_refused(client, body):
    answer = hand_over(withdrawn()).post_raw(client, body)

    assert answer.status_code == 422
    assert refusal() == "quarantined"


def test_ten_megabytes_are_refused_unread(client):
    assert hand_over(withdrawn()).post_raw(client, b" " * 10_000_000).status_code == 413


def test_only_json_is_taken(client):
    assert client.post("/events", "x=1", content_type="application/x-www-form-urlencoded").status_code == 415


def test_a_route_that_is_off_delivers_nothing_and_the_archive_has_all(client):
    Route.objects.filter(contract=DealWithdrawn.type).update(phase=Phase.OFF)

    hand_over(withdrawn()).post(client)

    assert (Archived.objects.count(), Delivery.objects.count()) == (1, 0)


def test_the_mapping_of_customer_and_party_names_its_evidence(client):
    customer = uuid7()
    snapshot = CustomerSnapshot(customer=customer, name="Alfreds Futterkiste")
    hand_over(CustomerRegistered(customer=customer, snapshot=snapshot)).post(client)
    hand_over(PartyOpened(customer=customer, party="C00001", payment_terms_days=30)).post(client)

    mapping = Mapping.objects.get()

    assert (mapping.party, mapping.name) == ("C00001", "Alfreds Futterkiste")
    assert mapping.evidence.type == PartyOpened.type
