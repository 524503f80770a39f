"""Every detector finds its one bad event, and says nothing about good ones."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from base.ids import uuid7
from integration import signing
from integration.contracts.credit import CreditBanded
from integration.contracts.deals import DepositReported
from integration.contracts.invoices import InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderCancelled, WithdrawalRefused
from integration.contracts.returns import ReturnRequested, WantedBack
from integration.contracts.shipments import ShipmentDispatched, ShippedLine
from integration.events import event_bytes
from integration.hub import known, sweeping
from integration.hub.models import Archived, Case, Delivery, Known, Pause, Quarantined
from tests.integration.hub.facts import (
    DAY,
    accepted,
    catalogue,
    customer,
    hand_over,
    party,
    price,
    product,
    tell,
    updated,
    withdrawn,
    withdrawn_product,
    won,
)
from tests.integration.wire import HandOver, as_side, signed

pytestmark = pytest.mark.django_db


def found():
    return [(case.cause, case.pause.scope) for case in Case.objects.order_by("number")]


def invoice(order, gross="107.10", currency="EUR"):
    return InvoiceIssued(
        order=order,
        currency=currency,
        invoice=uuid7(),
        number="INV-1",
        issued_on=DAY,
        due_on=DAY,
        net=Decimal("90.00"),
        tax=Decimal("17.10"),
        gross=Decimal(gross),
        deposits_used=Decimal(0),
    )


def with_fields(fact, seq, **fields):
    """The fact signed by its owner, with fields that its contract does not have."""
    body = event_bytes(
        fact, event_id=uuid7(), time=timezone.now(), aggregate_seq=seq, correlation_id="c", causation_id=""
    )
    head = json.loads(body)
    head["data"] |= fields
    with as_side(fact.owner):
        return HandOver(signing.seal(json.dumps(head).encode()), fact.owner, "integration", seq)


def test_a_field_of_the_other_side(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer))

    with_fields(updated(buyer.customer), 2, payment_terms_days=90).post(client)

    assert found() == [("foreign-field", "aggregate")]
    assert Case.objects.get().differences == [{"field": "payment_terms_days", "said": "90", "held": "30"}]


def test_an_unknown_field_of_the_owner_is_no_conflict(client):
    buyer = customer()
    tell(client, buyer)

    with_fields(updated(buyer.customer), 2, mood="sunny").post(client)

    assert found() == []


def test_a_change_of_an_old_version(client):
    buyer = customer(version=5)
    tell(client, buyer)

    tell(client, updated(buyer.customer, version=4), 2)

    assert found() == [("stale-base", "aggregate")]


@pytest.mark.parametrize("fact", [lambda: party(uuid7()), lambda: accepted(deal=uuid7())], ids=["customer", "deal"])
def test_a_key_nobody_knows(client, fact):
    tell(client, fact())

    assert found() == [("unmapped", "aggregate")]


def test_a_customer_is_known_from_the_promise_that_carries_it(client):
    promise = won()
    catalogue(client)
    tell(client, promise)

    tell(client, party(promise.customer.customer))

    assert found() == []


def test_a_band_for_a_party_nobody_opened(client):
    tell(client, CreditBanded(customer=uuid7(), party="C00009", band="open"))

    assert found() == [("unmapped", "aggregate")]


def test_a_customer_with_two_parties(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer, "C00001"))

    tell(client, party(buyer.customer, "C00002"), 2)

    assert found() == [("mapped-twice", "aggregate")]


def test_a_product_nobody_publishes(client):
    tell(client, won(sku="GHOST"))

    assert found() == [("unknown-product", "aggregate")]


def test_goods_that_never_claimed_to_be_of_the_catalogue_are_the_order_desks_business(client):
    tell(client, won(sku="GHOST", list_price=None))

    assert found() == []


def test_a_product_that_is_withdrawn(client):
    catalogue(client)
    tell(client, withdrawn_product(), 3)

    tell(client, won())

    assert found() == [("withdrawn-product", "aggregate")]


def test_a_product_by_its_former_name(client):
    catalogue(client)
    tell(client, product(name="Throne"), 3)

    tell(client, won(description="Throne"))
    tell(client, won(description="Chair, as discussed"))
    tell(client, won(description="Chair"))

    assert found() == [("renamed-product", "aggregate")]
    assert Case.objects.get().differences == [{"field": "sku CHAIR", "said": "Chair", "held": "Throne"}]


def test_a_unit_that_changes_under_a_product(client):
    catalogue(client)

    tell(client, product(unit="box"), 3)

    assert found() == [("unit", "aggregate")]


def test_a_promise_in_another_unit(client):
    catalogue(client)

    tell(client, won(unit="box"))

    assert found() == [("unit", "aggregate")]


def test_a_promise_in_a_currency_without_a_price(client):
    tell(client, product())
    tell(client, price(currency="CNY"), 2)

    tell(client, won())

    assert found() == [("currency", "aggregate")]


def test_an_invoice_in_another_currency_than_its_order(client):
    order = uuid7()
    tell(client, accepted(order))

    tell(client, invoice(order, currency="CNY"), 2)

    assert found() == [("currency", "aggregate")]


def test_an_order_in_another_currency_than_its_deal(client):
    catalogue(client)
    deal = won()
    tell(client, deal)

    tell(client, accepted(deal=deal.deal, currency="CNY"))

    assert found() == [("currency", "aggregate")]


def test_an_invoice_that_does_not_add_up(client):
    order = uuid7()
    tell(client, accepted(order))

    tell(client, invoice(order, gross="107.11"), 2)

    assert found() == [("total", "aggregate")]


def test_a_line_that_is_not_quantity_times_price(client):
    catalogue(client)

    tell(client, won(unit_price=Decimal("54")))

    assert Case.objects.get().differences == [{"field": "lines.1.net_amount", "said": "90.00", "held": "108.00"}]


def test_a_parcel_of_a_cancelled_order(client):
    order = uuid7()
    tell(client, accepted(order))
    tell(client, OrderCancelled(order=order, number="SO-1"), 2)

    parcel = ShipmentDispatched(
        shipment=uuid7(),
        number="SH-1",
        order=order,
        carrier="DHL",
        tracking="1",
        dispatched_at=timezone.now(),
        lines=(ShippedLine(sku="CHAIR", quantity=Decimal(1)),),
    )
    tell(client, parcel, 3)

    assert found() == [("state", "aggregate")]


def deposit(deal):
    return DepositReported(
        deposit=uuid7(), deal=deal.deal, customer=deal.customer, amount=Decimal(10), currency="EUR", reported_on=DAY
    )


def test_an_event_about_a_deal_that_was_taken_back(client):
    catalogue(client)
    deal = won()
    tell(client, deal)
    tell(client, withdrawn(deal.deal), 2)

    tell(client, deposit(deal), 3)

    assert found() == [("tombstone", "aggregate")]


def test_goods_come_back_when_it_was_too_late_to_take_the_deal_back(client):
    catalogue(client)
    deal = won()
    tell(client, customer(deal.customer.customer))
    tell(client, deal)
    tell(client, withdrawn(deal.deal), 2)
    tell(client, WithdrawalRefused(order=uuid7(), number="SO-1", deal=deal.deal, reason="goods are out"))

    back = ReturnRequested(
        request=uuid7(),
        ticket=uuid7(),
        ticket_number="T-1",
        deal=deal.deal,
        customer=deal.customer.customer,
        reason="broken",
        lines=(WantedBack(sku="CHAIR", quantity=Decimal(1)),),
    )
    tell(client, back)

    assert found() == []


def test_an_event_about_an_erased_customer(client):
    buyer = customer()
    event = tell(client, buyer)
    known.bury(f"customer:{buyer.customer}", event.pk, timezone.now())

    tell(client, updated(buyer.customer), 2)

    assert found() == [("tombstone", "aggregate")]


def test_ids_and_numbers(client):
    catalogue(client)
    first, event_id = won(), uuid7()
    tell(client, first, event_id=event_id)
    hand_over(client, won(), 1, event_id=event_id)
    second, third = won(), won()
    hand_over(client, second, 2)
    tell(client, third)
    hand_over(client, withdrawn(third.deal), 1)

    assert found() == [("id-reuse", "aggregate"), ("gap", "aggregate"), ("regress", "aggregate")]


def test_a_restored_side_that_tells_the_same_fact_again_is_in_no_conflict_with_itself(client):
    """It has forgotten that it told it, so the event has another id and another time; the fact is the same."""
    buyer = customer()
    tell(client, buyer)
    first = party(buyer.customer)
    event = tell(client, first)

    again = hand_over(client, first, 1)

    assert (again.status_code, found()) == (200, [])
    assert list(Archived.objects.filter(source="erp").values_list("pk", flat=True)) == [event.pk]


def test_a_restored_side_that_tells_something_else_under_an_old_number_is_a_case(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer, code="C00001"))

    again = hand_over(client, party(buyer.customer, code="C00002"), 1)

    assert (again.status_code, found()) == (409, [("regress", "aggregate")])


def test_a_payment_may_come_at_any_time(client):
    order = uuid7()
    tell(client, accepted(order))
    paid = PaymentReceived(
        order=order, currency="EUR", receipt=uuid7(), number="R-1", kind="deposit", amount=Decimal(5), received_on=DAY
    )
    tell(client, paid, 2)

    assert found() == []


@pytest.fixture
def clock(monkeypatch):
    """The hub's clock, for what it writes and what it sweeps."""
    real = timezone.now
    moved = {"by": timedelta(0)}
    monkeypatch.setattr(timezone, "now", lambda: real() + moved["by"])

    def move(by):
        moved["by"] = by

    return move


