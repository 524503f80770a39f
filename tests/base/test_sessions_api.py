"""Where one is signed in, over REST: no more than the page allows."""

import time

import pytest
from django.test import Client
from rest_framework.test import APIClient

from base.account import sessions
from base.ids import uuid7
from base.stepup import CONFIRMED_AT
from base.tokens.services import create_token
from tests.crm.makers import user

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17) Version/17.1 Safari/604.1"


def signed_in(person, agent="", kind=Client):
    """A browser, as the page of the sign-in leaves it."""
    client = kind(HTTP_USER_AGENT=agent)
    client.force_login(person)
    row = sessions.sign_ins().get(session_key=client.session.session_key)
    row.agent = agent
    row.save()
    return client


def program(person, *scopes):
    _token, secret = create_token(person, "looks", list(scopes) or ["*:write"], 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def key_of(client):
    return sessions.sign_ins().get(session_key=client.session.session_key).pk


def stale(client):
    session = client.session
    session[CONFIRMED_AT] = time.time() - 601
    session.save()


def test_a_browser_sees_where_one_is_signed_in_and_ends_the_others():
    nancy = user("rep", name="nancy")
    here, there = signed_in(nancy, kind=APIClient), signed_in(nancy, PHONE)
    signed_in(user("rep", name="janet"))

    rows = here.get("/api/v1/sessions/").json()
    ended = here.post("/api/v1/sessions/end-others/").json()

    assert {(row["device"], row["here"]) for row in rows} >= {("Safari 17, iPhone", False)}
    assert [row["here"] for row in rows].count(True) == 1
    assert len(rows) == 2
    assert "session_key" not in str(rows)
    assert ended == {"ended": 1}
    assert (there.get("/accounts/").status_code, here.get("/accounts/").status_code) == (302, 200)


@pytest.mark.parametrize(("role", "status"), [("rep", 404), ("admin", 204)])
def test_from_a_browser_an_admin_ends_anybodys_and_others_only_theirs(role, status):
    victim, rival = signed_in(user("rep", name="nancy")), signed_in(user(role, name="boss"), kind=APIClient)

    assert rival.delete(f"/api/v1/sessions/{key_of(victim)}/").status_code == status
    assert victim.get("/accounts/").status_code == (200 if status == 404 else 302)


def test_a_browser_proves_first_who_it_is():
    nancy = user("rep", name="nancy")
    here, there = signed_in(nancy, kind=APIClient), signed_in(nancy)
    stale(here)

    asked = [here.delete(f"/api/v1/sessions/{key_of(there)}/"), here.post("/api/v1/sessions/end-others/")]

    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [(403, "step-up-required")] * 2
    assert there.get("/accounts/").status_code == 200


def test_a_token_ends_its_own_persons_and_nobody_elses_whatever_their_role():
    boss, nancy = user("admin", name="boss"), user("rep", name="nancy")
    mine, theirs, calls = signed_in(boss), signed_in(nancy), program(boss)

    answers = [calls.delete(f"/api/v1/sessions/{key}/").status_code for key in (key_of(theirs), uuid7())]
    rows = calls.get("/api/v1/sessions/").json()
    ended = calls.post("/api/v1/sessions/end-others/").json()

    assert (answers, [row["here"] for row in rows], ended) == ([404, 404], [False], {"ended": 1})
    assert (mine.get("/accounts/").status_code, theirs.get("/accounts/").status_code) == (302, 200)


def test_a_token_needs_the_scope_and_a_bad_question_is_a_problem():
    nancy = user("rep", name="nancy")
    reads, other = program(nancy, "account:read"), program(nancy, "accounts:write")

    assert reads.get("/api/v1/sessions/").status_code == 200
    assert reads.post("/api/v1/sessions/end-others/").status_code == 403
    assert other.get("/api/v1/sessions/").status_code == 403
    assert reads.get("/api/v1/sessions/?page=2").json()["code"] == "unknown-parameter"
    assert APIClient().get("/api/v1/sessions/").status_code == 401


def test_an_admin_sees_where_somebody_is_signed_in():
    nancy = user("rep", name="nancy")
    signed_in(nancy, PHONE)
    address = f"/api/v1/people/{nancy.pk}/sessions/"

    (row,) = program(user("admin", name="boss"), "account:read").get(address).json()

    assert (row["device"], row["here"]) == ("Safari 17, iPhone", False)
    assert program(nancy, "account:read").get(address).status_code == 403
