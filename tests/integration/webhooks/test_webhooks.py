"""Webhooks: stored with the fact, signed, sent, tried again, given up; and never to a door inside the house."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from base.ids import uuid7
from base.refusals import BadInput, NotAllowed
from integration.webhooks import addresses, sending, services
from integration.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db


class Receiver:
    """A real server that keeps what it got and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status, receiver = 204, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Silence."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=b"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    there = Receiver()
    yield there
    there.server.shutdown()
    there.server.server_close()


@pytest.fixture
def admin():
    somebody = get_user_model().objects.create_user("boss")
    somebody.groups.add(Group.objects.get(name="admin"))
    return somebody


def tell(type_name="webhook.ping", **data):
    event = uuid7()
    with transaction.atomic():
        services.announce(event, type_name, data)
    return event


def due_now():
    Delivery.objects.filter(state="waiting").update(not_before=timezone.now())


def test_a_fact_arrives_signed_as_the_standard_library_expects(receiver, admin):
    _endpoint, secret = services.add_endpoint(admin, receiver.url, ["*"])
    event = tell("integration.test", name="Ünï", amount="1.50")

    assert sending.run_once() == 1

    ((headers, body),) = receiver.got
    told = Webhook(secret).verify(body, headers)
    assert told["data"] == {"name": "Ünï", "amount": "1.50"}
    assert (told["type"], headers["webhook-id"], headers["content-type"]) == (
        "integration.test", str(event), "application/json",
    )  # fmt: skip
    assert Delivery.objects.get().state == "delivered"
    assert sending.run_once() == 0


def test_only_what_was_asked_for_is_told_and_once(receiver, admin):
    services.add_endpoint(admin, receiver.url, ["webhook.ping"])
    tell("integration.test")
    tell("webhook.ping")

    assert [delivery.type for delivery in Delivery.objects.all()] == ["webhook.ping"]


def test_a_fact_that_is_taken_back_is_told_to_nobody(receiver, admin):
    services.add_endpoint(admin, receiver.url, ["*"])
    with transaction.atomic():
        services.announce(uuid7(), "webhook.ping", {})
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()


def test_while_a_secret_rotates_both_are_good(receiver, admin):
    endpoint, old = services.add_endpoint(admin, receiver.url, ["*"])
    _endpoint, new = services.rotate_secret(endpoint, admin)
    tell()
    sending.run_once()
    ((headers, body),) = receiver.got

    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)

    Endpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    tell()
    sending.run_once()
    assert len(receiver.got[1][0]["webhook-signature"].split()) == 1


def test_the_secret_is_in_no_column_as_it_is(admin, receiver):
    endpoint, secret = services.add_endpoint(admin, receiver.url, ["*"])

    assert secret.startswith("whsec_")
    assert secret not in endpoint.secret


def test_a_failure_is_tried_again_later_for_three_days_and_then_given_up(receiver, admin):
    endpoint, _secret = services.add_endpoint(admin, receiver.url, ["*"])
    receiver.status = 500
    tell()
    waited = []
    for _attempt in range(len(sending.DELAYS_SECONDS)):
        sending.run_once()
        delivery = Delivery.objects.get(type="webhook.ping")
        waited.append(round((delivery.not_before - timezone.now()).total_seconds() / 5) * 5)
        assert (delivery.state, delivery.answered) == ("waiting", 500)
        due_now()

    sending.run_once()

    assert waited == list(sending.DELAYS_SECONDS)
    assert 2.8 < sum(waited) / 86_400 < 3.2
    assert Delivery.objects.get(type="webhook.ping").state == "failed"
    endpoint.refresh_from_db()
    assert (endpoint.state, admin.notices.get().url) == ("paused", endpoint.get_absolute_url())
    tell()
    assert Delivery.objects.filter(type="webhook.ping").count() == 1


@pytest.mark.parametrize(("status", "state"), [(410, "failed"), (302, "waiting"), (404, "waiting")])
def test_gone_is_final_and_nobody_is_followed_elsewhere(receiver, admin, status, state):
    services.add_endpoint(admin, receiver.url, ["*"])
    receiver.status = status
    tell()
    sending.run_once()

    assert (Delivery.objects.get(type="webhook.ping").state, len(receiver.got)) == (state, 1)


def test_a_dead_receiver_delays_only_itself(receiver, admin):
    services.add_endpoint(admin, "http://127.0.0.1:1/", ["*"])
    services.add_endpoint(admin, receiver.url, ["*"])
    tell()
    tell()
    for _round in range(2):
        sending.run_once()

    assert len(receiver.got) == 2
    assert Delivery.objects.filter(state="waiting", answered=None).count() == 2


def test_once_more_on_demand(receiver, admin):
    services.add_endpoint(admin, receiver.url, ["*"])
    event = tell()
    sending.run_once()

    services.redeliver(Delivery.objects.get(), admin)
    sending.run_once()

    assert [headers["webhook-id"] for headers, _body in receiver.got] == [str(event)] * 2


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://2130706433/",
        "http://93.184.216.34/", "ftp://93.184.216.34/", "https://user:pw@93.184.216.34/", "file:///etc/passwd",
        "https://", "https://93.184.216.34:99999/", "https://nobody.invalid/", "https://a\nb/", "javascript:alert(1)",
        "https://224.0.0.1/", "https://100.64.0.1/", "",
    ],
)  # fmt: skip
def test_no_door_inside_the_house_and_nothing_but_https(admin, url):
    with pytest.raises(BadInput) as refusal:
        services.add_endpoint(admin, url, ["*"])

    assert refusal.value.field == "url"
    assert not Endpoint.objects.exists()