def test_a_flood_holds_its_contract_and_no_other(client, clock):
    catalogue(client)
    for minute in range(70):
        clock(-timedelta(minutes=100 - minute))
        tell(client, won())
    clock(timedelta(0))
    for _event in range(31):
        tell(client, won())
    tell(client, customer())

    opened = sweeping.sweep_volume(sweeping.Habits())

    assert [(case.cause, case.about) for case in opened] == [("volume", "crm.deal.won.v1")]
    assert [(pause.scope, pause.target) for pause in Pause.objects.all()] == [("contract", "crm.deal.won.v1")]
    assert sweeping.sweep_volume(sweeping.Habits()) == []


def test_without_a_habit_nothing_is_a_flood(client):
    catalogue(client)
    for _event in range(31):
        tell(client, won())

    assert sweeping.sweep_volume(sweeping.Habits()) == []


def test_a_receiver_that_refuses_most_holds_the_contract(client):
    catalogue(client)
    for _event in range(12):
        tell(client, won())
    refused = Delivery.objects.filter(event__type="crm.deal.won.v1")
    refused.update(attempts=1, answered=422, error="quarantined")
    refused.filter(pk__in=refused[:2].values("pk")).update(state="done", answered=202, finished_at=timezone.now())

    opened = sweeping.sweep_rejects()

    assert [(case.cause, case.pause.target) for case in opened] == [("reject-rate", "crm.deal.won.v1")]
    assert opened[0].differences[0]["said"] == "10 of 12"


