"""Restricted facts go to nobody who was not granted their tier: not by a webhook, not by the log."""

import json
import logging
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from rest_framework.test import APIClient

from base.tiers import HiddenField
from erp.inventory import services as stock
from erp.inventory.valuing import tell_values
from erp.invoices import services as invoices
from erp.parties import services as parties
from integration.webhooks import services
from integration.webhooks.models import Delivery, Endpoint
from tests.erp.invoices.makers import ship
from tests.erp.orders.makers import TODAY, make_order, offer

pytestmark = pytest.mark.django_db
D = Decimal
MARGIN, STOCK, CREDIT = "erp.margin.booked.v1", "erp.stock.valued.v1", "erp.credit.limited.v1"
ALL = {CREDIT, MARGIN, STOCK}
ADDRESS = "https://93.184.216.34/hook"
# A figure that nothing else comes to: three at 1234.57 each.
COST = "3703.71"


def manager(role):
    """Of that role, and may manage webhooks."""
    user = get_user_model().objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get(name=role))
    user.user_permissions.add(Permission.objects.get(codename="manage_webhooks"))
    return get_user_model().objects.get(pk=user.pk)


def business():
    """Goods are sold and valued, a customer gets a limit: all three restricted facts are told."""
    tea = offer("CHAI", "2000.00", on_hand="0")
    stock.receive(tea, D(4), D("1234.57"), TODAY)
    order = make_order(("CHAI", "3", "2000.00"))
    ship(order)
    invoice = invoices.issue(order, date=TODAY)
    tell_values()
    parties.class_party(order.party, credit_limit=D("777333"))
    return invoice


def told(endpoint):
    return set(endpoint.deliveries.values_list("type", flat=True))


def test_everything_means_what_everyone_may_read_and_a_restricted_fact_is_told_by_name_only(settings):
    boss = manager("admin")
    every, _secret = services.add_endpoint(boss, ADDRESS, ["*"])
    named, _secret = services.add_endpoint(boss, ADDRESS, [MARGIN, STOCK, CREDIT])

    business()

    assert told(every) & {MARGIN, STOCK, CREDIT} == set()
    assert "erp.invoice.issued.v1" in told(every)
    assert told(named) == {MARGIN, STOCK, CREDIT}
    body = json.loads(bytes(Delivery.objects.get(endpoint=named, type=MARGIN).body))
    assert body["data"]["cost"] == COST


@pytest.mark.parametrize(
    ("role", "may"),
    [("warehouse", set()), ("order_desk", {CREDIT}), ("accountant", ALL), ("auditor", ALL)],
)
def test_who_may_not_see_a_figure_can_have_it_told_to_no_address(role, may):
    person, api, page = manager(role), APIClient(), Client()
    api.force_authenticate(person)
    page.force_login(person)

    for name in (CREDIT, MARGIN, STOCK):
        answer = api.post("/api/v1/webhooks/", {"url": ADDRESS, "events": [name]}, format="json")
        shown = page.post("/webhooks/new/", {"url": ADDRESS, "events": [name]})
        assert (answer.status_code, shown.status_code) == ((201, 200) if name in may else (403, 422)), name
        assert (f'value="{name}"' in page.get("/webhooks/new/").content.decode()) is (name in may)
    assert {name for one in Endpoint.objects.all() for name in one.events} == may


def test_who_may_not_see_a_figure_turns_nothing_that_is_told_to_another_address():
    endpoint, _secret = services.add_endpoint(manager("accountant"), ADDRESS, [MARGIN])

    with pytest.raises(HiddenField):
        services.change_endpoint(endpoint, manager("order_desk"), url="https://93.184.216.35/mine")

    endpoint.refresh_from_db()
    assert endpoint.url == ADDRESS


def test_no_page_or_answer_about_deliveries_shows_what_was_told():
    boss = manager("admin")
    named, _secret = services.add_endpoint(boss, ADDRESS, [MARGIN, STOCK, CREDIT])
    business()
    page, api = Client(), APIClient()
    page.force_login(boss)
    api.force_authenticate(boss)

    shown = [
        page.get(f"/webhooks/{named.pk}/").content.decode(),
        page.get("/webhooks/deliveries/").content.decode(),
        page.get("/lists/webhook_deliveries/export/csv/?view=all").getvalue().decode(),
        api.get("/api/v1/webhook-deliveries/").content.decode(),
    ]

    assert [MARGIN in text for text in shown] == [True] * 4
    assert [figure for figure in (COST, "777333") for text in shown if figure in text] == []


def test_the_log_says_that_a_figure_was_told_and_not_which(caplog):
    with caplog.at_level(logging.DEBUG):
        business()

    lines = [f"{record.getMessage()} {record.__dict__.get('exc_text')}" for record in caplog.records]
    assert [name for name in (MARGIN, STOCK, CREDIT) if not any(name in line for line in lines)] == []
    ours = [
        line
        for record, line in zip(caplog.records, lines, strict=True)
        if record.name.startswith(("integration", "erp", "base"))
    ]
    assert [line for line in ours if COST in line or "777333" in line] == []
