"""What machines of the house ask each other is asked over plain http, and by nobody from the street."""

import re

import pytest
from django.conf import settings
from django.test import Client

from deploy.environment import ROOT

pytestmark = pytest.mark.django_db

SIGNED = {"crm": ("/events", "/asks"), "erp": ("/events", "/asks"), "integration": ("/events", "/events/feed")}
SEEN = ("/healthz", "/readyz", "/metrics")


@pytest.mark.parametrize("address", [*SIGNED[settings.SIDE], *SEEN])
def test_a_machines_address_is_not_led_to_https(settings, address):
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    ask = client.get if address in (*SEEN, "/events/feed") else client.post

    assert ask(address, content_type="application/json").status_code not in (301, 302)
    assert client.get("/").status_code == 301


@pytest.mark.parametrize("address", [*SIGNED[settings.SIDE], *SEEN])
def test_the_front_door_does_not_know_it(address):
    (closed,) = re.findall(r"@house path (.+)", (ROOT / "deploy" / "Caddyfile").read_text())

    assert any(re.fullmatch(path.replace("*", ".*"), address) for path in closed.split())