def test_a_name_is_judged_by_all_its_addresses_and_pinned(monkeypatch):
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(BadInput):
        addresses.judged("https://example.org/x")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_a, **_k: found[:1])
    address = addresses.judged("https://example.org/x")
    assert (address.url, address.host_header) == ("https://93.184.216.34:443/x", "example.org")


def test_an_address_is_judged_again_at_each_attempt(receiver, admin, settings):
    services.add_endpoint(admin, receiver.url, ["*"])
    settings.WEBHOOK_ALLOW_PRIVATE = False
    tell()
    sending.run_once()

    assert receiver.got == []
    assert "https" in Delivery.objects.get().error


def test_only_admins_and_whoever_was_allowed(receiver, admin):
    somebody = get_user_model().objects.create_user("clerk")
    with pytest.raises(NotAllowed):
        services.add_endpoint(somebody, receiver.url, ["*"])

    page, program = Client(), APIClient()
    page.force_login(somebody)
    program.force_authenticate(somebody)
    assert page.get("/webhooks/").status_code == 403
    assert program.get("/api/v1/webhooks/").status_code == 403


def test_who_sent_facts_elsewhere_stays_known_and_to_managers_only(receiver, admin):
    endpoint, secret = services.add_endpoint(admin, receiver.url, ["*"])
    services.change_endpoint(endpoint, admin, url=receiver.url + "&c=d")
    services.rotate_secret(endpoint, admin)
    clerk = get_user_model().objects.create_user("clerk")
    path, page = f"/history/webhooks.endpoint/{endpoint.pk}/", Client()

    page.force_login(admin)
    shown = page.get(path).content.decode()
    page.force_login(clerk)

    assert ("c=d" in shown, secret in shown, endpoint.history.count()) == (True, False, 3)
    assert not {"secret", "previous_secret"} & {field.name for field in endpoint.history.model._meta.get_fields()}
    assert page.get(path).status_code == 404
    assert Endpoint.objects.visible_to(clerk).count() == Delivery.objects.visible_to(clerk).count() == 0


def test_over_the_api_from_birth_to_removal(receiver, admin):
    program = APIClient()
    program.force_authenticate(admin)
    told = {"url": receiver.url, "events": ["webhook.ping"], "description": "shop"}

    made = program.post("/api/v1/webhooks/", told, headers={"Idempotency-Key": "k"})
    again = program.post("/api/v1/webhooks/", told, headers={"Idempotency-Key": "k"})
    path = f"/api/v1/webhooks/{made.json()['id']}/"
    ping = program.post(f"{path}ping/")
    sending.run_once()
    listed = program.get("/api/v1/webhook-deliveries/", {"endpoint": made.json()["id"]}).json()["results"]

    assert (made.status_code, again.json()["secret"], ping.status_code) == (201, None, 201)
    assert Webhook(made.json()["secret"]).verify(receiver.got[0][1], receiver.got[0][0])["type"] == "webhook.ping"
    assert [(row["state"], row["answered"]) for row in listed] == [("delivered", 204)]
    assert "secret" not in program.get(path).json()
    assert program.patch(path, {"events": ["nothing.like.it"]}).status_code == 422
    assert program.post(f"{path}rotate/").json()["secret"] != made.json()["secret"]
    assert program.post(f"{path}pause/").json()["state"] == "paused"
    assert program.post(f"/api/v1/webhook-deliveries/{listed[0]['id']}/redeliver/").status_code == 409
    assert program.post(f"{path}resume/").json()["state"] == "active"
    assert (program.delete(path).status_code, program.get(path).status_code) == (204, 404)


def test_on_pages_the_secret_is_shown_once(receiver, admin, settings):
    settings.STEP_UP_SECONDS = 10**12
    page = Client()
    page.force_login(admin)

    made = page.post("/webhooks/new/", {"url": receiver.url, "events": ["*"], "description": ""})
    endpoint = Endpoint.objects.get()

    assert "whsec_" in made.content.decode()
    assert "whsec_" not in page.get(endpoint.get_absolute_url()).content.decode()
    assert page.post("/webhooks/new/", {"url": "https://10.0.0.1", "events": []}).status_code == 422
    for verb in ("ping", "pause", "resume", "remove"):
        assert page.post(f"/webhooks/{endpoint.pk}/{verb}/").status_code == 302
    assert json.loads(bytes(Delivery.objects.get().body))["type"] == "webhook.ping"


def endpoint_page(user, description):
    made = Endpoint.objects.create(
        url="https://shop.example/in", events=["webhook.ping"], created_by=user, description=description
    )
    client = Client()
    client.force_login(user)
    return client.get(f"/webhooks/{made.pk}/").content.decode()


def test_the_page_of_one_begins_with_what_it_is_for_or_with_what_it_is_told(admin):
    assert '<p class="muted">For the shop · webhook.ping · boss</p>' in endpoint_page(admin, "For the shop")
    assert '<p class="muted">webhook.ping · boss</p>' in endpoint_page(admin, "")


@pytest.mark.parametrize("given", ["", "to the person", "to their group"])
def test_the_menu_leads_to_webhooks_whoever_may_manage_them(given):
    somebody = get_user_model().objects.create_user("olga")
    permission = Permission.objects.get(codename="manage_webhooks")
    if given == "to the person":
        somebody.user_permissions.add(permission)
    elif given:
        keepers = Group.objects.create(name="keepers")
        keepers.permissions.add(permission)
        somebody.groups.add(keepers)
    client = Client()
    client.force_login(somebody)

    page = client.get("/notices/").content.decode()

    assert ('href="/webhooks/"' in page, client.get("/webhooks/").status_code) == (
        (True, 200) if given else (False, 403)
    )
