"""A side's admins see its own keys on a page and take each step of a key's life there."""

import json
import time

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from base.stepup import CONFIRMED_AT
from base.tokens.services import create_token
from integration import keys
from integration.access.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def jwks(tmp_path, settings):
    """The hub with keys of its own, and another side's beside them."""
    settings.JWKS_FILE, settings.VAR_DIR = tmp_path / "jwks.json", tmp_path
    settings.KEYS_DIR = tmp_path / "integration" / "keys"
    for side in ("crm", "integration"):
        keys.make_keys(side, tmp_path / side / "keys", settings.JWKS_FILE)
    return settings.JWKS_FILE


@pytest.fixture
def ada(client, django_user_model):
    return _in_as(client, django_user_model, "admin")


def _in_as(client, users, role):
    user = users.objects.create_user(role)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def told(jwks, side="integration", purpose="origin"):
    entries = [one for one in json.loads(jwks.read_text())["keys"] if (one["side"], one["purpose"]) == (side, purpose)]
    return [(one["kid"], one["status"]) for one in entries]


def test_a_key_goes_its_way_on_the_page_and_all_admins_hear_of_it(client, ada, jwks, django_user_model):
    boss = django_user_model.objects.create_user("boss")
    boss.groups.add(Group.objects.get(name="admin"))
    ((old, _status),) = told(jwks)

    client.post("/signing-keys/next/origin/")
    new = told(jwks)[1][0]
    assert told(jwks) == [(old, "active"), (new, "next")]
    client.post(f"/signing-keys/activate/{new}/")
    assert told(jwks) == [(old, "retiring"), (new, "active")]
    answer = client.post(f"/signing-keys/revoke/{old}/", follow=True)

    assert told(jwks) == [(old, "revoked"), (new, "active")]
    assert keys.signing_key("origin").kid == new
    assert new in answer.content.decode()
    assert f"{old} is revoked" in answer.content.decode()
    texts = Notice.objects.filter(user=boss).order_by("created_at").values_list("text", flat=True)
    assert [text.endswith("By admin.") for text in texts] == [True] * 3


def test_what_cannot_be_is_refused_and_changes_nothing(client, ada, jwks):
    ((kid, _status),) = told(jwks)
    ((theirs, _status),) = told(jwks, "crm")
    before = jwks.read_text()
    for address in (
        f"retire/{kid}",
        f"revoke/{kid}",
        f"activate/{kid}",
        f"revoke/{theirs}",
        "next/both",
        "revoke/none",
    ):
        answer = client.post(f"/signing-keys/{address}/", follow=True)
        assert answer.status_code == 200, address
    assert jwks.read_text() == before
    assert client.get(f"/signing-keys/revoke/{kid}/").status_code == 405


def test_the_page_shows_what_is_ours_and_nobody_but_admins_sees_it(client, ada, jwks, django_user_model):
    page = client.get("/signing-keys/").content.decode()
    assert told(jwks)[0][0] in page
    assert told(jwks, "crm")[0][0] not in page

    _in_as(client, django_user_model, "operator")
    assert client.get("/signing-keys/").status_code == 403
    assert client.post("/signing-keys/next/origin/").status_code == 403
    assert len(told(jwks)) == 1


def test_a_step_asks_who_one_is_when_that_was_long_ago(client, ada, jwks, settings):
    session = client.session
    session[CONFIRMED_AT] = time.time() - settings.STEP_UP_SECONDS - 1
    session.save()

    assert client.get("/signing-keys/").status_code == 200
    assert client.post("/signing-keys/next/origin/").status_code in (302, 403)
    assert len(told(jwks)) == 1


# ---- over REST, to read


def program(person, *scopes):
    _token, secret = create_token(person, "looks", list(scopes), 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_program_of_an_admin_reads_the_keys_and_moves_none(client, ada, jwks):
    client.post("/signing-keys/next/origin/")
    before, calls = jwks.read_text(), program(ada, "*:write")

    rows = calls.get("/api/v1/signing-keys/").json()
    one = calls.get(f"/api/v1/signing-keys/{rows[0]['kid']}/").json()

    assert sorted((row["purpose"], row["status"]) for row in rows) == [
        ("hop", "active"), ("origin", "active"), ("origin", "next"),
    ]  # fmt: skip
    assert (one, len(one["fingerprint"]), set(one)) == (
        rows[0], 64, {"kid", "purpose", "status", "since", "fingerprint"},
    )  # fmt: skip
    for call in (calls.post, calls.put, calls.patch, calls.delete):
        assert call(f"/api/v1/signing-keys/{one['kid']}/").status_code == 405
    assert jwks.read_text() == before


def test_keys_are_read_by_admins_with_the_scope_alone(jwks, django_user_model):
    ada, bob = (django_user_model.objects.create_user(name) for name in ("ada", "bob"))
    for person, role in ((ada, "admin"), (bob, "operator")):
        person.groups.add(Group.objects.get(name=role))
    ((theirs, _status),) = told(jwks, "crm")

    assert program(bob, "*:read").get("/api/v1/signing-keys/").status_code == 403
    assert program(ada, "hub:read").get("/api/v1/signing-keys/").status_code == 403
    lost = program(ada, "outbox:read").get(f"/api/v1/signing-keys/{theirs}/")
    assert (lost.status_code, lost["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("role", "status"), [("operator", 200), ("auditor", 200), ("admin", 200), ("", 403)])
def test_the_hub_tells_its_people_whose_signatures_count(jwks, django_user_model, role, status):
    person = django_user_model.objects.create_user("ada")
    person.groups.set(Group.objects.filter(name=role))

    answer = program(person, "hub:read").get("/api/v1/trusted-keys/")

    assert answer.status_code == status
    if status == 200:
        kids = [(one["side"], one["kid"]) for one in json.loads(jwks.read_text())["keys"]]
        assert sorted((row["side"], row["kid"]) for row in answer.json()) == sorted(kids)
