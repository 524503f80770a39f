"""Restricted events in the hub: role by role and channel by channel, and by no way to a side that was not granted."""

import json
import logging
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from base.listing.listing import listing_of
from integration.contracts import all_contracts, contract_of, tier_of
from integration.contracts.credit import CreditLimited
from integration.contracts.worth import MarginBooked, MarginLine, StockValued
from integration.events import BadEvent, parse_event
from integration.hub import alerting, routing, services
from integration.hub.models import Archived, Case, Delivery, Grant, Phase, Quarantined, Route
from integration.hub.refusals import UnknownTarget
from tests.integration.hub.facts import DAY, accepted, customer, hand_over, party, product, tell
from tests.integration.hub.sides import answering
from tests.integration.wire import HandOver, signed
from tests.lists import names

pytestmark = pytest.mark.django_db
ROLES = ("operator", "auditor", "admin")
FIGURE = "7777.31"
RESTRICTED = [contract for contract in all_contracts() if contract.data_class == "restricted"]


def person(role):
    user = get_user_model().objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def facts():
    """One of each restricted contract, with a figure nothing else has; and what they follow."""
    buyer, order = customer(), accepted()
    figure = Decimal(FIGURE)
    goods = MarginLine(sku="CHAIR", quantity=Decimal(2), revenue=Decimal("9000"), cost=figure)
    margin = MarginBooked(
        order=order.order, kind="invoice", document=uuid7(), number="INV-1", booked_on=DAY, currency="EUR",
        revenue=Decimal("9000"), cost=figure, lines=(goods,),
    )  # fmt: skip
    stock = StockValued(
        sku="CHAIR", on_hand=Decimal(3), value=figure, currency="EUR", as_of=datetime(2026, 11, 25, tzinfo=UTC)
    )
    limit = CreditLimited(customer=buyer.customer, party="C00001", limit=figure, currency="EUR")
    before = [(buyer, 1), (party(buyer.customer), 1), (order, 1), (product(), 1)]
    return before, [(margin, 2), (stock, 2), (limit, 2)]


@pytest.fixture
def told(client):
    """All of them in the archive, the granted one on its way to the CRM and parked."""
    before, restricted = facts()
    for fact, seq in before:
        tell(client, fact, seq)
    routing.grant(CreditLimited.type, "crm", person("admin"), "the board decided")
    routing.switch(Route.objects.get(contract=CreditLimited.type), Phase.ON)
    events = [tell(client, fact, seq) for fact, seq in restricted]
    Delivery.objects.filter(event=events[2]).update(state="parked", answered=422, error="422 quarantined")
    return events


def reader(role):
    return get_user_model().objects.filter(username=f"a-{role}").first() or person(role)


def texts(user, events):
    """Every channel of the hub: its name and all that it answers to this person."""
    page, by_api = browser(user), api(user)
    paths = ["/", "/events/", f"/events/?q={events[0].partition_key}", f"/events/?q={FIGURE}", "/cases/", "/parked/"]
    paths += ["/deliveries/", f"/deliveries/?q={FIGURE}", "/alerts/", "/steps/", "/comparisons/", "/mapping/"]
    paths += ["/admin/hub/archived/", "/admin/hub/delivery/", "/admin/hub/quarantined/"]
    paths += [f"/events/?ordering={column.name}" for column in listing_of("events").columns]
    for path in paths:
        yield path, page.get(path).content.decode()
    assert f"/events/{events[0].pk}" not in page.get(f"/search/?q={FIGURE}").content.decode()
    for name in names():
        every = ",".join(column.name for column in listing_of(name).columns)
        yield f"{name}.csv", page.get(f"/lists/{name}/export/csv/?view=all&columns={every}").getvalue().decode()
    for event in events:
        yield f"page of {event.type}", page.get(f"/events/{event.pk}/").content.decode()
        yield f"api of {event.type}", by_api.get(f"/api/v1/events/{event.pk}/").content.decode()
        yield f"admin of {event.type}", page.get(f"/admin/hub/archived/{event.pk}/change/").content.decode()
    for name in ("events", "deliveries", "cases", "parked", "alerts", "monitor", "routes", "mappings"):
        yield f"api {name}", by_api.get(f"/api/v1/{name}/").content.decode()


def asked_for(text):
    """Without what the reader typed themselves."""
    for typed in (f"q={FIGURE}", f'value="{FIGURE}"', f"“{FIGURE}”"):
        text = text.replace(typed, "")
    return text


@pytest.mark.parametrize("role", ROLES)
def test_a_restricted_figure_is_shown_on_the_events_own_page_and_api_to_its_tier_and_nowhere_else(told, role):
    parked = {"classes": [], "events": [_parked(event) for event in told]}
    with answering("crm", parked=parked), answering("erp", parked={"classes": [], "events": []}):
        shown = {name for name, text in texts(reader(role), told) if FIGURE in asked_for(text)}

    few = {f"{way} of {event.type}" for event in told for way in ("page", "api")} | {"/parked/"}
    assert shown == (set() if role == "operator" else few)


