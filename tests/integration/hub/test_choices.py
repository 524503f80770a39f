"""Every cause offers the choices that mean something for it, and each does what its button says; on the page."""

import pytest
from django.contrib.auth.models import Group

from base.ids import uuid7
from integration.contracts.credit import CreditBanded
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot
from integration.events import parse_event
from integration.hub import judging, reconciling, services
from integration.hub.causes import CAUSES
from integration.hub.detectors import Difference, Finding
from integration.hub.models import Archived, Case, Delivery, Known, Mapping, Pause, Stream
from integration.hub.refusals import NotOffered
from tests.integration.hub.facts import catalogue, customer, hand_over, party, tell, withdrawn, won
from tests.integration.hub.sides import answering
from tests.integration.hub.test_steps import two_sides
from tests.integration.wire import HandOver, signed

pytestmark = pytest.mark.django_db

# What a person may do about each: the table of the issue, written down a second time.
OFFERED = {
    "id-reuse": "set_aside ask skip",
    "gap": "go_on ask skip",
    "regress": "set_aside ask skip",
    "foreign-field": "accept keep ask skip",
    "stale-base": "accept keep ask skip",
    "unmapped": "map accept keep ask skip",
    "mapped-twice": "accept keep map ask skip",
    "unknown-product": "map accept keep ask skip",
    "withdrawn-product": "accept keep ask skip",
    "renamed-product": "accept keep ask skip",
    "unit": "accept keep ask skip",
    "currency": "accept keep ask skip",
    "total": "accept keep ask skip",
    "state": "accept keep ask skip",
    "tombstone": "accept keep ask skip",
    "volume": "release ask",
    "reject-rate": "release ask",
    "reconciliation": "accept keep ask release",
    "archive": "release",
    "awaiting": "retry ask skip",
    "too-old": "tell_anew ask step_over",
}


@pytest.fixture
def olga(client, django_user_model):
    user = django_user_model.objects.create_user("olga")
    user.groups.add(Group.objects.get(name="operator"))
    client.force_login(user)
    return user


def decide(client, choice, value="", case=None):
    """Press the button; the case as it stands then."""
    case = case or Case.objects.unsettled().get()
    told = {"choice": choice, "reason": "we looked into it", "value": value}
    answer = client.post(f"/cases/{case.pk}/decide/", told)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(pk=case.pk)


def waiting():
    """What lies ready for both sides, by contract."""
    rows = Delivery.objects.filter(state="waiting").order_by("created_at", "position")
    return [row.event.type.removesuffix(".v1") for row in rows]


@pytest.mark.parametrize(("cause", "choices"), OFFERED.items())
def test_every_cause_offers_what_means_something_for_it(client, olga, cause, choices):
    found = Finding(cause, (Difference("name", "a", "b"),), key="customer:7")
    case = judging.open_case(found, source="crm", contract="crm.deal.won.v1", about="customer:7")

    page = client.get(f"/cases/{case.pk}/").content.decode()
    told = client.get(f"/api/v1/cases/{case.pk}/").json()

    assert set(OFFERED) == set(CAUSES)
    assert [name for name in choices.split() if f'name="choice" value="{name}"' not in page] == []
    assert page.count('name="choice" value=') == len(choices.split())
    assert told["choices"] == choices.split()


def test_whose_people_were_asked_are_not_asked_twice(client, olga):
    catalogue(client)
    tell(client, won(total="1.00"))
    case = decide(client, "ask")

    with pytest.raises(NotOffered):
        services.decide(case, "ask", olga, "again")
    assert 'value="ask"' not in client.get(f"/cases/{case.pk}/").content.decode()


def test_where_no_key_is_in_question_nothing_is_mapped(client, olga):
    buyer, other = uuid7(), uuid7()
    tell(client, CustomerRegistered(customer=buyer, snapshot=CustomerSnapshot(customer=other, name="Ernst Handel")))

    case = Case.objects.get()

    assert (case.cause, case.key) == ("unmapped", "")
    assert 'value="map"' not in client.get(f"/cases/{case.pk}/").content.decode()


