"""The joint view hears what stock is worth: once per change, as it stands."""

import json
from decimal import Decimal

import pytest

from erp.inventory import services as stock
from erp.inventory.reports import stock_value
from erp.inventory.tasks import tell_values
from integration.outbox import snapshots
from integration.outbox.models import Message
from tests.erp.orders.makers import TODAY, offer

pytestmark = pytest.mark.django_db
D = Decimal


def told():
    rows = Message.objects.filter(type="erp.stock.valued.v1").order_by("created_at")
    return [json.loads(bytes(row.body))["data"] for row in rows]


@pytest.fixture
def tea():
    return offer("CHAI", "20.00")


def test_what_has_changed_is_told_once_as_it_stands(tea):
    stock.receive(tea, D(40), D("11.37"), TODAY)
    stock.receive(tea, D(2), D("12.00"), TODAY)

    assert (tell_values(), tell_values()) == ("1 products told", "0 products told")

    (fact,) = told()
    assert (fact["sku"], fact["currency"]) == ("CHAI", "EUR")
    assert D(fact["value"]) == stock_value() > 0
    stock.count(tea, D(0), TODAY, "all gone")
    tell_values()
    assert [(D(one["on_hand"]), D(one["value"])) for one in told()][1:] == [(D(0), D(0))]


def test_a_product_that_never_lay_here_is_not_told(db):
    offer("AIR", "1.00", on_hand="0")

    assert tell_values() == "0 products told"


def test_all_of_it_can_be_told_again_as_history(tea):
    stock.receive(tea, D(40), D("11.37"), TODAY)
    tell_values()

    assert "stock" in snapshots.names()
    assert snapshots.tell("stock") == 1
    last = Message.objects.filter(type="erp.stock.valued.v1").order_by("-position").first()
    assert json.loads(bytes(last.body))["backfill"] is True
    assert told()[0]["value"] == told()[1]["value"]
