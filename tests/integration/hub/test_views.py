"""The operator's pages: the wall, the list, one event's journey, mapping and keys."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.utils import timezone

from base.ids import uuid7
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot
from integration.contracts.deals import DealWithdrawn
from integration.contracts.parties import PartyOpened
from integration.hub import reports, routing, services
from integration.hub.models import Archived, Case, Delivery, Mapping, Quarantined, Route
from integration.hub.sides import SIDES
from integration.lanes import DONE, LaneWorker
from tests.helpers import page_queries
from tests.integration.hub.facts import won
from tests.integration.hub.sides import answering
from tests.integration.wire import HandOver, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What the sides said in the test before."""
    cache.clear()


@pytest.fixture
def operator(client, django_user_model):
    user = django_user_model.objects.create_user("olga")
    user.groups.add(Group.objects.get(name="operator"))
    client.force_login(user)
    return client


def told(client, fact=None, seq=1, **head):
    """The hub has taken this fact; its row in the archive."""
    fact = fact or DealWithdrawn(deal=uuid7(), reason="changed their mind")
    answer = HandOver(signed(fact, seq, **head), fact.owner, "integration", seq).post(client)
    assert answer.status_code == 202
    return Archived.objects.get(pk=answer.json()["id"])


def delivered(event, seconds=0.5):
    now = timezone.now()
    Delivery.objects.filter(event=event).update(
        state="done", answered=202, attempts=1, created_at=now - timedelta(seconds=seconds), finished_at=now
    )


def parked(event):
    Delivery.objects.filter(event=event).update(state="parked", answered=422, attempts=5, error="quarantined: no")


def row_of(contract):
    return next(row for row in reports.monitor().rows if row.route.contract == contract.type)