def test_the_people_of_a_side_are_asked_about_a_flood(client, olga):
    found = Finding("volume", (Difference("events in a minute", "500", "at most 30"),), scope="contract")
    judging.open_case(found, source="crm", contract="crm.deal.won.v1", about="crm.deal.won.v1")

    case = decide(client, "ask")

    asked = Delivery.objects.get(event=case.asked_event)
    assert (case.state, asked.destination, asked.event.partition_key) == ("asked", "crm", "crm.deal.won.v1")


# -- one key, two records ----------------------------------------------------------------------------------------------


def two_customers(client):
    """C00001 is the first one's; then the ERP says that it is the second one's."""
    first, second = customer(), customer()
    tell(client, first)
    tell(client, second)
    tell(client, party(first.customer, "C00001"))
    tell(client, party(second.customer, "C00001"))
    assert Case.objects.get().cause == "mapped-twice"
    return first.customer, second.customer


def test_a_key_of_two_records_is_mapped_as_the_event_says_and_the_event_is_delivered(client, olga):
    first, second = two_customers(client)

    decide(client, "map", "C00001")

    assert list(Mapping.objects.values_list("customer", "party")) == [(second, "C00001")]
    assert "party" not in Known.objects.get(name=f"booked:{first}").facts
    assert (waiting().count("erp.party.opened"), Pause.objects.active().count()) == (2, 0)
    tell(client, party(first, "C00002"), 2)
    assert Case.objects.unsettled().count() == 0, "the first one may have another party now"


def test_a_key_of_two_records_is_mapped_to_a_third_and_a_note_takes_the_events_place(client, olga):
    first, second = two_customers(client)

    decide(client, "map", "C00002")

    assert set(Mapping.objects.values_list("customer", "party")) == {(first, "C00001"), (second, "C00002")}
    assert (waiting().count("erp.party.opened"), waiting().count("integration.event.skipped")) == (1, 1)
    tell(client, party(second, "C00002"), 2)
    assert Case.objects.unsettled().count() == 0


def test_a_party_of_somebody_else_is_not_taken_away_by_mapping(client, olga):
    _first, second = two_customers(client)
    third = customer()
    tell(client, third)
    tell(client, party(third.customer, "C00003"))
    case = Case.objects.unsettled().get()

    refused = client.post(f"/cases/{case.pk}/decide/", {"choice": "map", "reason": "known", "value": "C00003"})
    empty = client.post(f"/cases/{case.pk}/decide/", {"choice": "map", "reason": "known", "value": " "})

    assert ("C00003 is mapped to another record" in refused.content.decode(), refused.status_code) == (True, 422)
    assert ("Say which record is meant" in empty.content.decode(), empty.status_code) == (True, 422)
    assert not Mapping.objects.filter(customer=second).exists()


def test_a_pair_that_is_accepted_is_written_down_whatever_fact_says_it(client, olga):
    _first, second = two_customers(client)
    decide(client, "keep")
    tell(client, CreditBanded(customer=second, party="C00001", band="open"), 2)

    decide(client, "accept")

    assert list(Mapping.objects.values_list("customer", "party")) == [(second, "C00001")]
    tell(client, CreditBanded(customer=second, party="C00001", band="watch"), 3)
    assert Case.objects.unsettled().count() == 0


def test_an_unknown_product_is_mapped_to_a_published_one_for_the_next_time_too(client, olga):
    catalogue(client)
    event = tell(client, won(sku="STOOL"))
    case = Case.objects.get()
    assert case.cause == "unknown-product"

    refused = client.post(f"/cases/{case.pk}/decide/", {"choice": "map", "reason": "its old key", "value": "SOFA"})
    decide(client, "map", "CHAIR")

    assert "publishes no product SOFA" in refused.content.decode()
    known = Known.objects.get(name="product:STOOL")
    assert (known.facts["mapped_to"], known.evidence) == ("CHAIR", event.pk)
    tell(client, won(sku="STOOL"))
    assert (Case.objects.unsettled().count(), waiting().count("crm.deal.won")) == (0, 2)


# -- what was refused at the door --------------------------------------------------------------------------------------


def test_one_id_with_two_events_may_leave_both_out(client, olga):
    catalogue(client)
    fact, event_id = won(), uuid7()
    tell(client, fact, event_id=event_id)
    again = HandOver(signed(fact, 2, event_id=event_id), "crm", "integration", 2)
    again.post(client)

    decide(client, "skip")

    note = Delivery.objects.get(replaces=event_id)
    assert parse_event(bytes(note.event.body)).data["event"] == str(event_id)
    assert (again.post(client).status_code, Archived.objects.filter(pk=event_id).exists()) == (200, True)


