"""The hub gives up its own origin key: its words travel on under the new one, and the archive's old seals stand."""

import json
import threading
from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from base.ids import uuid7
from integration import keys, signing
from integration.contracts.hub import EventSkipped
from integration.hub import chain, feed, resigning, telling
from integration.hub.models import Archived, Delivery, Resigned, Route, Seal
from tests import environment
from tests.integration.hub.facts import catalogue, tell, won
from tests.integration.wire import as_side

NOW = timedelta(0)
pytestmark = pytest.mark.django_db


@pytest.fixture
def keyring(tmp_path, settings):
    """Three sides with keys of their own, for this test only; we are the hub."""
    settings.JWKS_FILE, settings.VAR_DIR = tmp_path / "jwks.json", tmp_path
    for side in ("crm", "erp", "integration"):
        keys.make_keys(side, tmp_path / side / "keys", settings.JWKS_FILE)
    settings.KEYS_DIR = tmp_path / "integration" / "keys"
    return tmp_path


def revoke(capsys):
    """The origin key that signs now is given up; its id, its heir's, and what was said of it."""
    old = keys.signing_key("origin").kid
    call_command("keys", "next", "origin")
    new = capsys.readouterr().out.strip()
    call_command("keys", "revoke", old)
    return old, new, capsys.readouterr().out


def skipped():
    """The hub's note in an event's place, on its way to the ERP."""
    note = telling.say(EventSkipped(about=f"deal:{uuid7()}", event=uuid7(), contract="crm.deal.won.v1", reason="x"))
    telling.deliver(note, Route.objects.get(contract=EventSkipped.type, destination="erp"))
    return note


def envelope(event):
    return resigning.envelopes([event])[event.pk]


def flaws():
    return [flaw.text for flaw in chain.verify()]