def test_a_side_that_is_mostly_refused_is_held_as_a_direction(client):
    Quarantined.objects.bulk_create(
        Quarantined(sender="erp", status=409, code="sequence-gap", reason=f"deal:{number}") for number in range(12)
    )

    opened = sweeping.sweep_rejects()

    assert [(case.pause.scope, case.pause.target) for case in opened] == [("direction", "erp>crm")]


def test_what_breaks_its_schema_counts_at_the_door(client):
    for number in range(12):
        move = HandOver(signed(customer(), 1), sender="crm", to="integration", routeseq=1)
        bent = json.loads(move.envelope.body) | {"data": {"number": number}}
        with as_side("crm"):
            envelope = signing.seal(json.dumps(bent).encode())
        assert HandOver(envelope, sender="crm", to="integration").post(client).status_code == 422

    opened = sweeping.sweep_rejects()

    assert [(case.pause.scope, case.pause.target) for case in opened] == [("direction", "crm>erp")]


def test_one_event_that_its_side_tries_again_and_again_holds_no_direction(client):
    Quarantined.objects.bulk_create(
        Quarantined(sender="erp", status=409, code="sequence-gap", reason="deal:1") for _row in range(50)
    )

    assert sweeping.sweep_rejects() == []


def test_what_is_known_can_be_made_again_from_the_archive(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer))
    catalogue(client)
    deal = won(buyer=buyer.customer)
    tell(client, deal)
    tell(client, withdrawn(deal.deal), 2)
    before = {row.name: (row.facts, row.gone) for row in Known.objects.all()}

    known.rebuild()

    assert {row.name: (row.facts, row.gone) for row in Known.objects.all()} == before
    assert Known.objects.get(name=f"deal:{deal.deal}").gone