def test_a_number_that_came_again_may_leave_both_out_unless_the_first_was_received(client, olga):
    catalogue(client)
    fact = won()
    first = tell(client, fact)
    again = HandOver(signed(withdrawn(fact.deal), 1), "crm", "integration", 2)
    again.post(client)
    case = Case.objects.get()
    assert case.cause == "regress"
    Delivery.objects.filter(event=first).update(state="done")

    late = client.post(f"/cases/{case.pk}/decide/", {"choice": "skip", "reason": "both were tests"})
    Delivery.objects.filter(event=first).update(state="waiting")
    decide(client, "skip")

    assert (late.status_code, "has received the event" in late.content.decode()) == (422, True)
    assert Delivery.objects.filter(replaces=first).count() == 1
    assert again.post(client).status_code == 200


def test_behind_a_missing_number_the_event_that_came_too_early_may_be_left_out_as_well(client, olga):
    catalogue(client)
    deal = uuid7()
    late = HandOver(signed(won(deal), 3), "crm", "integration", 3)
    late.post(client)

    decide(client, "skip")

    assert late.post(client).status_code == 200
    assert Stream.objects.get(partition_key=f"deal:{deal}").last == 3
    assert not Archived.objects.filter(partition_key=f"deal:{deal}").exists()
    assert hand_over(client, won(deal), 4).status_code == 202


# -- what the sides hold differently -----------------------------------------------------------------------------------


def differing(crm="Firma 7", erp="Firma Sieben"):
    """Compare a customer that the sides may call differently."""
    rows = [{"k7": ("customer:7", {"name": name})} if name else {} for name in (crm, erp)]
    return reconciling.reconcile("customers", two_sides(*rows), second_look_s=0)


def test_the_owners_value_is_accepted_by_having_the_owner_tell_it_once_more(client, olga):
    differing()

    with answering("crm", tell={"count": 1}) as asked:
        case = decide(client, "accept")

    assert [(question["ask"], question["told"]) for question in asked] == [("tell", {"about": "customer:7"})]
    assert (case.state, Pause.objects.active().count()) == ("closed", 0)
    assert differing(erp="Firma 7").differing == 0


def test_while_the_owner_is_away_nothing_is_decided(client, olga):
    differing()
    case = Case.objects.get()

    refused = client.post(f"/cases/{case.pk}/decide/", {"choice": "accept", "reason": "the master data are theirs"})

    assert (refused.status_code, "crm does not answer" in refused.content.decode()) == (422, True)
    assert Case.objects.get().state == "open"


def test_the_other_sides_value_is_kept_until_one_of_them_changes(client, olga):
    differing()

    decide(client, "keep")

    assert (differing().differing, Case.objects.unsettled().count()) == (0, 0)
    assert (differing(erp="Firma VII").differing, Case.objects.unsettled().count()) == (1, 1)


def test_what_was_only_let_go_is_found_again(client, olga):
    differing()
    decide(client, "release")

    assert (differing().differing, Case.objects.unsettled().count()) == (1, 1)


@pytest.mark.parametrize(
    ("field", "said", "about"),
    [("name", "Firma", "order:1"), ("customer:7", "", "customer:7"), ("party", "C1", "customer:7")],
    ids=["a document", "a record its owner has not got", "a word of the other side"],
)
def test_where_the_owner_has_nothing_to_tell_its_value_is_not_offered(client, olga, field, said, about):
    found = Finding("reconciliation", (Difference(field, said, "x"),), key="customer:7")
    case = judging.open_case(found, source="crm", contract="crm.customer.updated.v1", about=about)

    assert 'value="accept"' not in client.get(f"/cases/{case.pk}/").content.decode()


def test_a_choice_is_taken_over_the_api_too(client, olga):
    two_customers(client)
    case = Case.objects.get()

    answer = client.post(
        f"/api/v1/cases/{case.pk}/decide/",
        {"choice": "map", "reason": "known by phone", "value": "C00002"},
        content_type="application/json",
    )

    assert (answer.status_code, answer.json()["state"], answer.json()["choices"]) == (200, "closed", [])
    assert Mapping.objects.filter(party="C00002").exists()
