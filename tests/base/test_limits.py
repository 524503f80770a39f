"""Whoever calls too often is told when to come again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from base import limits
from base.tokens.services import create_token
from tests.crm.makers import user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/stages/"


@pytest.fixture(autouse=True)
def minute(monkeypatch, settings):
    """A clock that stands, so that no test crosses into the next minute."""
    settings.API_RATE_USER, settings.API_RATE_ANONYMOUS = 30_000, 300
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_020.0)


def program(name="rep", **headers):
    _token, secret = create_token(user("rep", name=name), "shop", ["*:write"], 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}", **headers)
    return client


def test_beyond_the_limit_is_429_until_the_minute_is_over(settings, monkeypatch):
    settings.API_RATE_USER = 2
    client = program()

    answers = [client.get(PATH) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"] for answer in answers] == [
        '"minute";r=1;t=60', '"minute";r=0;t=60', '"minute";r=0;t=60',
    ]  # fmt: skip
    assert (answers[2]["RateLimit-Policy"], answers[2]["Retry-After"]) == ('"minute";q=2;w=60', "60")
    assert (answers[2]["Content-Type"], answers[2].json()["code"]) == ("application/problem+json", "too-many-requests")
    assert program("other").get(PATH).status_code == 200

    monkeypatch.setattr(limits.time, "time", lambda: 1_000_080.0)
    assert client.get(PATH).status_code == 200


def test_a_refused_call_counts_as_well(settings):
    settings.API_RATE_USER = 2
    client = program()

    assert [client.get(path).status_code for path in ("/api/v1/nothing/", PATH, PATH)] == [404, 200, 429]


def test_who_guesses_tokens_is_counted_by_address(settings):
    settings.API_RATE_ANONYMOUS = 2
    guesses = []
    for number in range(3):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer guess-{number}")
        guesses.append(client.get(PATH).status_code)

    assert guesses == [401, 401, 429]
    assert APIClient().get(PATH).status_code == 429
    assert APIClient(REMOTE_ADDR="192.0.2.9").get(PATH).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_many_processes_count_together():
    def call(_number):
        try:
            return limits.hit("user:1", 100).hits
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(call, range(40)))

    assert sorted(counted) == list(range(1, 41))


def test_the_table_writes_no_journal_and_is_swept(monkeypatch):
    limits.hit("user:1", 100)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'access_ratecount'")
        assert cursor.fetchone() == ("u",)

    assert limits.forget() == 0
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_320.0)
    assert limits.forget() == 1
