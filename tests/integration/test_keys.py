"""Keys are made, follow each other and are revoked; a private half never leaves its folder, and no event is lost."""

import json
import stat
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from base.ids import uuid7
from integration import keys, signing
from integration.contracts.deals import DealWithdrawn
from integration.hub import resigning as hub_resigning
from integration.hub.models import Archived, Resigned
from integration.lanes import DONE, LaneWorker, WorkState
from integration.outbox.emitting import emit
from integration.outbox.models import Message
from tests.integration.wire import HandOver, signed


@pytest.fixture
def keyring(tmp_path, settings):
    """Three sides with keys of their own, for this test only."""
    settings.JWKS_FILE, settings.VAR_DIR = tmp_path / "jwks.json", tmp_path
    for side in ("crm", "erp", "integration"):
        keys.make_keys(side, tmp_path / side / "keys", settings.JWKS_FILE)
    settings.KEYS_DIR = tmp_path / "crm" / "keys"
    settings.SIDE = "crm"
    return tmp_path


def told(what, which="", capsys=None):
    call_command("keys", what, *([which] if which else []))
    return capsys.readouterr().out.strip() if capsys else None


def states(keyring, purpose="origin"):
    entries = json.loads((keyring / "jwks.json").read_text())["keys"]
    return [entry["status"] for entry in entries if (entry["side"], entry["purpose"]) == ("crm", purpose)]


def test_a_key_is_next_then_active_and_the_one_before_retires(keyring, capsys):
    old = keys.signing_key("origin").kid
    before = signing.seal(b"{}")
    new = told("next", "origin", capsys)
    assert states(keyring) == ["active", "next"]
    assert keys.signing_key("origin").kid == old

    told("activate", new)

    assert states(keyring) == ["retiring", "active"]
    assert keys.signing_key("origin").kid == new
    assert signing.check_origin(before, "crm").kid == old
    assert signing.check_origin(signing.seal(b"{}"), "crm").kid == new


def test_what_a_revoked_key_signed_counts_no_more_and_its_private_half_is_gone(keyring, capsys):
    old = keys.signing_key("origin").kid
    before = signing.seal(b"{}")
    new = told("next", "origin", capsys)
    keys.revoke("crm", old, keyring / "crm" / "keys", keyring / "jwks.json")

    assert states(keyring) == ["revoked", "active"]
    assert keys.signing_key("origin").kid == new
    assert not (keyring / "crm" / "keys" / f"{old}.pem").exists()
    with pytest.raises(signing.BadSignature):
        signing.check_origin(before, "crm")


@pytest.mark.parametrize("purpose", keys.PURPOSES)
def test_a_signing_key_is_not_given_up_without_an_heir(keyring, purpose):
    kid = keys.signing_key(purpose).kid

    for step in ("retire", "revoke"):
        with pytest.raises(CommandError):
            told(step, kid)
    assert states(keyring, purpose) == ["active"]


@pytest.mark.parametrize(("what", "which"), [("activate", "origin-crm-none"), ("revoke", "x"), ("next", "both")])
def test_a_step_for_a_key_that_is_not_ours_is_refused(keyring, what, which):
    with pytest.raises(CommandError):
        told(what, which)


def test_another_side_cannot_activate_our_key(keyring, capsys):
    kid = told("next", "origin", capsys)

    with pytest.raises(keys.KeyRefused):
        keys.activate("erp", kid, keyring / "erp" / "keys", keyring / "jwks.json")


def test_private_halves_are_for_their_side_only(keyring):
    for path in Path(keyring).rglob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert '"d"' not in (keyring / "jwks.json").read_text()


def signed_anew(client, settings, capsys):
    """An event of the CRM that came again under its next key, after the first was revoked; it, and the new key."""
    fact = DealWithdrawn(deal=uuid7(), reason="lost the key")
    event_id = emit(fact)
    row = Message.objects.get(pk=event_id)
    old = keys.signing_key("origin").kid
    envelope = signing.seal(bytes(row.body))
    settings.SIDE = "integration"
    assert HandOver(envelope, "crm", "integration").post(client).status_code == 202
    settings.SIDE = "crm"
    Message.objects.filter(pk=event_id).update(state=WorkState.DONE, finished_at=row.created_at)
    new = told("next", "origin", capsys)
    assert "1 events are signed anew" in told("revoke", old, capsys)
    row.refresh_from_db()
    assert row.state == WorkState.WAITING
    again = signing.seal(bytes(row.body))
    settings.SIDE = "integration"

    assert HandOver(envelope, "crm", "integration").post(client).status_code == 401
    assert HandOver(again, "crm", "integration").post(client).status_code == 200
    return Archived.objects.get(), new


@pytest.mark.django_db
def test_after_a_revocation_the_hub_delivers_under_the_new_signature(keyring, client, settings, capsys):
    archived, new = signed_anew(client, settings, capsys)

    assert Resigned.objects.get().keyid == new
    sent = hub_resigning.envelopes([archived])[archived.pk]
    assert (sent.keyid, sent.body) == (new, bytes(archived.body))
    assert signing.check_origin(sent, "crm").kid == new


@pytest.mark.django_db
def test_the_journey_of_an_event_that_was_signed_anew_shows_the_signature_that_counts(
    keyring, client, settings, capsys, django_user_model
):
    archived, new = signed_anew(client, settings, capsys)
    reader = django_user_model.objects.create_user("olga")
    reader.groups.add(Group.objects.get(name="operator"))
    client.force_login(reader)

    page = client.get(f"/events/{archived.pk}/")

    journey, html = page.context["journey"], page.content.decode()
    assert (journey.signed, journey.intact, journey.keyid) == (True, True, new)
    assert (f"Signature holds, key {new}" in html, f"the first key {archived.keyid} is revoked" in html) == (True, True)
    assert "does not hold" not in html


@pytest.mark.django_db
def test_what_is_being_handed_over_as_its_key_is_revoked_is_told_again_too(keyring, capsys):
    event_id = emit(DealWithdrawn(deal=uuid7(), reason="just then"))
    sent = []

    def send(rows):
        sent.append(signing.seal(bytes(rows[0].body)).keyid)
        if len(sent) == 1:  # the hub has taken it, and its answer is on its way
            told("next", "origin")
            told("revoke", sent[0])
        return [DONE]

    relay = LaneWorker(Message, send, "relay")
    relay.run_once()
    assert Message.objects.get(pk=event_id).state == WorkState.WAITING
    relay.run_once()

    assert sent[1] == keys.signing_key("origin").kid != sent[0]
    assert Message.objects.get(pk=event_id).state == WorkState.DONE


@pytest.mark.django_db
def test_no_event_is_refused_while_keys_change(keyring, client, settings, capsys):
    deal = uuid7()
    for number in range(1, 9):
        settings.SIDE = "crm"
        for purpose in keys.PURPOSES:
            if number % 2:
                kid = told("next", purpose, capsys)
            else:
                kid = next(e["kid"] for e in keys.own_keys("crm", settings.JWKS_FILE) if e["status"] == "next")
                told("activate", kid)
        fact = DealWithdrawn(deal=deal, reason=f"turn {number}")
        move = HandOver(signed(fact, number), "crm", "integration", number)
        settings.SIDE = "integration"
        assert move.post(client).status_code == 202
    assert Archived.objects.count() == 8
