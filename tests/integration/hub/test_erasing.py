"""Words are erased for good, and nobody who asks for the event later is left with a hole."""

import json
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from integration import signing
from integration.events import parse_event
from integration.hub import erasing
from integration.hub.models import Archived, Delivery, Erasure
from integration.hub.refusals import NothingToErase, ReasonMissing, StillOnItsWay, UndecidedYet
from integration.lanes import WorkState
from integration.receive import check
from integration.signing import parse_item
from tests.integration.hub.facts import catalogue, claimable, customer, tell, updated, won
from tests.integration.wire import as_side

pytestmark = pytest.mark.django_db


def person(role):
    user = get_user_model().objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def buyer(client):
    """A customer of three events; the ERP has received the first two."""
    fact = customer(name="Forget Me")
    tell(client, fact)
    tell(client, updated(fact.customer, name="Forget Me Too"), 2)
    tell(client, updated(fact.customer, name="Forget All", version=3), 3)
    Delivery.objects.filter(position__lte=2).update(state=WorkState.DONE)
    return f"customer:{fact.customer}"


def fed(client, key, after=0):
    """What the ERP gets that asks again, checked as it checks."""
    path = f"/events/feed?{urlencode({'direction': 'crm>erp', 'partition_key': key, 'after': after})}"
    with as_side("erp"):
        headers = signing.hop_headers(path.encode(), "msg_1")
    headers.pop("content-type")
    answer = client.get(path, headers=headers)
    signing.check_hop(answer.content, answer.headers, ("integration",))
    sender, to, items, _value = signing.parse_wrapper(answer.content)
    with as_side("erp"):
        return [check(parse_item(item, sender, to)) for item in items]


def test_a_side_that_asks_again_gets_a_note_in_the_place_of_what_was_erased(client, buyer):
    assert erasing.erase(buyer, person("admin"), "they asked for it") == 3

    got = fed(client, buyer)

    assert [delivery.hop.routeseq for delivery in got] == [1, 2, 3]
    assert {delivery.event.type for delivery in got} == {"integration.event.skipped.v1"}
    assert b"Forget" not in b"".join(delivery.hop.envelope.body for delivery in got)
    assert not Archived.objects.filter(body__contains=b"Forget").exists()
    call_command("verify_archive")


def test_one_event_alone_is_erased_and_the_others_are_told_as_ever(client, buyer):
    second = Archived.objects.get(partition_key=buyer, source="crm", aggregate_seq=2)

    assert erasing.erase(str(second.pk), person("admin"), "mistyped name of another person") == 1

    kinds = [delivery.event.type for delivery in fed(client, buyer)]
    assert kinds == ["crm.customer.registered.v1", "integration.event.skipped.v1", "crm.customer.updated.v1"]


def test_what_was_not_received_yet_is_never_told(client, buyer):
    erasing.erase(buyer, person("admin"), "they asked for it")

    assert claimable() == ["integration.event.skipped"]
    waiting = Delivery.objects.get(state=WorkState.WAITING)
    assert (waiting.position, waiting.replaces.aggregate_seq) == (3, 3)
    tell(client, updated(parse_key(buyer), name="New", version=4), 4)
    assert claimable()[0] == "integration.event.skipped"


def parse_key(key):
    return key.partition(":")[2]


def test_what_is_in_dispute_or_on_its_way_keeps_its_words(client, buyer):
    admin = person("admin")
    catalogue(client)
    bad = won(total="99.00")
    tell(client, bad)
    with pytest.raises(UndecidedYet):
        erasing.erase(f"deal:{bad.deal}", admin, "they asked for it")
    Delivery.objects.filter(position=3).update(attempts=1)
    with pytest.raises(StillOnItsWay):
        erasing.erase(buyer, admin, "they asked for it")
    for what, why, refusal in ((buyer, " ", ReasonMissing), ("customer:nobody", "x", NothingToErase)):
        with pytest.raises(refusal):
            erasing.erase(what, admin, why)
    assert not Erasure.objects.exists()


def test_the_page_shows_what_is_meant_and_only_an_admin_erases(client, buyer):
    pages = {role: Client() for role in ("operator", "auditor", "admin")}
    for role, page in pages.items():
        page.force_login(person(role))
    told = {"what": buyer, "reason": "they asked for it"}

    shown = pages["admin"].get("/erasures/", {"what": buyer}).content.decode()
    refused = [pages[role].post("/erasures/", told).status_code for role in ("operator", "auditor")]
    nothing = pages["admin"].post("/erasures/", {"what": "customer:nobody", "reason": "x"})
    assert ("crm.customer.updated.v1" in shown, "Forget" in shown) == (True, False)
    assert (refused, nothing.status_code, Erasure.objects.count()) == ([403, 403], 422, 0)

    done = pages["admin"].post("/erasures/", told, follow=True).content.decode()

    assert "The words of 3 events are gone." in done
    assert {row.by for row in Erasure.objects.all()} == {"a-admin"}
    assert "they asked for it" in pages["auditor"].get("/erasures/").content.decode()
    event = Archived.objects.filter(partition_key=buyer, source="crm").first()
    page = pages["admin"].get(f"/events/{event.pk}/").content.decode()
    assert ("Its words were erased" in page, "Erase its words" in page) == (True, False)


def test_the_api_erases_for_an_admin_and_shows_all_of_the_hub_what_was_erased(client, buyer):
    api = {role: APIClient() for role in ("operator", "admin")}
    for role, caller in api.items():
        caller.force_authenticate(person(role))
    told = {"what": buyer, "reason": "they asked for it"}

    refused = api["operator"].post("/api/v1/erasures/", told)
    unknown = api["admin"].post("/api/v1/erasures/", {"what": "customer:nobody", "reason": "x"})
    done = api["admin"].post("/api/v1/erasures/", told)

    assert (refused.status_code, unknown.status_code) == (403, 422)
    assert (done.status_code, done.json()) == (201, {"erased": 3})
    listed = api["operator"].get("/api/v1/erasures/").json()["results"]
    assert {(row["about"], row["reason"], row["by"]) for row in listed} == {(buyer, "they asked for it", "a-admin")}


def test_words_of_the_note_name_nobody(client, buyer):
    erasing.erase(buyer, person("admin"), "Ernst asked for it")

    notes = Archived.objects.filter(source="integration", partition_key=buyer)
    reasons = {parse_event(bytes(note.body)).data["reason"] for note in notes}
    assert reasons == {erasing.WORDS}
    assert json.loads(bytes(notes.first().body))["type"] == "integration.event.skipped.v1"
