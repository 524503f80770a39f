"""Whatever a caller sends, the answer is a problem that says why, and never a 500."""

import json

import pytest
from rest_framework.test import APIClient

from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"


@pytest.fixture
def rep():
    client = APIClient(raise_request_exception=True)
    client.force_login(user("rep"))
    return client


def told(answer):
    assert answer["Content-Type"] == "application/problem+json", answer.content[:300]
    body = answer.json()
    assert body["status"] == answer.status_code
    assert set(body) >= {"type", "title", "status", "detail", "code", "instance"}
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", (400, "parse-error")),
        (b'{"name": "\xff"}', (400, "parse-error")),
        (b'{"name": NaN}', (400, "parse-error")),
        (b"[" * 500 + b"]" * 500, (400, "parse-error")),
        (b"[" * 100_000, (400, "parse-error")),
        (b"[]", (422, "bad-input")),
        (b'"x"', (422, "bad-input")),
        (b"1" * 5000, (400, "parse-error")),
        (json.dumps({"name": "a\x00b"}).encode(), (422, "bad-input")),
        (b'{"name": "\\ud800"}', (422, "bad-input")),
        (json.dumps({"name": "x" * 10_000}).encode(), (422, "bad-input")),
        (json.dumps({"name": "x", "owner": "a\x00"}).encode(), (422, "bad-input")),
        (json.dumps({"name": "x", "owner": {"a": 1}}).encode(), (422, "bad-input")),
        (json.dumps({"name": "x", "version": 10**30, "contacts": 7}).encode(), (422, "bad-input")),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_with_a_reason(rep, body, code):
    assert told(rep.post(ACCOUNTS, body, content_type="application/json")) == code


def test_a_body_beyond_the_limit_is_413(rep, settings):
    settings.API_BODY_BYTES_MAX = 1000

    answer = rep.post(ACCOUNTS, b"x" * 1001, content_type="application/json")

    assert told(answer) == (413, "body-too-large")


def test_another_media_type_is_415(rep):
    assert told(rep.post(ACCOUNTS, "a=b", content_type="text/plain")) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("get", "/api/v1/nothing/", (404, "not-found")),
        ("get", "/api/", (404, "not-found")),
        ("get", f"{ACCOUNTS}not-a-uuid/", (404, "not-found")),
        ("get", f"{ACCOUNTS}%00/", (404, "not-found")),
        ("get", f"{ACCOUNTS}?cursor=%00%ff", (422, "bad-input")),
        ("get", f"{ACCOUNTS}?cursor=cD1ub3QtYS11dWlk", (422, "bad-input")),
        ("get", f"{ACCOUNTS}?cursor=cD0lMDA%3D", (422, "bad-input")),
        ("get", f"{ACCOUNTS}?credit_band=%F0%9F%98%80", (422, "bad-input")),
        ("get", f"{ACCOUNTS}?search=%00", (422, "bad-input")),
        ("get", "/api/v1/timeline/?account=x", (422, "bad-input")),
        ("get", "/api/v1/stages/99999999999999999999999999/", (404, "not-found")),
        ("get", f"{ACCOUNTS}?contry=Germany", (400, "unknown-parameter")),
        ("get", f"{ACCOUNTS}01a21434-bf84-7eeb-957e-ae0d7d2a0045/?verbose=1", (400, "unknown-parameter")),
        ("put", ACCOUNTS, (405, "method-not-allowed")),
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem(rep, method, path, code):
    account()

    assert told(getattr(rep, method)(path)) == code


def test_an_unknown_parameter_is_named_with_the_one_that_was_meant(rep):
    account(country="Germany")

    refused = rep.get(f"{ACCOUNTS}?contry=Germany").json()

    assert refused["errors"] == [
        {"field": "contry", "message": "There is no parameter “contry” here; did you mean “country”?"}
    ]
    assert len(rep.get(f"{ACCOUNTS}?country=Germany&ordering=-name&page_size=5").json()["results"]) == 1


def test_a_broken_process_says_so_in_the_same_form(rep, monkeypatch):
    from crm.accounts.models import AccountQuerySet

    rep.raise_request_exception = False
    monkeypatch.setattr(AccountQuerySet, "visible_to", lambda *_: 1 / 0)

    assert told(rep.get(ACCOUNTS)) == (500, "server-error")


def test_a_page_refuses_what_the_database_cannot_keep(client):
    client.force_login(user("rep"))

    answer = client.get("/log/", {"q": "a\x00b"})

    assert answer.status_code == 422
    assert "out of bounds" in answer.content.decode()
