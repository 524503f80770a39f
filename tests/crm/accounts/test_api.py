"""Accounts, catalogue and timeline over REST."""

import pytest
from rest_framework.test import APIClient

from crm.accounts import services as accounts
from integration.contracts.customers import CustomerUpdated
from tests.crm.makers import account, offered, user
from tests.helpers import emitted

pytestmark = pytest.mark.django_db


def as_(*roles):
    client = APIClient()
    client.force_login(user(*roles))
    return client


def test_an_account_comes_with_its_people():
    body = {"name": "Alfreds Futterkiste", "external_ref": "ALFKI", "contacts": [{"name": "Maria Anders"}]}

    made = as_("rep").post("/api/v1/accounts/", body, format="json")
    (found,) = as_("rep").get("/api/v1/accounts/", {"external_ref": "ALFKI"}).json()["results"]

    assert (made.status_code, made.json()["contacts"][0]["name"]) == (201, "Maria Anders")
    assert found["id"] == made.json()["id"]


def test_a_change_of_a_customer_is_told_to_the_erp():
    known = account()
    accounts.register(known)

    answer = as_("manager").patch(f"/api/v1/accounts/{known.pk}/", {"city": "Berlin"}, format="json")

    assert (answer.status_code, answer.json()["city"]) == (200, "Berlin")
    assert emitted(CustomerUpdated)[0].changed == ("city",)


def test_what_the_erp_says_cannot_be_written():
    known = account()

    as_("manager").patch(f"/api/v1/accounts/{known.pk}/", {"credit_band": "open", "party_code": "C1"}, format="json")

    assert as_("rep").get(f"/api/v1/accounts/{known.pk}/").json()["party_code"] == ""


def test_products_come_with_the_price_of_the_day():
    offered()

    (now,) = as_("rep").get("/api/v1/products/").json()["results"]
    (before,) = as_("rep").get("/api/v1/products/", {"on": "1990-01-01"}).json()["results"]

    assert (now["price"], before["price"]) == ("18.000000", None)
    assert as_("rep").get("/api/v1/products/", {"on": "1990-13-01"}).status_code == 422
    assert as_("rep").post("/api/v1/products/", {}, format="json").status_code == 403


def test_a_note_and_a_visit_stand_on_the_timeline():
    known = account()
    rep = as_("rep")
    note = rep.post("/api/v1/timeline/", {"kind": "note", "account": str(known.pk), "text": "likes tea"}, format="json")
    bare = rep.post("/api/v1/timeline/", {"kind": "visit", "account": str(known.pk)}, format="json")

    assert (note.status_code, bare.status_code) == (201, 422)
    assert len(rep.get("/api/v1/timeline/", {"account": str(known.pk)}).json()["results"]) == 1


@pytest.mark.parametrize("path", ["accounts", "contacts", "products", "timeline", "deals"])
def test_nobody_without_a_role_sees_anything(path):
    assert as_().get(f"/api/v1/{path}/").status_code == 403
    assert APIClient().get(f"/api/v1/{path}/").status_code == 401
