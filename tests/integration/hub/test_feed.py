"""A side asks the hub for what it misses, and gets what it would have been handed over, signed."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from base.ids import uuid7
from integration import signing
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot, CustomerUpdated
from integration.hub import feed
from integration.hub.models import Delivery
from integration.lanes import WorkState
from tests.integration.wire import HandOver, as_side, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(client):
    """Three events of one customer are in the hub."""
    key = uuid7()
    for number in (1, 2, 3):
        snapshot = CustomerSnapshot(customer=key, name=f"name {number}")
        fact = (CustomerRegistered if number == 1 else CustomerUpdated)(customer=key, snapshot=snapshot)
        assert HandOver(signed(fact, number), "crm", "integration", number).post(client).status_code == 202
    return key


def ask(client, by="erp", **asked):
    path = f"/events/feed?{urlencode(asked)}"
    with as_side(by):
        headers = signing.hop_headers(path.encode(), "msg_1")
    headers.pop("content-type")
    return client.get(path, headers=headers)


def numbers(answer):
    signing.check_hop(answer.content, answer.headers, ("integration",))
    return [item["routeseq"] for item in json.loads(answer.content)["deliveries"]]


def test_what_follows_comes_in_order_and_nothing_more_is_no_content(client, customer):
    asked = {"direction": "crm>erp", "partition_key": f"customer:{customer}"}

    assert numbers(ask(client, **asked, after=0)) == [1, 2, 3]
    assert numbers(ask(client, **asked, after=2)) == [3]
    assert ask(client, **asked, after=3).status_code == 204


def test_what_was_parked_and_what_follows_it_is_not_told(client, customer):
    Delivery.objects.filter(position=2).update(state=WorkState.PARKED)

    assert numbers(ask(client, direction="crm>erp", partition_key=f"customer:{customer}", after=0)) == [1]


def test_what_a_pause_holds_is_not_told(client, customer, monkeypatch):
    monkeypatch.setattr(Delivery, "held_sql", lambda: ("h.position > 1", []))

    assert numbers(ask(client, direction="crm>erp", partition_key=f"customer:{customer}", after=0)) == [1]


def test_positions_say_how_far_a_side_has_come(client, customer):
    Delivery.objects.filter(position=1).update(state=WorkState.DONE)

    answer = ask(client, direction="crm>erp", after="")

    assert json.loads(answer.content)["positions"] == [[f"customer:{customer}", 1]]
    assert json.loads(ask(client, direction="crm>erp", after=f"customer:{customer}").content)["positions"] == []


@pytest.mark.parametrize(("days", "found"), [(399, [1, 2, 3]), (401, [])])
def test_it_reaches_four_hundred_days_back(customer, days, found):
    then = timezone.now() + timedelta(days=days)

    told = feed.following("crm>erp", f"customer:{customer}", 0, now=then)

    assert [json.loads(one)["routeseq"] for one in told] == found


@pytest.mark.parametrize(
    ("by", "asked", "status"),
    [
        ("crm", {"direction": "crm>erp", "partition_key": "x", "after": "0"}, 422),
        ("integration", {"direction": "crm>erp", "partition_key": "x", "after": "0"}, 401),
        ("erp", {"direction": "crm>erp", "partition_key": "x", "after": "-1"}, 422),
        ("erp", {"direction": "crm>erp", "partition_key": "x\x00", "after": "0"}, 204),
        ("erp", {"direction": "", "partition_key": "x", "after": "0"}, 422),
    ],
)
def test_only_the_destination_may_ask_and_only_sense(client, by, asked, status):
    assert ask(client, by, **asked).status_code == status