def test_only_operators_and_admins_see_the_wall(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest"))

    assert [client.get(path).status_code for path in ("/", "/events/", "/mapping/", "/keys/")] == [403] * 4


def test_the_wall_has_a_row_for_every_route(operator):
    html = operator.get("/").content.decode()

    assert html.count('class="route ') == Route.objects.count() + len(SIDES)
    assert "crm.deal.withdrawn.v1" in html


def test_a_route_shows_rate_and_lag_of_what_it_delivered(client):
    delivered(told(client), seconds=0.5)
    delivered(told(client), seconds=0.5)

    row = row_of(DealWithdrawn)

    assert (row.rate, row.delivered, row.waiting, row.lag_seconds, row.tone) == (2, 2, 0, 0.5, "good")


def test_what_waits_is_amber_after_ten_seconds_and_red_after_five_minutes(client):
    event = told(client)
    tones = []
    for age in (1, 11, 301):
        Delivery.objects.filter(event=event).update(created_at=timezone.now() - timedelta(seconds=age))
        tones.append((row_of(DealWithdrawn).waiting, row_of(DealWithdrawn).tone))

    assert tones == [(1, "good"), (1, "warn"), (1, "bad")]


def test_a_parked_delivery_needs_a_person(client):
    parked(told(client))

    row = row_of(DealWithdrawn)

    assert (row.waiting, row.parked, row.tone) == (0, 1, "bad")


def test_a_route_says_what_goes_wrong_by_class(operator):
    for answered, error in (
        (409, "sequence-gap"),
        (409, "sequence-gap"),
        (503, "away"),
        (None, "does not answer"),
        (None, ""),
    ):
        event = told(operator)
        Delivery.objects.filter(event=event).update(answered=answered, error=error)
    parked(event)

    row = row_of(DealWithdrawn)

    assert (row.waiting, row.retrying, row.parked) == (4, 4, 1)
    assert row.failing[0] == ("out of its order", 2), "the most frequent first"
    assert dict(row.failing[1:]) == {"fault of the receiver": 1, "no answer": 1, "not understood": 1}
    assert "out of its order 2" in operator.get("/").content.decode()


def test_the_wall_shows_what_each_side_has_still_to_tell(operator):
    told(operator)
    backlog = [
        ["crm.deal.won.v1", "waiting", None, 3, 7],
        ["crm.deal.won.v1", "waiting", 409, 1, 40],
        ["crm.deal.moved.v1", "parked", 422, 2, 9000],
    ]

    with answering("crm", outbox={"backlog": backlog}):
        page = operator.get("/")

    crm, erp = page.context["flows"]
    assert (crm.side, crm.rate, crm.waiting, crm.retrying, crm.parked, crm.oldest_seconds, crm.tone) == (
        "crm", 1, 4, 1, 2, 9000, "bad",
    )  # fmt: skip
    assert dict(crm.failing) == {"not understood": 2, "out of its order": 1}
    assert [(name, flow.waiting, flow.tone) for name, flow in crm.contracts.items()] == [
        ("crm.deal.won.v1", 4, "warn"),
        ("crm.deal.moved.v1", 0, "bad"),
    ]
    assert 0 <= crm.lag_seconds < 60
    assert (erp.tone, "erp does not answer" in erp.error) == ("warn", True)
    html = page.content.decode()
    assert ("CRM → hub" in html, "crm.deal.moved.v1" in html, "erp does not answer" in html) == (True,) * 3


def test_a_side_is_not_asked_for_every_look_at_the_wall(operator):
    with answering("crm", outbox={"backlog": []}) as asked:
        for _look in range(3):
            operator.get("/")

    assert [question["ask"] for question in asked] == ["outbox"]


@pytest.fixture
def pages(operator):
    """Every page of what goes on, with something on it."""
    event = told(operator, won(total="1.00"))
    parked(event)
    Delivery.objects.update(created_at=timezone.now() - timedelta(hours=3))  # so that no second passes on the wall
    case = Case.objects.get()
    return [
        "/", "/events/", f"/events/{event.pk}/", "/cases/", f"/cases/{case.pk}/", "/parked/", "/deliveries/",
        "/pauses/", f"/pauses/{case.pause_id}/", "/alerts/", "/keys/",
    ]  # fmt: skip


def mark_on(html):
    return re.search(r'id="live" data-live data-mark="(\w+)"', html)[1]


def test_every_page_of_what_goes_on_is_silent_until_something_changes(operator, pages):
    for path in pages:
        mark = mark_on(operator.get(path).content.decode())

        same = operator.get(path, headers={"X-Live": mark})
        other = operator.get(path, headers={"X-Live": "other"})

        assert (path, same.status_code, same.content) == (path, 204, b"")
        assert other.content.decode().startswith(f'<div class="stack" id="live" data-live data-mark="{mark}"')


def test_what_changed_is_sent_to_who_looks(operator):
    told(operator, won(total="1.00"))
    case = Case.objects.get()
    before = {path: mark_on(operator.get(path).content.decode()) for path in ("/", "/cases/", f"/cases/{case.pk}/")}

    services.decide(case, "accept", get_user_model().objects.get(), "it is right")
    told(operator, won(total="2.00"))

    for path, mark in before.items():
        answer = operator.get(path, headers={"X-Live": mark})
        assert (path, answer.status_code, mark_on(answer.content.decode()) == mark) == (path, 200, False)


def test_a_page_that_is_sent_back_with_mistakes_stays_as_it_is(operator):
    told(operator, won(total="1.00"))

    answer = operator.post(f"/cases/{Case.objects.get().pk}/decide/", {"choice": "accept", "reason": ""})

    assert (answer.status_code, "data-mark" in answer.content.decode()) == (422, False)


def test_who_signed_out_is_not_shown_what_changed(client):
    assert client.get("/", headers={"X-Live": "x"}).status_code == 302


def test_what_was_refused_at_the_door_is_shown(operator):
    Quarantined.objects.create(status=422, code="not-the-owner", reason="a price belongs to erp")

    assert "not-the-owner" in operator.get("/").content.decode()


def test_the_wall_asks_the_same_number_of_queries_for_one_event_and_for_three(operator, django_assert_num_queries):
    told(operator)
    with django_assert_num_queries(page_queries(7)):
        operator.get("/")
    told(operator)
    told(operator)
    with django_assert_num_queries(page_queries(7)):
        operator.get("/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"deal", "customer"}),
        ({"source": "erp"}, set()),
        ({"type": "crm.deal.withdrawn.v1"}, {"deal"}),
        ({"type": "nonsense"}, {"deal", "customer"}),
        ({"state": "parked"}, {"customer"}),
        ({"q": "chain-7"}, {"deal"}),
        ({"q": "nothing like that"}, set()),
        ({"q": "\x00"}, {"deal", "customer"}),
    ],
)
def test_events_are_found_by_side_contract_state_and_name(operator, query, found):
    told(operator, correlation_id="chain-7")
    parked(told(operator, registered()))

    rows = operator.get("/events/", query).context["page"].rows

    assert {row.partition_key.partition(":")[0] for row in rows} == found


def registered(customer=None, name="Ernst Handel"):
    customer = customer or uuid7()
    return CustomerRegistered(customer=customer, snapshot=CustomerSnapshot(customer=customer, name=name))


def test_an_event_is_found_by_the_id_of_what_it_is_about(operator):
    event = told(operator)
    told(operator)

    by_aggregate = operator.get("/events/", {"q": event.partition_key.partition(":")[2]}).context["page"].rows
    by_id = operator.get("/events/", {"q": str(event.pk)}).context["page"].rows

    assert (by_aggregate, by_id) == ([event], [event])


def test_the_list_asks_the_same_number_of_queries_for_one_event_and_for_three(operator, django_assert_num_queries):
    told(operator)
    with django_assert_num_queries(page_queries(2)):
        operator.get("/events/")
    told(operator)
    told(operator)
    with django_assert_num_queries(page_queries(2)):
        operator.get("/events/")


