"""A program says why, and the history of what it changed says so too."""

from urllib.parse import quote

import pytest
from django.test import Client
from rest_framework.test import APIClient

from base import context
from base.history import changes_of
from base.tokens.services import create_token
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db


def program(reason=""):
    _token, secret = create_token(user("manager"), "shop", ["*:write"], 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}", **({"HTTP_X_REASON": reason} if reason else {}))
    return client


@pytest.mark.parametrize("told", ["agreed by phone", "10 % 折扣，客户要求"])
def test_a_change_remembers_why(told):
    one = account()

    answer = program(quote(told)).patch(f"/api/v1/accounts/{one.pk}/", {"city": "Bonn"})

    assert answer.status_code == 200
    assert one.history.first().history_change_reason == f"[API token “shop”] {told}"
    assert context.reason.get() == ""


def test_a_session_says_why_too_and_a_reason_is_never_taken_for_a_door():
    one, page = account(), APIClient()
    page.force_authenticate(user("manager"))

    page.patch(f"/api/v1/accounts/{one.pk}/", {"city": "Bonn"}, headers={"X-Reason": "[wire] moved"})

    seen = changes_of(one, user("manager"))[0]
    assert (seen.through, seen.why) == ("", "[wire] moved")


def test_without_a_reason_there_is_none_and_reading_needs_none():
    one = account()

    assert program().patch(f"/api/v1/accounts/{one.pk}/", {"city": "Bonn"}).status_code == 200
    assert one.history.first().history_change_reason == "[API token “shop”]"
    assert program("%00").get(f"/api/v1/accounts/{one.pk}/").status_code == 200


def test_many_rows_at_once_remember_it():
    one = account()

    told = {"action": "tier", "told": {"tier": "vip"}, "ids": [str(one.pk)]}
    assert program("gold").post("/api/v1/lists/accounts/bulk/", told, format="json").json()["done"] == 1

    assert one.history.first().history_change_reason.endswith("gold")


@pytest.mark.parametrize("told", ["x" * 101, quote("好" * 101), "one%0Atwo", "nul%00", "%FF", "caf\xe9", "a%E2%80%A8b"])
def test_a_reason_that_cannot_be_kept_is_refused_and_nothing_is_done(told):
    one = account()

    answer = program(told).patch(f"/api/v1/accounts/{one.pk}/", {"city": "Bonn"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad-reason")
    assert answer.json()["errors"][0]["field"] == "X-Reason"
    one.refresh_from_db()
    assert one.city != "Bonn"


def test_a_hundred_characters_are_kept_whatever_their_bytes():
    assert program(quote("好" * 100)).patch(f"/api/v1/accounts/{account().pk}/", {"city": "Bonn"}).status_code == 200


def test_the_dialog_of_many_rows_takes_a_remark():
    one, page = account(), Client()
    page.force_login(user("manager"))
    address, told = "/lists/accounts/bulk/tier/", {"ids": [str(one.pk)], "state": ""}

    asked = page.post(address, told).content.decode()
    long = page.post(address, {**told, "told": "1", "tier": "vip", "remark": "x" * 101})
    page.post(address, {**told, "told": "1", "tier": "vip", "remark": "year's review"})

    assert 'name="remark"' in asked
    assert long.status_code == 422
    assert [row.history_change_reason for row in one.history.all()][:1] == ["year's review"]
    assert 'name="remark"' not in page.post("/lists/accounts/bulk/give_back/", told).content.decode()
