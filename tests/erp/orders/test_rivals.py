"""Two at once: one deal stays one order, one limit is not passed twice, and the books' exposure counts everything."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from erp.orders import services as orders
from erp.orders.models import Order
from erp.orders.reports import exposure
from erp.parties import services as parties
from erp.parties.models import Party
from integration.contracts.orders import OrderAccepted, OrderRefused
from integration.contracts.parties import PartyOpened
from tests.erp.orders.makers import customer, make_order, offer, promise
from tests.helpers import emitted

D = Decimal


def at_once(*promises: Any) -> list[Order]:
    def take(one: Any) -> Order:
        try:
            return orders.receive_promise(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(promises)) as pool:
        return list(pool.map(take, promises))


@pytest.mark.django_db(transaction=True)
def test_one_deal_told_by_rivals_is_one_order():
    offer()
    won = promise(("CHAI", "5", "18.00"))

    found = at_once(*[won] * 6)

    assert {order.pk for order in found} == {Order.objects.get().pk}
    assert (Party.objects.count(), len(emitted(OrderAccepted)), len(emitted(PartyOpened))) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_rivals_do_not_pass_the_limit_together():
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), credit_limit=D("100.00"))

    at_once(*[promise(("CHAI", "5", "18.00"), customer=who) for _rival in range(4)])

    assert sorted(order.status for order in Order.objects.all()) == ["accepted", "held", "held", "held"]


@pytest.mark.django_db
def test_exposure_counts_goods_freight_and_tax_until_they_are_invoiced():
    offer()
    order = make_order(("CHAI", "10", "18.00"), freight=D("10.00"))
    line = order.lines.get().pk
    assert exposure(order.party) == D("204.50") == order.gross_total

    orders.record_shipped(order, {line: D(4)})
    orders.record_invoiced(order, {line: D(4)}, freight=True)

    assert exposure(order.party) == D("115.56")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more",
    [
        {"lines": (("CHAI", "1.00005", "18.00"),)},
        {"lines": (("CHAI", "100000000000000000", "18.00"),)},
        {"freight": D("-1")},
        {"freight": D("0.005")},
        {"ordered_on": "1901-01-01"},
    ],
)
def test_figures_that_no_order_can_hold_are_refused_not_parked(more):
    offer()
    lines = more.pop("lines", (("CHAI", "1", "18.00"),))

    order = orders.receive_promise(promise(*lines, **more))

    assert (order.status, order.reason_code) == ("refused", "bad-figures")
    assert [fact.reason_code for fact in emitted(OrderRefused)] == ["bad-figures"]


@pytest.mark.django_db
def test_a_day_is_promised_only_when_the_goods_are_there():
    from datetime import date

    offer(on_hand="3")

    make_order(("CHAI", "2", "18.00"), requested_on=date(2026, 12, 1))
    make_order(("CHAI", "2", "18.00"), requested_on=date(2026, 12, 1))

    assert [fact.promised_on for fact in emitted(OrderAccepted)] == [date(2026, 12, 1), None]
