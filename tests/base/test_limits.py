"""Whoever calls too often is told when to come again."""

from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest
from django.db import connection, connections
from django.test import RequestFactory
from rest_framework.test import APIClient

from base import limits
from base.addresses import client_address
from base.env import BadEnvironment, env_networks
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


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 127.0.0.1", "198.51.100.7"),
    ],
)
def test_only_our_own_proxy_is_believed(peer, told, address):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told)

    assert client_address(request) == address


def test_a_network_of_proxies_is_believed_and_only_what_they_say(settings, monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1, 172.31.87.0/24")
    settings.TRUSTED_PROXIES = env_networks("FORWARDED_ALLOW_IPS", "127.0.0.1")

    def seen(peer, told):
        return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told))

    assert seen("172.31.87.5", "6.6.6.6, 198.51.100.7") == "198.51.100.7"
    assert seen("172.31.88.5", "198.51.100.7") == "172.31.88.5"
    assert seen("172.31.87.5", "not an address") == "not an address"


def test_a_star_believes_everybody(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")

    assert all(
        any(ip_address(one) in network for network in env_networks("FORWARDED_ALLOW_IPS", ""))
        for one in ("10.1.2.3", "fe80::1")
    )


def test_what_is_no_network_stops_the_process(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "the proxy")

    with pytest.raises(BadEnvironment, match="FORWARDED_ALLOW_IPS"):
        env_networks("FORWARDED_ALLOW_IPS", "127.0.0.1")


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
