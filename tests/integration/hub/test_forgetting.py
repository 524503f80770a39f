"""Who is forgotten is forgotten everywhere in the hub: read raw, no table holds a word of them any more."""

import base64

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from integration.contracts.customers import CustomerSnapshot
from integration.contracts.hub import AmendmentRequested
from integration.hub import erasing, judging, known, observing, services
from integration.hub.detectors.base import finding
from integration.hub.models import Archived, Case, Delivery, Erasure, Known, Mapping
from integration.hub.refusals import UndecidedYet
from integration.lanes import WorkState
from tests.integration.hub.facts import catalogue, customer, hand_over, party, tell, updated, won
from tests.integration.hub.test_erasing import fed, person

pytestmark = pytest.mark.django_db
NAME, FORMER, TYPED = "Zyzzogeton Harrapax", "Quetzalli Brindlewood", "Xanthippe Oberkofler"


def places(*words):
    """Tables in which one of the words stands, in whatever manner: as text, as bytes, or packed once more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = set()
        for table in tables:
            for manner in {manner for word in words for manner in manners(word)}:
                cursor.execute(f'SELECT EXISTS (SELECT FROM public."{table}" r WHERE r::text LIKE %s)', [f"%{manner}%"])
                if cursor.fetchone()[0]:
                    found.add(table)
    return found


def manners(word):
    """The word, its bytes in hex as PostgreSQL shows them, and what base64 makes of it wherever it begins."""
    raw = word.encode()
    packed = (base64.b64encode(b"_" * lead + raw)[4:-4].decode() for lead in range(3))
    return [word, raw.hex(), *packed]


@pytest.fixture
def remembered(client):
    """A customer whose name stands in all the places where the hub keeps words; their record and their deal."""
    operator = person("operator")
    fact = customer(name=FORMER)
    key, buyer = f"customer:{fact.customer}", fact.customer
    first = tell(client, fact)
    tell(client, party(buyer))
    tell(client, updated(buyer, name=NAME), 2)
    catalogue(client)
    promise = won(buyer=buyer).model_copy(update={"customer": CustomerSnapshot(customer=buyer, name=NAME)})
    sold = tell(client, promise)
    Delivery.objects.filter(event__source="crm").update(state=WorkState.DONE)

    said = finding("reconciliation", ("name", NAME, FORMER), key=key)
    differing = judging.open_case(said, source="crm", contract="crm.customer.updated.v1", about=key, event=first)
    judging.open_case(said, source="crm", contract="crm.customer.updated.v1", about=key, event=sold)
    services.decide(differing, "ask", operator, "which is right?")
    services.decide(Case.objects.get(pk=differing.pk), "release", operator, "both are")
    reused = hand_over(client, updated(buyer, name=TYPED, version=3), 3, event_id=first.pk)
    assert reused.status_code == 409
    services.decide(Case.objects.get(cause="id-reuse"), "set_aside", operator, "a slip")

    stuck = Delivery.objects.get(event=sold)
    Delivery.objects.filter(pk=stuck.pk).update(state=WorkState.PARKED, error=f"cannot take {NAME}")
    observing.observe(first, stuck.route)
    first.observations.update(text=f"would rename {FORMER}")
    return key, f"deal:{promise.deal}"


def test_no_table_holds_a_word_of_who_was_erased(client, remembered):
    key, deal = remembered
    assert places(NAME, FORMER, TYPED) == {
        "hub_archived", "hub_case", "hub_historicalcase", "hub_casehit", "hub_delivery", "hub_observation",
        "hub_known", "hub_mapping", "hub_historicalmapping",
    }  # fmt: skip

    erasing.erase(key, person("admin"), "they asked for it")

    assert places(NAME, FORMER, TYPED) == set()
    asked = Archived.objects.filter(type=AmendmentRequested.type)
    assert [bytes(event.body) for event in asked] == [b""]
    assert {delivery.event.type for delivery in fed(client, key)} == {"integration.event.skipped.v1"}
    waiting = Delivery.objects.get(aggregate=f"crm>erp {deal}")
    assert (waiting.state, waiting.event.type, waiting.error) == ("waiting", "integration.event.skipped.v1", "")
    call_command("verify_archive")


def test_a_closed_case_keeps_what_was_decided_and_by_which_digests(remembered):
    key, _deal = remembered
    before = {case.cause: case for case in Case.objects.all()}

    erasing.erase(key, person("admin"), "they asked for it")

    cases = {case.cause: case for case in Case.objects.all()}
    differing, reused = cases["reconciliation"], cases["id-reuse"]
    assert differing.differences == [{"field": "name", "said": "", "held": ""}]
    assert (differing.choice, differing.reason, differing.hits) == ("release", "both are", 2)
    assert (reused.choice, reused.refused_body) == ("set_aside", None)
    assert reused.refused_digest == before["id-reuse"].refused_digest != ""
    assert all(case.erased_at for case in cases.values())
    last = differing.history.first()
    assert (last.history_user.username, last.history_change_reason) == ("a-admin", "they asked for it")
    assert {row.differences[0]["field"] for row in differing.history.all()} == {"name"}


def test_the_pages_say_that_the_values_are_gone(remembered):
    key, _deal = remembered
    page = Client()
    page.force_login(person("admin"))
    shown = page.get("/erasures/", {"what": key}).content.decode()
    case = Case.objects.get(cause="reconciliation")
    assert f"#{case.number}" in shown
    assert "crm.deal.won.v1" in shown

    page.post("/erasures/", {"what": key, "reason": "they asked for it"})

    told = page.get(case.get_absolute_url()).content.decode()
    assert "Both values were erased on demand" in told
    assert "They asked for it" not in told
    api = APIClient()
    api.force_authenticate(person("auditor"))
    assert api.get(f"/api/v1/cases/{case.pk}/").json()["erased_at"] is not None


def test_what_the_detectors_know_survives_a_rebuild_without_the_words(client, remembered):
    key, deal = remembered
    erasing.erase(key, person("admin"), "they asked for it")
    before = {row.name: row.facts for row in Known.objects.filter(name__in=(key, deal))}

    known.rebuild()

    assert {row.name: row.facts for row in Known.objects.filter(name__in=(key, deal))} == before
    assert before[deal]["state"] == "won"
    assert Mapping.objects.get().name == ""


def test_an_open_case_keeps_its_words_until_it_is_decided(client):
    admin = person("admin")
    fact = customer(name=NAME)
    key = f"customer:{fact.customer}"
    first = tell(client, fact)
    assert hand_over(client, updated(fact.customer, name=TYPED), 2, event_id=first.pk).status_code == 409

    with pytest.raises(UndecidedYet):
        erasing.erase(key, admin, "they asked for it")

    assert not Erasure.objects.exists()
    assert places(TYPED) == {"hub_case"}


def test_one_event_alone_takes_its_own_words_and_no_other(client):
    fact = customer(name=FORMER)
    tell(client, fact)
    tell(client, party(fact.customer))
    wrong = tell(client, updated(fact.customer, name=NAME), 2)
    Delivery.objects.update(state=WorkState.DONE)
    said = finding("reconciliation", ("name", FORMER, "other"))
    kept = judging.open_case(said, source="crm", contract=fact.type, about=f"deal:{uuid7()}", event=None)
    services.decide(kept, "release", person("operator"), "fine")

    assert erasing.erase(str(wrong.pk), person("admin"), "mistyped name of another person") == 1

    assert (places(NAME), "hub_archived" in places(FORMER)) == (set(), True)
    assert Case.objects.get().differences[0]["said"] == FORMER
