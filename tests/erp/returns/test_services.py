"""Goods come back as asked: decided, received at the worth they left with, and credited."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.inventory.models import StockBalance
from erp.inventory.reports import stock_difference
from erp.ledger.reports import account_balance
from erp.returns import services as returns
from erp.returns.models import Return, ReturnLine
from erp.returns.refusals import MoreThanAgreed, NotDelivered, ReasonMissing, ReturnNotSo
from integration.contracts.invoices import InvoiceCredited
from integration.contracts.returns import (
    ReturnAuthorised,
    ReturnReceived,
    ReturnRefused,
    ReturnSettled,
    WantedBack,
)
from tests.erp.makers import user
from tests.erp.returns.makers import delivered, wish, wished_back
from tests.helpers import deliver, emitted

pytestmark = pytest.mark.django_db
D = Decimal


def test_goods_come_back_and_are_credited():
    order = delivered()
    told = wish(order)
    deliver(told)
    deliver(told)
    goods = Return.objects.get()

    returns.authorise(goods, "Dock 2")
    returns.receive(goods)
    returns.settle(goods)

    goods.refresh_from_db()
    balance = StockBalance.objects.get()
    assert (goods.status, goods.credit_note_number[:3]) == ("settled", "CRN")
    assert (balance.on_hand, account_balance("cogs"), stock_difference()) == (97, D("30.00"), 0)
    assert order.lines.get().quantity_returned == 2
    assert [fact.instructions for fact in emitted(ReturnAuthorised)] == ["Dock 2"]
    assert [fact.lines[0].quantity for fact in emitted(ReturnReceived)] == [2]
    (settled,) = emitted(ReturnSettled)
    assert (settled.request, settled.gross) == (told.request, D("38.52"))
    assert len(emitted(InvoiceCredited)) == 1


def test_what_was_not_delivered_cannot_come_back():
    order = delivered()

    deliver(wish(order, "6"))

    (told,) = emitted(ReturnRefused)
    assert told.reason == "CHAI: 5 of 6 can come back; more was not delivered."
    assert Return.objects.count() == 0


def test_two_wishes_cannot_have_the_same_goods():
    order = delivered()
    deliver(wish(order, "4"))
    deliver(wish(order, "2"))

    assert (Return.objects.count(), len(emitted(ReturnRefused))) == (1, 1)


def test_what_was_agreed_but_never_came_may_be_asked_for_again_once_settled():
    order = delivered()
    first = returns.authorise(wished_back(order, "5"))
    returns.receive(first, {first.lines.get().pk: D(2)})
    deliver(wish(order, "3"))
    assert len(emitted(ReturnRefused)) == 1

    returns.settle(first)
    deliver(wish(order, "3"))

    assert sorted(line.quantity for line in ReturnLine.objects.all()) == [3, 5]
    assert len(emitted(ReturnRefused)) == 1


def test_a_customer_who_calls_the_order_desk_gets_a_return_too():
    order, key = delivered(), uuid7()
    wanted = [WantedBack(sku="CHAI", quantity=D(2))]

    goods = returns.open_return(order, wanted, "broken", key)
    again = returns.open_return(order, wanted, "broken", key)
    returns.settle(returns.receive(returns.authorise(goods)))

    assert again.pk == goods.pk
    assert [(one.history_type, one.quantity) for one in ReturnLine.history.filter(goods_return_id=goods.pk)] == [
        ("+", 2)
    ]
    assert order.lines.get().quantity_returned == 2
    assert emitted(ReturnSettled) == []  # nobody in the CRM asked
    assert len(emitted(InvoiceCredited)) == 1
    with pytest.raises(NotDelivered, match="CHAI: 3 of 4 can come back"):
        returns.open_return(order, [WantedBack(sku="CHAI", quantity=D(4))], "broken")
    with pytest.raises(ReasonMissing):
        returns.open_return(order, wanted, " ")


def test_a_deal_without_an_order_is_answered():
    order = delivered()

    deliver(wish(order, deal=uuid7()))

    assert emitted(ReturnRefused)[0].reason == "There is no order for this deal."


def test_only_what_was_agreed_comes_in_and_in_parts():
    order = delivered()
    deliver(wish(order, "3"))
    goods = Return.objects.get()
    line = goods.lines.get()
    with pytest.raises(ReturnNotSo):
        returns.receive(goods)
    returns.authorise(goods)

    returns.receive(goods, {line.pk: D(1)})
    with pytest.raises(MoreThanAgreed):
        returns.receive(goods, {line.pk: D(3)})
    returns.receive(goods, {line.pk: D(2)})

    assert goods.lines.get().quantity_received == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("UPDATE returns_goodsback SET quantity = 99")


def test_the_same_parcel_told_twice_comes_in_once():
    goods, parcel = returns.authorise(wished_back(quantity="3")), uuid7()
    line = goods.lines.get()

    for _again in range(2):
        returns.receive(goods, {line.pk: D(1)}, posting=parcel)

    assert goods.lines.get().quantity_received == 1
    assert len(emitted(ReturnReceived)) == 1


def test_each_step_has_its_role():
    order = delivered()
    deliver(wish(order))
    pk = Return.objects.get().pk

    def status(role, step):
        client = APIClient()
        client.force_login(user(role))
        return client.post(f"/api/v1/returns/{pk}/{step}/", {}, format="json").status_code

    assert [status("warehouse", "authorise"), status("order_desk", "authorise")] == [403, 200]
    assert [status("order_desk", "receive"), status("warehouse", "receive")] == [403, 200]
    assert [status("warehouse", "settle"), status("accountant", "settle")] == [403, 200]
