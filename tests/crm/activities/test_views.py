import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from crm.activities import services
from crm.activities.models import Entry
from tests.crm.makers import account, user
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def as_(client, *roles):
    client.force_login(user(*roles))
    return client


def test_a_visit_is_logged_with_one_tap_and_save(client):
    customer, key = account(), str(uuid4())
    rep = as_(client, "rep")

    for _again in range(2):
        answer = rep.post(
            f"/activities/visit/{customer.pk}/", {"outcome": "order", "idempotency_key": key}, headers=HTMX
        )
        assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"])["toast"] == {"text": "Visit logged.", "tone": "good"}
    assert [(entry.kind, entry.outcome) for entry in Entry.objects.all()] == [("visit", "order")]


def test_the_next_step_comes_by_chip(client):
    customer = account()
    as_(client, "rep").post(f"/activities/call/{customer.pk}/", {"outcome": "follow_up", "when": "week"})

    entry = Entry.objects.get()
    assert (entry.next_step, entry.next_step_on) == ("Follow up", timezone.localdate() + timedelta(days=7))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "order", "when": "day"}, "day"),
        ({"outcome": "order", "when": "day", "day": "2020-01-01"}, "day"),
        ({"outcome": "order", "next_step": "Send samples"}, "day"),
    ],
)
def test_a_mistake_is_shown_at_its_field(client, typed, field):
    answer = as_(client, "rep").post(f"/activities/visit/{account().pk}/", typed, headers=HTMX)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Entry.objects.exists()


def test_the_timeline_answers_only_when_something_changed(client):
    customer, rep = account(), as_(client, "rep")
    services.note(customer, "Likes tea", by=user("rep"))
    page = rep.get("/activities/timeline/", {"account": str(customer.pk)})
    revision = page.context["revision"]

    def ask():
        return rep.get("/activities/timeline/", {"account": str(customer.pk), "revision": revision})

    assert ask().status_code == 204
    services.note(customer, "Likes coffee too", by=user("rep"))
    assert b"Likes coffee too" in ask().content


def test_the_timeline_is_narrowed_by_kind_and_grows_on_demand(client):
    customer, rep = account(), as_(client, "rep")
    for number in range(15):
        services.note(customer, f"Note {number}", by=user("rep"))
    services.record_fact(
        customer, "deal_won", "Won", {"number": "D-1", "total": "1", "currency": "EUR"}, timezone.now()
    )
    at = {"account": str(customer.pk)}

    deals = rep.get("/activities/timeline/", {**at, "filter": "deals"})
    assert [entry["title"] for entry in deals.context["entries"]] == ["Deal D-1 won: 1.00 EUR"]
    assert len(rep.get("/activities/timeline/", at).context["entries"]) == 12
    assert len(rep.get("/activities/timeline/", {**at, "size": "60"}).context["entries"]) == 16


def test_the_timeline_costs_the_same_for_one_and_three_entries(client, django_assert_num_queries):
    customer, rep = account(), as_(client, "rep")
    services.note(customer, "One", by=user("rep"))
    rep.get("/activities/timeline/", {"account": str(customer.pk)})
    for _more in range(2):
        with django_assert_num_queries(page_queries(2)):
            rep.get("/activities/timeline/", {"account": str(customer.pk)})
        for number in range(2):
            services.log_call(customer, "order", by=user("manager", name=f"boss{number}"), text="Two")


@pytest.mark.parametrize("query", [{}, {"account": "nonsense"}, {"deal": "1"}])
def test_a_timeline_of_nothing_is_not_found(client, query):
    assert as_(client, "rep").get("/activities/timeline/", query).status_code == 404


def test_a_step_is_ticked_off(client):
    entry = services.note(account(), "x", by=user("rep"), next_step="Send samples", next_step_on=timezone.localdate())
    rep = as_(client, "rep")
    assert b"Send samples" in rep.get(f"/accounts/{entry.account_id}/").content

    answer = rep.post(f"/activities/steps/{entry.pk}/done/")

    assert (answer.url, Entry.objects.get().next_step_done_at is None) == (f"/accounts/{entry.account_id}/", False)


def test_guests_see_no_timeline(client):
    customer = account()
    client.force_login(user(name="guest"))

    assert client.get("/activities/timeline/", {"account": str(customer.pk)}).status_code == 403


def test_open_steps_are_asked_for_again_after_a_change(client):
    customer, rep = account(), as_(client, "rep")
    assert b"hidden" in rep.get(f"/activities/steps/{customer.pk}/").content

    services.note(customer, "x", by=user("rep"), next_step="Send samples", next_step_on=timezone.localdate())

    assert b"Send samples" in rep.get(f"/activities/steps/{customer.pk}/").content
