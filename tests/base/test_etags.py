"""An ETag names a version; a change that was made for another version is not made."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from rest_framework.test import APIClient

from tests.crm.makers import account, deal, offered, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    client = APIClient()
    client.force_login(user("rep"))
    return client


@pytest.fixture
def path():
    return f"/api/v1/accounts/{account(owner=user('rep')).pk}/"


def test_what_is_known_is_not_sent_again(rep, path):
    tag = rep.get(path)["ETag"]

    same = rep.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    rep.patch(path, {"city": "Bern"})
    changed = rep.get(path, headers={"If-None-Match": tag})

    assert tag.startswith('"')
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert (changed.status_code, changed["ETag"] != tag) == (200, True)


def test_a_changed_line_is_a_new_version_of_its_head(rep):
    offered()
    one = deal(("CHAI", "5"), by=user("rep"))
    path = f"/api/v1/deals/{one.pk}/"
    tag = rep.get(path)["ETag"]

    one.lines.update(description="Another")

    assert rep.get(path)["ETag"] != tag


def test_a_change_for_an_older_version_is_refused_and_the_current_one_named(rep, path):
    seen = rep.get(path)["ETag"]
    current = rep.patch(path, {"city": "Bern"}, headers={"If-Match": seen})["ETag"]

    late = rep.patch(path, {"city": "Basel"}, headers={"If-Match": seen})

    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert (late.json()["code"], late.json()["facts"]["current"], late["ETag"]) == ("version-changed", current, current)
    assert rep.get(path).json()["city"] == "Bern"
    assert rep.patch(path, {"city": "Basel"}, headers={"If-Match": current}).status_code == 200
    assert rep.patch(path, {"city": "Chur"}, headers={"If-Match": "*"}).status_code == 200


def test_a_step_and_a_removal_can_be_guarded_too(rep):
    offered()
    one = deal(("CHAI", "5"), by=user("rep"))
    person = one.account.contacts.create(name="Maria")

    step = rep.post(f"/api/v1/deals/{one.pk}/lose/", {"reason": "x"}, headers={"If-Match": '"old"'})
    removal = rep.delete(f"/api/v1/contacts/{person.pk}/", headers={"If-Match": '"old"'})

    assert (step.status_code, removal.status_code) == (412, 412)
    one.refresh_from_db()
    assert one.status == "open"


def test_a_deployment_may_demand_the_version(rep, path, settings):
    settings.API_REQUIRE_IF_MATCH = True

    answer = rep.patch(path, {"city": "Bern"})

    assert (answer.status_code, answer.json()["code"]) == (428, "version-required")
    assert rep.patch(path, {"city": "Bern"}, headers={"If-Match": rep.get(path)["ETag"]}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_rivals_with_one_version_only_the_first_is_heard():
    somebody = user("rep")
    path, start = f"/api/v1/accounts/{account(owner=somebody).pk}/", Barrier(4)

    def call(number):
        client = APIClient()
        client.force_login(somebody)
        seen = client.get(path)["ETag"]
        start.wait()
        try:
            return client.patch(path, {"city": f"Town {number}"}, headers={"If-Match": seen})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    (heard,) = [answer for answer in answers if answer.status_code == 200]
    client = APIClient()
    client.force_login(somebody)
    assert client.get(path).json()["city"] == heard.json()["city"]
