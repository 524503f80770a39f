"""A promise becomes one order: accepted, held or refused, and nothing is lost."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from erp.inventory.models import StockBalance
from erp.orders import services as orders
from erp.orders.models import Order, OrderLine
from erp.orders.refusals import GoodsAreOut, NotSo, ReasonMissing
from erp.orders.services import NewLine
from erp.parties import services as parties
from erp.parties.models import Party
from integration.contracts.credit import CreditBanded
from integration.contracts.deals import DealWithdrawn
from integration.contracts.orders import (
    OrderAccepted,
    OrderCancelled,
    OrderCompleted,
    OrderHeld,
    OrderRefused,
    WithdrawalRefused,
)
from integration.contracts.parties import PartyOpened
from tests.erp.makers import company
from tests.erp.orders.makers import TODAY, customer, make_order, offer, promise
from tests.helpers import deliver, emitted

pytestmark = pytest.mark.django_db
D = Decimal


def reserved(sku="CHAI"):
    return StockBalance.objects.get(product__sku=sku).reserved


def test_a_promise_that_holds_is_accepted_and_reserved():
    offer()
    won = promise(("CHAI", "5", "18.00"), freight=D("7.50"))

    deliver(won)

    order = Order.objects.get()
    assert (order.status, order.net_total, order.gross_total) == ("accepted", D("90.00"), D("105.23"))
    assert (order.deal, order.promise["number"], order.party.name) == (won.deal, "D-000001", "Alfreds Futterkiste")
    assert reserved() == 5
    (opened,) = emitted(PartyOpened)
    (told,) = emitted(OrderAccepted)
    assert (opened.customer, told.deal, told.net_total) == (won.customer.customer, won.deal, D("90.00"))
    assert [(line.quantity, line.reserved) for line in told.lines] == [(5, 5)]


def test_one_deal_is_one_order_however_often_it_is_told():
    offer()
    won = promise(("CHAI", "5", "18.00"))

    for _again in range(3):
        deliver(won)

    assert (Order.objects.count(), OrderLine.objects.count(), len(emitted(OrderAccepted))) == (1, 1, 1)
    assert reserved() == 5


def test_a_promise_takes_few_queries(django_assert_max_num_queries):
    offer()
    who = customer()
    make_order(("CHAI", "1", "18.00"), customer=who)

    with django_assert_max_num_queries(23):  # of which eight open the party and tell the CRM its code
        make_order(("CHAI", "5", "18.00"))
    with django_assert_max_num_queries(16):
        make_order(("CHAI", "5", "18.00"), customer=who)


def test_an_unknown_product_is_refused_by_name():
    offer()

    order = make_order(("CHAI", "5", "18.00"), ("GHOST", "1", "3.00"))

    assert order.status == "refused"
    (told,) = emitted(OrderRefused)
    assert (told.reason_code, told.reason) == ("unknown-product", "We have no product GHOST.")
    assert reserved() == 0


def test_another_currency_is_refused():
    offer()

    assert make_order(("CHAI", "5", "18.00"), currency="USD").reason_code == "currency-mismatch"


def test_what_is_short_waits_and_is_served_oldest_first():
    from erp.inventory import services as stock

    product = offer(on_hand="3")
    first, second = make_order(("CHAI", "5", "18.00")), make_order(("CHAI", "4", "18.00"))

    stock.receive(product, D(4), D("10"), TODAY)
    served = orders.allocate_waiting(product)

    assert served == 2
    assert [order.lines.get().quantity_reserved for order in (first, second)] == [5, 2]


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ([("CHAI", "5", "17.00")], {}, "price-changed"),
        ([("CHAI", "5", "18.00")], {"net_total": D("80.00")}, "lines-differ"),
        ([("CHAI", "5", "18.00")], {"discount": "0.5"}, "below-floor"),
    ],
)
def test_what_a_person_must_see_is_held(lines, more, code):
    offer(floor_percent=D(60))

    order = make_order(*lines, **more)

    assert (order.status, order.reason_code) == ("held", code)
    (told,) = emitted(OrderHeld)
    assert told.reason == order.reason != ""
    assert reserved() == 0


def test_beyond_the_credit_limit_an_order_is_held_then_released():
    offer()
    who = customer()
    party = parties.open_party(who)
    parties.class_party(party, credit_limit=D("100.00"))
    first = make_order(("CHAI", "5", "18.00"), customer=who)
    second = make_order(("CHAI", "1", "18.00"), customer=who)

    assert (first.status, second.status, second.reason_code) == ("accepted", "held", "credit")
    orders.release(second, "known for years")

    second.refresh_from_db()
    assert (second.status, reserved()) == ("accepted", 6)
    assert [fact.band for fact in emitted(CreditBanded)] == ["tight", "stopped"]


def test_a_customer_on_hold_gets_nothing_without_a_person():
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), on_hold=True, hold_reason="bounced")

    order = make_order(("CHAI", "1", "18.00"), customer=who)
    with pytest.raises(ReasonMissing):
        orders.refuse(order, " ")
    orders.refuse(order, "They have not paid since spring.")

    assert [fact.reason for fact in emitted(OrderRefused)] == ["They have not paid since spring."]


def test_a_deal_taken_back_in_time_cancels_its_order():
    offer()
    order = make_order(("CHAI", "5", "18.00"))

    deliver(DealWithdrawn(deal=order.deal, reason="The customer changed their mind."))

    order.refresh_from_db()
    assert (order.status, reserved()) == ("cancelled", 0)
    assert [fact.reason for fact in emitted(OrderCancelled)] == ["The customer changed their mind."]


def test_a_deal_taken_back_too_late_is_answered_so():
    offer()
    order = make_order(("CHAI", "5", "18.00"))
    orders.record_shipped(order, {order.lines.get().pk: D(1)})

    with pytest.raises(GoodsAreOut):
        orders.cancel(order, "why not")
    deliver(DealWithdrawn(deal=order.deal, reason="no"))

    order.refresh_from_db()
    assert order.status == "accepted"
    assert len(emitted(WithdrawalRefused)) == 1


def test_an_order_of_our_own_goes_the_same_way():
    offer()
    party = parties.open_party(customer())
    draft = orders.create_order(party, [NewLine("CHAI", D(2))], ordered_on=TODAY)

    assert (draft.status, draft.lines.get().unit_price) == ("draft", D("18.000000"))
    order = orders.confirm(draft)

    assert (order.status, reserved()) == ("accepted", 2)
    with pytest.raises(NotSo):
        orders.confirm(draft)


def test_an_order_is_complete_when_all_is_shipped_invoiced_and_paid():
    offer()
    order = make_order(("CHAI", "2", "18.00"), freight=D("5.00"))
    line = order.lines.get().pk

    assert orders.record_shipped(order, {line: D(2)}) is True
    orders.record_invoiced(order, {line: D(2)})
    assert orders.complete_if_done(order) is False  # the freight is not on an invoice yet
    orders.record_invoiced(order, {}, freight=True)

    assert orders.complete_if_done(order) is True
    assert len(emitted(OrderCompleted)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_orderline SET quantity_shipped = quantity + 1",
        "UPDATE orders_orderline SET quantity_reserved = -1",
        "UPDATE orders_orderline SET quantity_invoiced = 1",
        "UPDATE orders_orderline SET unit_price = 1",
        "UPDATE orders_order SET promise = '{}'",
        "UPDATE orders_order SET net_total = 1",
        "DELETE FROM orders_orderline",
    ],
)
def test_the_database_keeps_the_promise(statement):
    offer()
    make_order(("CHAI", "5", "18.00"))

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_party_is_opened_once_per_customer():
    company()
    who = customer()

    assert parties.open_party(who).pk == parties.open_party(who).pk
    assert (Party.objects.count(), len(emitted(PartyOpened))) == (1, 1)
