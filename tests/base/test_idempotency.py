"""A call with a key is done once, and answered the same again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.apps import apps
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from base import idempotency
from base.tokens.services import create_token
from crm.accounts.models import Account, Contact
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"


def rep(name="rep"):
    client = APIClient()
    client.force_login(user("rep", name=name))
    return client


def post(client, told, key="k", path=ACCOUNTS):
    return client.post(path, told, headers={"Idempotency-Key": key})


def test_the_same_call_again_is_not_done_again():
    client, told = rep(), {"name": "Alfreds", "contacts": [{"name": "Maria"}]}

    first, again = post(client, told), post(client, told)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert Account.objects.count() == 1


def test_another_body_is_refused_and_what_differs_is_named():
    client = rep()
    post(client, {"name": "Alfreds", "city": "Berlin", "contacts": [{"name": "Maria"}]})

    answer = post(client, {"name": "Alfreds", "city": "Bern", "contacts": [{"name": "Ana"}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "repeated-key")
    assert answer.json()["facts"] == {"differs": "city, contacts.0.name"}


def test_another_address_under_the_same_key_is_refused():
    client, where = rep(), account(owner=user("rep"))
    post(client, {"name": "Maria"})

    answer = post(client, {"name": "Maria", "account": str(where.pk)}, path="/api/v1/contacts/")

    assert answer.json()["facts"] == {"differs": "path, account"}
    assert not Contact.objects.exists()


def test_a_change_and_a_removal_are_remembered_too():
    client, where = rep(), account(owner=user("rep"))
    person = where.contacts.create(name="Maria")
    path, key = f"/api/v1/contacts/{person.pk}/", {"Idempotency-Key": "k2"}

    changes = [client.patch(path, {"name": "Ana"}, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    removals = [client.delete(path, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in changes + removals] == [200, 200, 204, 204]
    assert removals[1]["Idempotent-Replay"] == "true"
    assert removals[1].content == b""


def test_after_a_refusal_the_key_is_free():
    client = rep()

    assert post(client, {"name": ""}).status_code == 422
    assert post(client, {"name": "Alfreds"}).status_code == 201


def test_the_key_holds_across_session_and_token_of_one_user_and_not_across_users():
    _token, secret = create_token(user("rep"), "shop", ["*:write"], 1)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    mine = [post(client, {"name": "Alfreds"}).json()["id"] for client in (rep(), program)]
    other = post(rep("other"), {"name": "Alfreds"}).json()["id"]

    assert mine[0] == mine[1] != other


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_senseless_key_is_refused(key):
    assert post(rep(), {"name": "Alfreds"}, key).status_code == 422


def test_answers_are_kept_thirty_days():
    client, calls = rep(), apps.get_model("access", "RememberedCall").objects
    post(client, {"name": "Alfreds"}, "old")
    post(client, {"name": "Bernds"}, "new")
    calls.filter(key="old").update(created_at=timezone.now() - timedelta(days=30, seconds=1))

    assert idempotency.purge() == 1
    assert [call.key for call in calls.all()] == ["new"]


def test_on_the_twenty_ninth_day_the_answer_is_the_same_and_after_the_purge_the_key_is_free():
    client, calls = rep(), apps.get_model("access", "RememberedCall").objects
    first = post(client, {"name": "Alfreds"})
    calls.update(created_at=timezone.now() - timedelta(days=29))

    assert idempotency.purge() == 0
    again = post(client, {"name": "Alfreds"})
    assert (again.json(), again["Idempotent-Replay"]) == (first.json(), "true")
    assert post(client, {"name": "Bernds"}).status_code == 409

    calls.update(created_at=timezone.now() - timedelta(days=30, seconds=1))
    assert idempotency.purge() == 1
    assert post(client, {"name": "Bernds"}).status_code == 201
    assert sorted(one.name for one in Account.objects.all()) == ["Alfreds", "Bernds"]


def test_an_answer_that_the_night_has_not_purged_yet_is_forgotten_too():
    client, calls = rep(), apps.get_model("access", "RememberedCall").objects
    post(client, {"name": "Alfreds"})
    calls.update(created_at=timezone.now() - timedelta(days=30, seconds=1))

    assert post(client, {"name": "Another"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_rivals_with_one_key_do_it_once():
    somebody, start = user("rep"), Barrier(4)

    def call(_number):
        client = APIClient()
        client.force_login(somebody)
        start.wait()
        try:
            return post(client, {"name": "Alfreds"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Account.objects.count() == 1
