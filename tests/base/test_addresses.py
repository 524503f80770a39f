"""The caller's address: only our own proxies are believed, whatever a caller writes into the header."""

from ipaddress import ip_address

import pytest
from django.test import RequestFactory
from gunicorn.config import Config

from base.addresses import client_address
from base.env import BadEnvironment, env_proxies


def address_of(peer: str, told: str) -> str:
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told))


@pytest.fixture
def trusting(monkeypatch, settings):
    def trust(words: str) -> None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", words)
        settings.TRUSTED_PROXIES = env_proxies("FORWARDED_ALLOW_IPS", "127.0.0.1")

    return trust


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "2001:DB8::0:7", "2001:db8::7"),
        ("127.0.0.1", "198.51.100.7, unknown", "127.0.0.1"),
        ("127.0.0.1", "'; drop table", "127.0.0.1"),
        ("", "198.51.100.7", "198.51.100.7"),
        ("", "", ""),
    ],
)
def test_by_default_the_proxy_of_this_machine_is_believed(peer, told, address):
    assert address_of(peer, told) == address


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("172.30.83.2", "198.51.100.7", "198.51.100.7"),
        ("172.30.83.3", "198.51.100.7", "172.30.83.3"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.7, 10.1.9.9, 172.30.83.2", "198.51.100.7"),
        ("10.1.2.3", "10.1.0.1, 10.1.0.2", "10.1.0.1"),
        ("10.2.0.1", "198.51.100.7", "10.2.0.1"),
        ("fd00::5", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7", "127.0.0.1"),
    ],
)
def test_addresses_and_networks_are_walked_past_from_the_right(trusting, peer, told, address):
    trusting("172.30.83.2, 10.1.0.0/16, fd00::/8")

    assert address_of(peer, told) == address


@pytest.mark.parametrize(
    ("told", "address"),
    [("", "192.0.2.1"), ("198.51.100.7", "198.51.100.7"), ("6.6.6.6, 198.51.100.7", "198.51.100.7")],
)
def test_who_trusts_anybody_still_believes_only_what_the_last_one_wrote(trusting, told, address):
    trusting("*")

    assert address_of("192.0.2.1", told) == address


@pytest.mark.parametrize("words", ["127.0.0.1", "10.1.0.0/16,172.30.83.2", "*", "::1"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "172.30.83.2", "::1", "192.0.2.1"])
def test_gunicorn_believes_the_same_callers_about_https(trusting, words, peer):
    trusting(words)
    theirs = Config()
    theirs.set("forwarded_allow_ips", words)

    believed = words == "*" or any(ip_address(peer) in network for network in theirs.forwarded_allow_networks())
    assert (address_of(peer, "198.51.100.7") == "198.51.100.7") is believed


@pytest.mark.parametrize("words", ["caddy", "10.1.2.3/16", "10.0.0.0/33", "1"])
def test_what_is_neither_address_nor_network_stops_the_process(trusting, words):
    with pytest.raises(BadEnvironment, match="FORWARDED_ALLOW_IPS"):
        trusting(words)