def _parked(event):
    return {
        "event": str(event.pk), "type": event.type, "aggregate": event.partition_key, "class": "ValueError",
        "error": f"ValueError: {FIGURE} is too much", "received_at": "2026-11-25T12:00:00+00:00",
    }  # fmt: skip


def test_every_restricted_contract_is_looked_at_here_and_names_its_tier(told):
    assert {event.type for event in told} == {contract.type for contract in RESTRICTED}
    assert {tier_of(contract.type) for contract in RESTRICTED} == {"credit", "cost", "margin"}
    assert tier_of("crm.deal.won.v1") == ""


@pytest.mark.parametrize("contract", [MarginBooked, StockValued])
def test_what_is_for_the_joint_view_only_reaches_no_side_and_can_be_granted_to_none(told, contract):
    assert not Route.objects.filter(contract=contract.type).exists()
    assert not Delivery.objects.filter(event__type=contract.type).exists()
    for side in ("crm", "erp"):
        with pytest.raises(UnknownTarget):
            routing.grant(contract.type, side, reader("admin"), "they would like to know")


def test_a_side_that_hands_over_anothers_restricted_fact_is_refused(client):
    _before, ((margin, _seq), *_rest) = facts()

    answer = HandOver(signed(margin, by="crm"), "crm", "integration").post(client)

    assert answer.status_code in (401, 422)
    assert not Archived.objects.exists()


def test_what_is_refused_at_the_door_is_told_without_its_figures(client, caplog):
    before, restricted = facts()
    for fact, seq in before:
        tell(client, fact, seq)
    bent = [
        lambda data: data | {"currency": FIGURE},
        lambda data: data | {"currency": f"€{FIGURE}"},
        lambda data: {name: FIGURE + "." if name in ("cost", "value", "limit") else data[name] for name in data},
        lambda data: {name: value for name, value in data.items() if name != "currency"} | {"limit": FIGURE},
    ]
    with caplog.at_level(logging.DEBUG):
        for fact, seq in restricted:
            for bend in bent:
                event = json.loads(signed(fact, seq).body)
                body = json.dumps(event | {"data": bend(event["data"])}).encode()
                with pytest.raises(BadEvent) as refused:
                    parse_event(body).contract()
                assert FIGURE not in str(refused.value)
        with pytest.raises(BadEvent) as inexact:
            parse_event(json.dumps(event | {"data": {"limit": float(FIGURE)}}).encode())
        hand_over(client, restricted[0][0], 9)

    assert FIGURE not in str(inexact.value)
    assert [row.reason for row in Quarantined.objects.all() if FIGURE in row.reason] == []
    assert Quarantined.objects.count() == 1
    assert [record for record in caplog.records if FIGURE in record.getMessage()] == []


def test_a_wish_that_the_owner_mend_a_restricted_fact_says_which_field_and_not_what(client):
    before, restricted = facts()
    for fact, seq in before:
        tell(client, fact, seq)
    Route.objects.filter(contract=CreditLimited.type).update(phase=Phase.ON)
    limit = restricted[2][0].model_copy(update={"party": "C-SECRET"})
    tell(client, limit, 2)
    case = Case.objects.get()

    services.decide(case, "ask", reader("operator"), "which one is it?")

    case = Case.objects.get()
    wish = Archived.objects.get(pk=case.asked_event)
    assert b"C-SECRET" not in bytes(wish.body)
    assert json.loads(bytes(wish.body))["data"]["differences"] == [{"field": "party", "said": "•••", "held": "•••"}]
    assert [trouble.text for trouble in alerting.troubles() if "C-SECRET" in trouble.text] == []


def test_a_case_about_a_restricted_fact_keeps_its_values_in_its_history_too(client):
    before, restricted = facts()
    for fact, seq in before:
        tell(client, fact, seq)
    Route.objects.filter(contract=CreditLimited.type).update(phase=Phase.ON)
    tell(client, restricted[2][0].model_copy(update={"party": "C-SECRET"}), 2)

    page = browser(reader("operator")).get(f"/history/hub.case/{Case.objects.get().pk}/")

    assert page.status_code == 200
    assert "C-SECRET" not in page.content.decode()


@pytest.mark.parametrize("side", ["crm", "erp"])
def test_nothing_is_tried_at_a_side_that_may_not_be_told_it(told, side):
    operator, granted = reader("operator"), {(one.contract, one.destination) for one in Grant.objects.all()}
    events = list(Archived.objects.filter(type__in=[contract.type for contract in RESTRICTED]))
    kept_back = [one for one in events if (one.type, side) not in granted]

    with answering(side, **{"try": {"tried": [{"verdict": "accepted"}]}}) as asked:
        for archived in kept_back:
            browser(operator).post("/try/", {"event": str(archived.pk), "side": side})
            answer = api(operator).post(f"/api/v1/events/{archived.pk}/try/", {"side": side}, format="json")
            assert (answer.status_code, answer.data["code"]) == (409, "not-for-them")
        assert (len(kept_back) >= 2, asked) == (True, [])
        ordinary = Archived.objects.exclude(pk__in=[one.pk for one in events])
        one = next(one for one in ordinary if side in contract_of(one.type).audience)
        api(operator).post(f"/api/v1/events/{one.pk}/try/", {"side": side}, format="json")
        assert len(asked) == 1
