"""A conflict holds its record, and a person decides it."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from base.ids import uuid7
from integration.contracts.deals import DealWon
from integration.events import parse_event
from integration.hub import intake, pausing, services
from integration.hub.models import Archived, Case, Delivery, Mapping, Pause, Quarantined, Stream
from integration.hub.refusals import (
    AlreadyDecided,
    CasesOpen,
    KeyMissing,
    NotOffered,
    PauseOver,
    ReasonMissing,
    SecondPersonNeeded,
    UnknownTarget,
)
from integration.receive import Brought, check
from integration.signing import Hop
from tests.integration.hub.facts import (
    catalogue,
    claimable,
    customer,
    hand_over,
    party,
    price,
    product,
    tell,
    updated,
    withdrawn,
    won,
)
from tests.integration.wire import HandOver, signed

pytestmark = pytest.mark.django_db


def person(django_user_model, name="olga"):
    user = django_user_model.objects.create_user(name)
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def olga(django_user_model):
    return person(django_user_model)


@pytest.fixture
def otto(django_user_model):
    return person(django_user_model, "otto")


def test_a_wrong_total_holds_its_deal_and_nothing_else(client):
    catalogue(client)
    bad, good = won(total="99.00"), won()

    tell(client, bad)
    tell(client, withdrawn(bad.deal), 2)
    tell(client, good)

    case = Case.objects.get()
    assert (case.cause, case.about, case.differences) == (
        "total",
        f"deal:{bad.deal}",
        [{"field": "net_total", "said": "99.00", "held": "90.00"}],
    )
    assert (case.pause.scope, case.pause.target) == ("aggregate", f"crm deal:{bad.deal}")
    assert Archived.objects.filter(partition_key=f"deal:{bad.deal}").count() == 2
    assert claimable() == ["erp.product.published", "erp.price.published", "crm.deal.won"]


def test_accepting_delivers_all_that_waited_in_order(client, olga):
    catalogue(client)
    bad = won(total="99.00")
    tell(client, bad)
    tell(client, withdrawn(bad.deal), 2)

    services.decide(Case.objects.get(), "accept", olga, "the freight is in it")

    case = Case.objects.get()
    assert (case.state, case.choice, case.closed_by) == ("closed", "accept", olga)
    assert Pause.objects.active().count() == 0
    deliveries = Delivery.objects.filter(destination="erp").order_by("position")
    assert [(row.event.type, row.position) for row in deliveries] == [
        ("crm.deal.won.v1", 1),
        ("crm.deal.withdrawn.v1", 2),
    ]
    assert claimable().count("crm.deal.won") == 1


@pytest.mark.parametrize("choice", ["keep", "skip"])
def test_leaving_out_puts_a_signed_note_in_the_events_place(client, olga, choice):
    catalogue(client)
    bad = won(total="99.00")
    event = tell(client, bad)

    services.decide(Case.objects.get(), choice, olga, "entered twice")

    delivery = Delivery.objects.get(replaces=event)
    said = parse_event(bytes(delivery.event.body))
    assert (said.type, said.side, said.partition_key) == (
        "integration.event.skipped.v1",
        "integration",
        f"deal:{bad.deal}",
    )
    assert (said.data["event"], said.data["reason"]) == (str(event.pk), "entered twice")
    assert (delivery.position, delivery.direction, delivery.state) == (1, "crm>erp", "waiting")
    assert Archived.objects.filter(pk=event.pk).exists()


def test_what_waited_is_checked_before_it_goes(client, olga):
    catalogue(client)
    bad = won(total="99.00")
    tell(client, bad)
    tell(client, won(bad.deal), 2)

    services.decide(Case.objects.get(), "accept", olga, "it is right")

    again = Case.objects.exclude(state="closed").get()
    assert (again.cause, again.differences) == ("state", [{"field": "state", "said": "won", "held": "won"}])
    assert Pause.objects.active().count() == 1


def test_a_second_event_that_is_skipped_lets_the_right_one_go(client, olga):
    catalogue(client)
    bad = won(total="99.00")
    tell(client, bad)
    tell(client, won(bad.deal), 2)

    services.decide(Case.objects.get(), "skip", olga, "the total was mistyped")

    assert (Case.objects.unsettled().count(), Pause.objects.active().count()) == (0, 0)
    waiting = Delivery.objects.filter(destination="erp").order_by("position")
    assert [row.event.type for row in waiting] == ["integration.event.skipped.v1", DealWon.type]


def test_the_owner_is_asked_by_a_signed_event_of_its_own(client, olga):
    catalogue(client)
    bad = won(total="99.00")
    event = tell(client, bad)

    services.decide(Case.objects.get(), "ask", olga, "is the total right?")

    case = Case.objects.get()
    asked = Archived.objects.get(pk=case.asked_event)
    told = parse_event(bytes(asked.body)).data
    assert (case.state, told["event"], told["note"]) == ("asked", str(event.pk), "is the total right?")
    assert told["differences"] == [{"field": "net_total", "said": "99.00", "held": "90.00"}]
    assert Delivery.objects.get(event=asked).destination == "crm"
    assert Pause.objects.active().count() == 1


def test_a_key_is_mapped_by_hand_with_the_event_as_evidence(client, olga):
    buyer = uuid7()
    event = tell(client, party(buyer, "C00007"))
    case = Case.objects.get()
    assert (case.cause, case.key) == ("unmapped", f"customer:{buyer}")

    with pytest.raises(KeyMissing):
        services.decide(case, "map", olga, "known by phone")
    services.decide(case, "map", olga, "known by phone", "C00007")

    assert (Mapping.objects.get().party, Mapping.objects.get().evidence_id) == ("C00007", event.pk)
    tell(client, party(buyer, "C00007"), 2)
    assert Case.objects.unsettled().count() == 0


def test_a_party_that_would_be_two_customers_changes_only_by_a_person(client, olga):
    first, second = customer(), customer()
    tell(client, first)
    tell(client, second)
    tell(client, party(first.customer, "C00001"))

    tell(client, party(second.customer, "C00001"))

    case = Case.objects.get()
    assert (case.cause, case.differences[0]["held"]) == ("mapped-twice", str(first.customer))
    assert Mapping.objects.get().customer == first.customer
    services.decide(case, "accept", olga, "the first one was merged")
    assert Mapping.objects.get().customer == second.customer


def test_further_hits_join_the_standing_case(client):
    fact, event_id = won(), uuid7()
    catalogue(client)
    tell(client, fact, event_id=event_id)
    again = HandOver(signed(fact, 2, event_id=event_id), "crm", "integration", 2)

    assert [again.post(client).json()["code"] for _time in range(3)] == ["id-reused"] * 3

    case = Case.objects.get()
    assert (case.cause, case.hits, case.further.count()) == ("id-reuse", 3, 0)
    assert bytes(case.refused_body) == again.envelope.body


def test_refused_bytes_that_are_set_aside_hear_yes_and_their_number_counts(client, olga):
    fact, event_id = won(), uuid7()
    catalogue(client)
    tell(client, fact, event_id=event_id)
    again = HandOver(signed(fact, 2, event_id=event_id), "crm", "integration", 2)
    again.post(client)

    services.decide(Case.objects.get(), "set_aside", olga, "a copy of the database was started")

    assert again.post(client).status_code == 200
    assert Stream.objects.get(partition_key=f"deal:{fact.deal}").last == 2
    assert hand_over(client, withdrawn(fact.deal), 3).status_code == 202


def test_a_gap_closes_by_itself_when_the_missing_event_comes(client):
    catalogue(client)
    deal = uuid7()
    late = HandOver(signed(withdrawn(deal), 2), "crm", "integration", 2)
    assert late.post(client).json()["code"] == "sequence-gap"
    assert Pause.objects.active().count() == 1

    tell(client, won(deal))

    assert (Case.objects.get().choice, Pause.objects.active().count()) == ("came", 0)
    assert late.post(client).status_code == 202
    assert Case.objects.unsettled().count() == 0


def test_a_gap_that_was_filled_before_it_was_noted_is_no_case(client):
    """The refusal is noted when its transaction is over; the missing event may come in between."""
    catalogue(client)
    deal = uuid7()
    envelope = signed(withdrawn(deal), 2)
    late = HandOver(envelope, "crm", "integration", 2)
    received = check(Hop("crm", "integration", "crm>integration", 2, "live", envelope))
    with pytest.raises(intake.Disputed) as refused, transaction.atomic():
        intake.accept(received)

    tell(client, won(deal))
    intake.quarantine(refused.value, Brought("127.0.0.1", "crm"))

    assert Quarantined.objects.get().code == "sequence-gap"
    assert (Case.objects.count(), Pause.objects.active().count()) == (0, 0)
    assert late.post(client).status_code == 202


def test_missing_numbers_may_be_given_up(client, olga):
    catalogue(client)
    late = HandOver(signed(won(), 3), "crm", "integration", 3)
    late.post(client)

    services.decide(Case.objects.get(), "go_on", olga, "restored from an old copy")

    assert late.post(client).status_code == 202


@pytest.mark.parametrize("scope", ["contract", "direction", "all"])
def test_a_person_holds_a_contract_a_direction_or_everything(client, olga, otto, scope):
    catalogue(client)
    tell(client, won())
    target = {"contract": DealWon.type, "direction": "crm>erp", "all": ""}[scope]

    held = pausing.pause(scope, target, "the ERP moves house", olga)

    assert claimable() == {"all": []}.get(scope, ["erp.product.published", "erp.price.published"])
    held = pausing.resume(held, olga, "it has moved")
    if scope != "contract":
        assert held.ended_at is None
        with pytest.raises(SecondPersonNeeded):
            pausing.resume(held, olga, "it has moved")
        held = pausing.resume(held, otto, "I saw it")
    assert held.ended_at is not None
    assert claimable() == ["erp.product.published", "erp.price.published", "crm.deal.won"]
    with pytest.raises(PauseOver):
        pausing.resume(held, otto, "again")


def test_a_contract_pause_lets_nothing_overtake(client, olga):
    catalogue(client)
    pausing.pause("contract", "erp.product.published.v1", "the catalogue is mended", olga)

    assert claimable() == []
    assert Delivery.objects.filter(event__type="erp.price.published.v1").count() == 1


def test_a_pause_ends_only_with_its_cases(client, olga):
    catalogue(client)
    tell(client, won(total="1.00"))

    with pytest.raises(CasesOpen):
        pausing.resume(Pause.objects.get(), olga, "never mind")


@pytest.mark.parametrize(
    ("choice", "reason", "refusal"),
    [("accept", " ", ReasonMissing), ("go_on", "why not", NotOffered), ("nonsense", "why not", NotOffered)],
)
def test_a_choice_needs_a_reason_and_must_make_sense(client, olga, choice, reason, refusal):
    catalogue(client)
    tell(client, won(total="1.00"))

    with pytest.raises(refusal):
        services.decide(Case.objects.get(), choice, olga, reason)


def test_a_case_is_decided_once(client, olga):
    catalogue(client)
    tell(client, won(total="1.00"))
    case = Case.objects.get()
    services.decide(case, "accept", olga, "it is right")

    with pytest.raises(AlreadyDecided):
        services.decide(case, "skip", olga, "it is wrong")


def test_only_what_there_is_can_be_held(olga):
    with pytest.raises(UnknownTarget):
        pausing.pause("contract", "crm.deal.dreamt.v1", "why not", olga)


def test_the_pages_show_both_values_and_the_choices_do_what_they_say(client, olga):
    client.force_login(olga)
    catalogue(client)
    tell(client, won(total="99.00"))
    case = Case.objects.get()

    listed = client.get("/cases/").content.decode()
    page = client.get(f"/cases/{case.pk}/").content.decode()
    refused = client.post(f"/cases/{case.pk}/decide/", {"choice": "accept", "reason": ""})
    client.post(f"/cases/{case.pk}/decide/", {"choice": "accept", "reason": "it is right"})

    assert f"#{case.number}" in listed
    assert ("99.00" in page, "90.00" in page, 'value="skip"' in page) == (True, True, True)
    assert refused.status_code == 422
    case = Case.objects.get()
    assert (case.state, case.history.first().history_user) == ("closed", olga)


def test_pauses_are_made_and_ended_on_pages(client, olga, otto):
    client.force_login(olga)
    client.post("/pauses/new/", {"scope": "direction", "target": "crm>erp", "reason": "the ERP moves house"})
    held = Pause.objects.get()
    client.post(f"/pauses/{held.pk}/", {"reason": "done"})
    alone = client.post(f"/pauses/{held.pk}/", {"reason": "done"})
    client.force_login(otto)
    client.post(f"/pauses/{held.pk}/", {"reason": "seen"})

    held.refresh_from_db()
    assert alone.status_code == 422
    assert (held.asked_by, held.ended_by) == (olga, otto)
    assert "seen" in client.get("/pauses/").content.decode()


def test_only_operators_see_and_decide(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest"))

    paths = ["/cases/", "/pauses/", f"/cases/{uuid7()}/", "/pauses/1/"]
    assert [client.get(path).status_code for path in paths] == [403] * 4


def test_unused_words_of_the_catalogue_stay_quiet(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, updated(buyer.customer), 2)
    tell(client, party(buyer.customer))
    tell(client, product("DESK", name="Desk"))
    tell(client, price("DESK"), 2)
    tell(client, won(sku="DESK", description="Desk", buyer=buyer.customer))

    assert Case.objects.count() == 0