def superuser(statement, *values):
    with psycopg.connect(environment.superuser_url(connection.settings_dict["NAME"]), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute(statement, values or None)


def seal_by(key, number, previous, count, content):
    """A seal as whoever has that key makes it."""
    head = chain.head_of(previous, number, count, content)
    return head, signing.seal(head.encode(), key).as_json()["signatures"][0]["sig"]


# -- its own words -----------------------------------------------------------------------------------------------------


def test_what_the_hub_said_and_what_still_waits_travels_under_the_new_key(keyring, capsys):
    note = skipped()
    first = envelope(note)

    old, new, told = revoke(capsys)

    assert f"{new} signs now; 1 events are signed anew" in told
    with pytest.raises(signing.BadSignature), as_side("erp"):
        signing.check_origin(first, "integration")
    with as_side("erp"):
        assert signing.check_origin(envelope(note), "integration").kid == new
    assert (envelope(note).body, Archived.objects.get().keyid) == (first.body, old)


def test_a_side_that_asks_the_feed_gets_the_hubs_words_under_the_new_key(keyring, capsys):
    note = skipped()
    _old, new, _told = revoke(capsys)

    (item,) = feed.following("integration>erp", note.partition_key, 0)

    assert json.loads(item)["envelope"]["signatures"][0]["keyid"] == new


def test_what_was_refused_for_its_signature_waits_no_longer(keyring, capsys):
    note = skipped()
    later = Delivery.objects.get().created_at + timedelta(hours=6)
    Delivery.objects.update(not_before=later, attempts=12)

    revoke(capsys)

    assert Delivery.objects.get(event=note).not_before < later - timedelta(hours=5)


def test_a_second_revocation_signs_all_of_it_anew_again(keyring, capsys):
    before = skipped()
    revoke(capsys)
    between = skipped()

    _old, newest, told = revoke(capsys)

    assert "2 events" in told
    assert [envelope(note).keyid for note in (before, between)] == [newest, newest]


def test_giving_up_a_key_that_has_retired_signs_with_the_one_that_is_active(keyring, capsys):
    note, old = skipped(), keys.signing_key("origin").kid
    call_command("keys", "next", "origin")
    new = capsys.readouterr().out.strip()
    call_command("keys", "activate", new)

    call_command("keys", "revoke", old)

    assert envelope(note).keyid == new
    assert flaws() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_being_said_meanwhile_is_signed_anew_too(keyring, capsys):
    """The word has the old signature already, and its transaction ends after the revocation began."""
    said, told = [], []
    speaking, go_on = threading.Event(), threading.Event()

    def speak():
        with transaction.atomic():
            said.append(skipped())
            speaking.set()
            go_on.wait(10)
        connection.close()

    def give_up():
        told.extend(revoke(capsys))
        connection.close()

    speaker, giver = threading.Thread(target=speak), threading.Thread(target=give_up)
    speaker.start()
    speaking.wait(10)
    giver.start()
    giver.join(0.5)
    assert told == []  # it waits
    go_on.set()
    speaker.join(10)
    giver.join(10)

    assert envelope(said[0]).keyid == told[1]


@pytest.mark.django_db(transaction=True)
def test_what_the_key_did_not_sign_is_not_signed_anew(keyring, capsys):
    note = skipped()
    superuser("UPDATE hub_archived SET body = replace(encode(body, 'escape'), 'won', 'lost')::bytea")

    _old, _new, told = revoke(capsys)

    assert "0 events" in told
    assert not Resigned.objects.filter(event=note.pk).exists()


def test_without_an_heir_nothing_is_given_up_and_nothing_signed(keyring, capsys):
    skipped()
    kid = keys.signing_key("origin").kid

    with pytest.raises(CommandError):
        call_command("keys", "revoke", kid)

    assert keys.signing_key("origin").kid == kid
    assert not Resigned.objects.exists()


def test_a_hops_key_has_no_words_to_sign_anew(keyring, capsys):
    skipped()
    kid = keys.signing_key("hop").kid
    call_command("keys", "next", "hop")

    call_command("keys", "revoke", kid)

    assert "0 events" in capsys.readouterr().out
    assert not Resigned.objects.exists()


# -- the seals ---------------------------------------------------------------------------------------------------------


def sealed(client):
    catalogue(client)
    tell(client, won())
    chain.seal_batch(NOW)


def test_the_old_seals_stand_after_the_revocation_and_new_ones_follow(keyring, client, capsys):
    sealed(client)
    revoke(capsys)
    assert flaws() == []

    tell(client, won())
    chain.seal_batch(NOW)
    revoke(capsys)

    assert flaws() == []
    assert len(set(Seal.objects.values_list("keyid", flat=True))) == 2
    assert all(key.last_seal for key in keys.pinned_keys(keyring / "jwks.json") if key.status == "revoked")


@pytest.mark.django_db(transaction=True)
def test_who_has_the_revoked_key_adds_no_seal(keyring, client, capsys):
    sealed(client)
    thief = keys.signing_key("origin")
    revoke(capsys)
    first = Seal.objects.get()
    content = chain.content_of([])
    head, signature = seal_by(thief, 2, first.head, 0, content)

    Seal.objects.create(
        number=2, count=0, previous=first.head, content=content, head=head, keyid=thief.kid, signature=signature,
        sealed_at=first.sealed_at,
    )  # fmt: skip

    assert flaws() == ["seal 2 is not signed by the hub"]


@pytest.mark.django_db(transaction=True)
def test_who_has_the_revoked_key_cannot_write_the_chain_anew(keyring, client, capsys):
    sealed(client)
    thief = keys.signing_key("origin")
    old, _new, _told = revoke(capsys)
    superuser("UPDATE hub_archived SET correlation_id = 'x' WHERE type LIKE '%won%'")
    content = chain.content_of([row.event for row in Seal.objects.get().events.order_by("position")])
    head, signature = seal_by(thief, 1, chain.GENESIS, 3, content)

    superuser("UPDATE hub_seal SET content = %s, head = %s, signature = %s", content, head, signature)

    assert flaws() == [
        f"seal 1 is not the one that stood when {old} was revoked",
        "seal 1 is not signed by the hub",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_chain_cut_short_of_the_revocation_shows(keyring, client, capsys):
    sealed(client)
    tell(client, won())
    chain.seal_batch(NOW)
    old, _new, _told = revoke(capsys)

    superuser("DELETE FROM hub_seal WHERE number = 2")

    assert f"seal 2 is not the one that stood when {old} was revoked" in flaws()
