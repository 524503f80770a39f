"""A deal is made in seconds, frozen when won, and shows what became of it."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from base.ids import uuid7
from crm.activities.models import Entry
from crm.pipeline import approvals
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, DealShipment
from crm.pipeline.pricing import NewLine
from crm.pipeline.refusals import (
    ApprovalNeeded,
    DealClosed,
    NothingPromised,
    NotWon,
    PriceNeeded,
    PromiseTooLong,
    ReasonMissing,
)
from integration.contracts.customers import CustomerRegistered
from integration.contracts.deals import DealWithdrawn, DealWon, DepositReported
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderAccepted, OrderCompleted, OrderHeld, WithdrawalRefused
from integration.contracts.shipments import ShipmentDispatched, ShippedLine
from integration.inbox import Awaiting
from tests.crm.makers import account, deal, offered, user
from tests.helpers import deliver, emitted

D = Decimal


def won_deal():
    offered()
    return pipeline.win(deal(("CHAI", "5")), user("rep"))


@pytest.mark.django_db
def test_a_line_takes_the_list_price_of_the_deals_day():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 4, 1)))

    old, new = deal(("CHAI", "12"), ordered_on=date(1996, 12, 24)), deal(("CHAI", "12", "0.05"))

    assert (old.lines.get().unit_price, old.net_total) == (D("14.40"), D("172.80"))
    assert (new.lines.get().list_price, new.net_total) == (D("18.00"), D("205.20"))


@pytest.mark.django_db
def test_another_day_prices_the_deal_anew():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 4, 1)))
    some = deal(("CHAI", "10"))

    pipeline.change_deal(some, ordered_on=date(1996, 12, 24))

    assert Deal.objects.get().net_total == D("144.00")


@pytest.mark.django_db
def test_what_the_catalogue_does_not_know_needs_a_price_and_is_marked():
    with pytest.raises(PriceNeeded):
        deal(("GHOST", "1"))

    assert deal(("GHOST", "1", "0", "3.00")).lines.get().in_catalogue is False


@pytest.mark.django_db
def test_winning_freezes_the_promise_and_tells_the_erp():
    offered()
    some = deal(("CHAI", "5", "0.1"), freight=D("7.50"))

    pipeline.win(some, user("rep"))
    pipeline.win(some, user("rep"))

    (told,) = emitted(DealWon)
    assert (told.deal, told.net_total, told.freight, told.ordered_on) == (
        some.pk,
        D("81.00"),
        D("7.50"),
        Deal.objects.get().ordered_on,
    )
    assert [(line.sku, line.list_price, line.discount, line.net_amount) for line in told.lines] == [
        ("CHAI", D("18"), D("0.1"), D("81.00"))
    ]
    assert len(emitted(CustomerRegistered)) == 1
    with pytest.raises(DealClosed):
        pipeline.add_line(some, NewLine("CHAI", D(1)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pipeline_dealline SET unit_price = 1, net_amount = 5",
        "DELETE FROM pipeline_dealline",
        "UPDATE pipeline_deal SET net_total = 1",
        "UPDATE pipeline_deal SET freight = 1",
        "DELETE FROM pipeline_deal",
        "UPDATE pipeline_deal SET requested_on = '2030-01-01'",
        "UPDATE pipeline_deal SET status = 'open', won_at = NULL",
    ],
)
def test_the_database_keeps_what_was_promised(statement):
    won_deal()

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_the_database_lets_no_line_slip_into_a_promise_and_no_total_lie():
    won, other = won_deal(), deal(("CHAI", "1"))
    attempts = [
        ("UPDATE pipeline_dealline SET deal_id = %s, position = 9 WHERE deal_id = %s", [won.pk, other.pk]),
        (
            "UPDATE pipeline_deal SET status = 'won', won_at = now(), ordered_on = now(), net_total = 1 WHERE id = %s",
            [other.pk],
        ),
        ("UPDATE pipeline_deal SET status = 'withdrawn', won_at = now(), ordered_on = now() WHERE id = %s", [other.pk]),
    ]
    for statement, facts in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement, facts)

    assert (won.lines.count(), other.lines.count()) == (1, 1)


@pytest.mark.django_db
def test_a_promise_too_long_for_the_wire_is_refused_and_nothing_is_won():
    offered()
    some = deal(*[("CHAI", "1")] * 300)

    with pytest.raises(PromiseTooLong):
        pipeline.win(some, user("rep"))

    assert Deal.objects.get().status == "open"
    assert emitted(DealWon) == []


@pytest.mark.django_db(transaction=True)
def test_eight_rivals_win_a_deal_once():
    offered()
    some, rep = deal(("CHAI", "5")), user("rep")

    def rival():
        pipeline.win(some, rep)
        connection.close()

    rivals = [threading.Thread(target=rival) for _rival in range(8)]
    for thread in rivals:
        thread.start()
    for thread in rivals:
        thread.join()

    assert len(emitted(DealWon)) == 1


@pytest.mark.django_db
def test_a_deep_discount_needs_a_manager():
    offered()
    some = deal(("CHAI", "5", "0.3"))

    with pytest.raises(ApprovalNeeded) as refusal:
        pipeline.win(some, user("rep"))
    approvals.approve_line(some.lines.get(), user("manager"))
    pipeline.win(some, user("rep"))

    assert str(refusal.value) == "CHAI: 30 % off the list price needs a manager's approval (reps may give 25 %)."
    assert emitted(DealWon)[0].lines[0].approved_by == "manager"


@pytest.mark.django_db
def test_an_empty_deal_cannot_be_won_and_a_lost_one_says_why():
    some = deal()
    with pytest.raises(NothingPromised):
        pipeline.win(some, user("rep"))
    with pytest.raises(ReasonMissing):
        pipeline.lose(some, " ")
    pipeline.lose(some, "too expensive")

    assert (Deal.objects.get().status, Deal.objects.get().close_reason) == ("lost", "too expensive")
    with pytest.raises(NotWon):
        pipeline.withdraw(some, "no")


@pytest.mark.django_db
def test_a_won_deal_can_be_taken_back_and_stands_again_when_it_is_too_late():
    some = won_deal()
    pipeline.withdraw(some, "changed their mind")
    (told,) = emitted(DealWithdrawn)

    deliver(WithdrawalRefused(order=uuid7(), number="SO-1", deal=some.pk, reason="The goods have left."))

    assert told.reason == "changed their mind"
    assert Deal.objects.get().status == "won"


@pytest.mark.django_db
def test_a_deposit_heard_of_is_told_at_once():
    offered()
    some = deal(("CHAI", "5"))

    report = pipeline.report_deposit(some, D("20"), by=user("rep"), reference="cheque")

    (told,) = emitted(DepositReported)
    assert (told.deposit, told.deal, told.amount, told.customer.name) == (
        report.pk,
        some.pk,
        D("20.00"),
        "Alfreds Futterkiste",
    )


@pytest.mark.django_db
def test_a_deal_shows_its_orders_life_each_fact_once():
    some, order, invoice = won_deal(), uuid7(), uuid7()
    who = {"order": order, "deal": some.pk}
    money = {**who, "currency": "EUR"}
    facts = [
        OrderHeld(**who, number="SO-1", reason_code="credit", reason="over the limit"),
        OrderAccepted(**who, number="SO-1", currency="EUR", net_total=D(90)),
        ShipmentDispatched(
            **who,
            shipment=uuid7(),
            number="SH-1",
            carrier="Speedy Express",
            tracking="SE1",
            dispatched_at=datetime.now(UTC),
            complete=True,
            lines=(ShippedLine(sku="CHAI", quantity=D(5)),),
        ),
        InvoiceIssued(
            **money,
            invoice=invoice,
            number="INV-1",
            issued_on=date.today(),
            due_on=date.today(),
            net=D(90),
            tax=D("6.30"),
            gross=D("96.30"),
            deposits_used=D(0),
        ),
        PaymentReceived(
            **money,
            receipt=uuid7(),
            number="RC-1",
            kind="payment",
            amount=D("96.30"),
            received_on=date.today(),
            invoice=invoice,
            invoice_number="INV-1",
            open_amount=D(0),
        ),
        InvoiceCredited(
            **money, credit_note=uuid7(), number="CN-1", issued_on=date.today(), net=D(18), tax=D(1), gross=D(19)
        ),
        OrderCompleted(**who, number="SO-1"),
    ]
    for fact in facts:
        event = uuid7()
        deliver(fact, id=event)
        deliver(fact, id=event)

    some = Deal.objects.get()
    assert (some.order.state, some.order.number, some.order.shipped_all) == ("completed", "SO-1", True)
    assert [shipment.tracking for shipment in some.shipments.all()] == ["SE1"]
    assert [(doc.kind, doc.open_amount) for doc in some.invoices.all()] == [("invoice", D(0)), ("credit_note", None)]
    assert some.payments.count() == 1
    assert Entry.objects.filter(deal=some.pk, kind__startswith="erp_").count() == len(facts)


@pytest.mark.django_db
def test_a_fact_of_a_deal_we_do_not_know_yet_waits_and_one_without_a_deal_goes_to_the_customer():
    unknown = OrderHeld(order=uuid7(), number="SO-1", deal=uuid7(), reason_code="credit", reason="x")
    with pytest.raises(Awaiting):
        deliver(unknown)
    known = account()

    deliver(OrderCompleted(order=uuid7(), number="SO-9", customer=known.pk))

    assert Entry.objects.get(account=known).facts == {"number": "SO-9"}
    assert DealShipment.objects.count() == 0
