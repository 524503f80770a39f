"""The margin that is told adds up to the books."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest

from erp.inventory import services as stock
from erp.invoices import margins
from erp.invoices import services as invoices
from erp.ledger.reports import account_balance
from erp.returns import services as returns
from erp.shipping.models import Carrier
from erp.shipping.services import dispatch
from integration.contracts.returns import WantedBack
from integration.contracts.worth import LINES_AT_MOST, MarginLine
from integration.outbox.models import Message
from tests.erp.invoices.makers import ship, shipped_order
from tests.erp.orders.makers import TODAY, make_order, offer

pytestmark = pytest.mark.django_db
D = Decimal


def told():
    rows = Message.objects.filter(type="erp.margin.booked.v1").order_by("position")
    return [json.loads(bytes(row.body)) for row in rows]


def figures(event):
    data = event["data"]
    return data["kind"], D(data["revenue"]), D(data["cost"])


def test_an_invoice_tells_what_its_goods_earned_and_had_cost():
    order = shipped_order(("CHAI", "5", "20.00"))
    cost = account_balance("cogs")

    invoice = invoices.issue(order, date=TODAY)

    (event,) = told()
    assert figures(event) == ("invoice", D("100.00"), cost)
    assert cost > 0
    assert event["dataclassification"] == "restricted"
    assert (event["data"]["document"], event["data"]["number"]) == (str(invoice.pk), invoice.number)
    assert event["data"]["lines"] == [
        {"sku": "CHAI", "quantity": "5.0000", "revenue": "100.00", "cost": f"{cost:f}"},
    ]


def test_parts_at_other_costs_credits_and_goods_that_come_back_add_up_to_the_books():
    tea = offer("CHAI", "20.00")
    stock.receive(tea, D(40), D("11.37"), TODAY)
    order = make_order(("CHAI", "9", "20.00"), ("CHAI", "3", "20.00"))
    first, second = order.lines.order_by("position")
    carrier = Carrier.objects.get(name="Speedy Express")
    dispatch(order, {first.pk: D(2)}, carrier, on=TODAY)
    dispatch(order, {first.pk: D(3), second.pk: D(1)}, carrier, on=TODAY)
    invoices.issue(order, date=TODAY)
    stock.receive(tea, D(10), D("29.99"), TODAY)
    ship(order)
    invoices.issue(order, date=TODAY)
    back = returns.open_return(order, [WantedBack(sku="CHAI", quantity=D(4))], "too many")
    returns.authorise(back)
    returns.receive(back, {back.lines.get().pk: D(3)})
    returns.receive(back, {back.lines.get().pk: D(1)})
    returns.settle(back)

    kinds = [figures(event)[0] for event in told()]
    assert kinds == ["invoice", "invoice", "return", "return", "credit_note"]
    assert sum(figures(event)[2] for event in told()) == account_balance("cogs")
    income = -account_balance("sales") - account_balance("sales_returns")
    assert sum(figures(event)[1] for event in told()) == income
    for event in told():
        lines = event["data"]["lines"]
        assert sum(D(line["cost"]) for line in lines) == D(event["data"]["cost"])
        assert sum(D(line["revenue"]) for line in lines) == D(event["data"]["revenue"])


def test_a_long_document_is_told_in_parts():
    """A contract holds so many lines; a document may have more."""
    invoice = invoices.issue(shipped_order(("CHAI", "1", "20.00")), date=TODAY)
    before = len(told())
    line = MarginLine(sku="CHAI", quantity=D(1), revenue=D("1.00"), cost=D("0.40"))

    margins.tell("return", invoice.order, uuid4(), "R-1", TODAY, [line] * (LINES_AT_MOST + 1))

    parts = told()[before:]
    assert [(one["data"]["part"], len(one["data"]["lines"])) for one in parts] == [(1, LINES_AT_MOST), (2, 1)]
    assert [figures(one)[1:3] for one in parts] == [
        (D(LINES_AT_MOST), D(LINES_AT_MOST) * D("0.40")),
        (D(1), D("0.40")),
    ]
