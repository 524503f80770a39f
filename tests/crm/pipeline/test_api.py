"""Deals over REST."""

import pytest
from rest_framework.test import APIClient

from crm.pipeline.models import Deal
from integration.contracts.deals import DealWon
from tests.crm.makers import account, deal, offered, user
from tests.helpers import emitted, page_queries

pytestmark = pytest.mark.django_db


def as_(*roles, name=""):
    client = APIClient()
    client.force_login(user(*roles, name=name))
    return client


def created(client, **more):
    lines = [{"sku": "CHAI", "quantity": "5", "discount": "0.1"}]
    return client.post("/api/v1/deals/", {"account": str(account().pk), "lines": lines, **more}, format="json")


def test_a_deal_is_made_and_won_in_two_calls():
    offered()
    rep = as_("rep")

    made = created(rep, freight="7.50", ordered_on="2026-11-20")
    won = rep.post(f"/api/v1/deals/{made.json()['id']}/win/")

    assert (made.status_code, made.json()["net_total"], made.json()["lines"][0]["unit_price"]) == (
        201,
        "81.00",
        "18.000000",
    )
    assert (won.status_code, won.json()["status"], won.json()["order"]["state"]) == (200, "won", "promised")
    assert len(emitted(DealWon)) == 1


def test_the_same_idempotency_key_makes_one_deal_and_another_body_is_refused():
    offered()
    rep, body = as_("rep"), {"account": str(account().pk), "lines": [{"sku": "CHAI", "quantity": "5"}]}

    answers = [rep.post("/api/v1/deals/", body, format="json", headers={"Idempotency-Key": "k1"}) for _again in "ab"]
    other = rep.post("/api/v1/deals/", {**body, "title": "x"}, format="json", headers={"Idempotency-Key": "k1"})

    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Deal.objects.count() == 1
    assert (other.status_code, other.json()["code"]) == (409, "repeated-key")


def test_bad_input_is_named_and_changes_nothing():
    offered()
    answer = as_("rep").post(
        "/api/v1/deals/", {"account": str(account().pk), "lines": [{"sku": "CHAI", "quantity": "-1"}]}, format="json"
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "quantity")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Deal.objects.count() == 0


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("rep", 403), ("manager", 200), ("admin", 200)])
def test_who_may_win_another_reps_deal(role, status):
    offered()
    some = deal(("CHAI", "1"), by=user("rep", name="owner"))

    assert as_(role, name=f"other-{role}").post(f"/api/v1/deals/{some.pk}/win/").status_code == status


def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries):
    offered()
    rep = as_("rep")
    rep.get("/api/v1/deals/")
    deal(("CHAI", "1"))
    with django_assert_num_queries(page_queries(1)):
        assert len(rep.get("/api/v1/deals/").json()["results"]) == 1
    for _more in range(2):
        deal(("CHAI", "1"))
    with django_assert_num_queries(page_queries(1)):
        assert len(rep.get("/api/v1/deals/").json()["results"]) == 3


def test_nobody_without_a_role_sees_a_deal():
    deal()

    assert as_().get("/api/v1/deals/").status_code == 403