def test_a_journey_shows_signature_delivery_and_what_followed(operator):
    deal = uuid7()
    event = told(operator, DealWithdrawn(deal=deal, reason="no"), correlation_id="c1")
    delivered(event)
    answer = told(operator, registered(), correlation_id="c1", causation_id=str(event.pk))

    page = operator.get(f"/events/{event.pk}/")

    journey = page.context["journey"]
    assert (journey.signed, journey.intact, journey.cause) == (True, True, None)
    assert (journey.consequences, journey.same_chain, journey.same_aggregate) == ([answer], [answer], [])
    assert reports.journey(answer).cause == event
    html = page.content.decode()
    assert "Received by the ERP" in html
    assert event.keyid in html
    assert str(deal) in html


def test_a_journey_says_when_the_signature_does_not_hold(client):
    event = told(client)

    event.body = bytes(event.body).replace(b"changed", b"Changed")

    journey = reports.journey(event)
    assert (journey.signed, journey.intact) == (False, False)


def test_a_parked_delivery_is_sent_again_by_hand(operator):
    event = told(operator)
    parked(event)
    delivery = Delivery.objects.get(event=event)

    answer = operator.post(f"/deliveries/{delivery.pk}/retry/")

    delivery.refresh_from_db()
    assert answer.url == f"/events/{event.pk}/"
    assert (delivery.state, delivery.attempts) == ("waiting", 0)


def test_the_mapping_shows_customer_party_and_evidence(operator):
    customer = uuid7()
    told(operator, registered(customer, "和鸣贸易"))
    opened = told(operator, PartyOpened(customer=customer, party="C00001", payment_terms_days=30))

    html = operator.get("/mapping/", {"q": "和鸣"}).content.decode()

    assert Mapping.objects.get().party == "C00001"
    assert "和鸣贸易" in html
    assert str(opened.pk) in html
    assert "和鸣贸易" not in operator.get("/mapping/", {"q": "S0"}).content.decode()


def test_the_keys_of_all_sides_are_shown_by_fingerprint(operator):
    answer = operator.get("/keys/")
    rows = answer.context["rows"]

    assert {(key.side, key.purpose) for key in rows} == {
        (side, purpose) for side in ("crm", "erp", "integration") for purpose in ("origin", "hop")
    }
    assert [key.kid for key in rows if key.fingerprint not in answer.content.decode()] == []


def test_a_damaged_cursor_starts_from_the_beginning(operator):
    told(operator)

    assert operator.get("/events/", {"after": "WyJ4IiwieSJd"}).status_code == 200


def test_admins_look_at_the_archive_and_change_nothing(client, django_user_model):
    event = told(client)
    client.force_login(django_user_model.objects.create_superuser("ada"))

    page = client.get(f"/admin/hub/archived/{event.pk}/change/")

    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert client.post(f"/admin/hub/archived/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert [
        client.get(f"/admin/hub/{name}/").status_code for name in ("route", "delivery", "mapping", "quarantined")
    ] == [200] * 4


def test_an_admin_switches_a_route_and_the_history_says_who(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ada"))
    route = Route.objects.get(contract=DealWithdrawn.type)

    client.post(f"/admin/hub/route/{route.pk}/change/", {"phase": "off"})

    route.refresh_from_db()
    assert route.phase == "off"
    assert route.history.first().history_user.username == "ada"


def test_events_and_mappings_are_found_from_everywhere(operator, client):
    customer = uuid7()
    told(client, CustomerRegistered(customer=customer, snapshot=CustomerSnapshot(customer=customer, name="Alfreds")))

    groups = operator.get(f"/search/hits/?q={customer}").json()["groups"]

    assert [(group["key"], [hit["title"] for hit in group["hits"]]) for group in groups] == [
        ("events", ["crm.customer.registered.v1"])
    ]


def test_the_wall_draws_what_was_told_hour_by_hour(operator, client):
    told(client)

    html = operator.get("/").content.decode()

    assert 'data-chart="throughput-data"' in html
    assert "1 event in 24 hours, most of them at" in html


def test_the_hub_says_when_nobody_hands_on_to_one_side(operator):
    told(operator)
    LaneWorker(Delivery, lambda rows: [DONE for _row in rows], "a", destination="crm").run_once()
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=500))
    before = operator.get("/readyz").json()

    LaneWorker(Delivery, lambda rows: [DONE for _row in rows], "a", destination="erp").run_once()

    assert (before["status"], before["deliveries"][:1]) == ("degraded", "1")
    assert operator.get("/readyz").json()["status"] == "ok"


def test_a_routes_history_is_a_click_away_from_its_line(operator):
    route = Route.objects.get(contract="crm.deal.won.v1", destination="erp")
    routing.switch(route, "observed")

    page = operator.get("/steps/").content.decode()
    story = operator.get(f"/history/hub.route/{route.pk}/")

    assert f'href="/history/hub.route/{route.pk}/"' in page
    assert (story.status_code, "olga" in story.content.decode() or "observed" in story.content.decode()) == (200, True)
