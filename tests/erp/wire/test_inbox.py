"""What the hub hands over is stored once, in order, and applied together with its effect."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError
from django.utils import timezone

from base import context
from base.ids import uuid7
from base.notices import notify
from base.refusals import Refused
from integration import signing
from integration.contracts.deals import DealWithdrawn
from integration.contracts.parties import PartyOpened
from integration.events import parse_event
from integration.inbox import Awaiting, handling, intake
from integration.inbox.applying import apply
from integration.inbox.models import Incoming, Intake
from integration.inbox.parked import take_up
from integration.lanes import MAX_CLAIMS
from integration.outbox.emitting import emit
from integration.outbox.models import Message
from tests.integration.wire import HandOver, as_side, signed

pytestmark = pytest.mark.django_db


def withdrawn(deal=None):
    return DealWithdrawn(deal=deal or uuid7(), reason="the customer changed their mind")


def hand_over(fact, seq=1, **bent):
    bent = {"sender": "integration", "to": "erp", "change": {"route": "crm>erp"}, **bent}
    return HandOver(signed(fact, seq), routeseq=seq, **bent)


@pytest.fixture
def handled(monkeypatch):
    """Stand in the handler's place and note what came."""
    seen = []

    def handle_with(handler):
        monkeypatch.setitem(handling._HANDLERS, DealWithdrawn.type, handler)
        return seen

    handle_with(lambda fact, meta: seen.append(fact.deal))
    seen_by = handle_with
    return seen, seen_by


def claimed(row, attempts=1):
    row.attempts = attempts
    return row


def test_an_event_is_stored_with_the_signature_that_proves_it(client):
    move = hand_over(withdrawn())

    assert move.post(client).status_code == 202
    row = Incoming.objects.get()
    assert bytes(row.body) == move.envelope.body
    assert row.keyid == move.envelope.keyid
    assert (row.source, row.route, row.position, row.state) == ("crm", "crm>erp", 1, "waiting")


def test_a_doubled_delivery_is_a_duplicate(client):
    move = hand_over(withdrawn())

    assert [move.post(client).status_code for _again in range(5)] == [202, 200, 200, 200, 200]
    assert Incoming.objects.count() == 1


def test_a_delivery_out_of_turn_is_refused_until_its_turn_comes(client):
    deal = uuid7()
    first, second = hand_over(withdrawn(deal)), hand_over(withdrawn(deal), seq=2)

    assert second.post(client).json()["code"] == "sequence-gap"
    assert first.post(client).status_code == 202
    assert second.post(client).status_code == 202


@pytest.mark.parametrize(("mode", "backfill", "is_news"), [
    ("live", False, True), ("replay", False, False), ("live", True, False),
])  # fmt: skip
def test_old_news_has_its_effect_and_nobody_is_told_of_it(client, handled, django_user_model, mode, backfill, is_news):
    _seen, handle_with = handled
    anna = django_user_model.objects.create_user("anna")

    def handle(fact, meta):
        Group.objects.create(name="the effect")
        notify([anna], "a deal was withdrawn")
        emit(PartyOpened(customer=uuid7(), party="C1", payment_terms_days=30))
        assert meta.quiet is not is_news

    handle_with(handle)
    move = hand_over(withdrawn(), change={"route": "crm>erp", "mode": mode})
    move.envelope = signed(withdrawn(), backfill=backfill)
    assert move.post(client).status_code == 202
    row = Incoming.objects.get()
    assert apply(claimed(row, MAX_CLAIMS + 1)).verdict == "park"
    Incoming.objects.update(state="parked")

    assert take_up(event=row.event_id) == 1  # a person takes it up again: that makes it no older than it is
    assert apply(claimed(Incoming.objects.get())).verdict == "done"

    assert Group.objects.filter(name="the effect").exists()
    told = parse_event(bytes(Message.objects.get().body))
    assert (anna.notices.count(), told.backfill) == (int(is_news), not is_news)


def test_only_the_hub_hands_over(client):
    assert hand_over(withdrawn(), sender="crm").post(client).status_code == 401
    assert hand_over(withdrawn(), hop_by="crm").post(client).status_code == 401


def test_the_hub_cannot_say_what_a_side_has_not_said(client):
    forged = HandOver(signed(withdrawn(), by="integration"), sender="integration", to="erp")

    assert forged.post(client).status_code == 401


def test_a_fact_meant_for_others_is_refused(client):
    fact = PartyOpened(customer=uuid7(), party="C1", payment_terms_days=30)

    answer = HandOver(signed(fact), sender="integration", to="erp").post(client)

    assert (answer.status_code, answer.json()["code"]) == (422, "not-the-audience")


def test_whose_it_is_to_tell_is_asked_before_its_schema(client):
    """What is not a side's to tell, and not even well-formed, is refused for the former."""
    told = json.loads(signed(withdrawn()).body) | {"source": "/erp", "data": {"nonsense": True}}
    with as_side("erp"):
        envelope = signing.seal(json.dumps(told).encode())

    answer = HandOver(envelope, sender="integration", to="erp").post(client)

    assert (answer.status_code, answer.json()["code"]) == (422, "not-the-owner")


def test_applying_runs_the_handler_once(client, handled):
    seen, _handle_with = handled
    fact = withdrawn()
    hand_over(fact).post(client)
    row = Incoming.objects.get()

    verdicts = [apply(claimed(row)).verdict, apply(claimed(row)).verdict]

    assert verdicts == ["done", "done"]
    assert seen == [fact.deal]


def test_a_handler_that_fails_leaves_no_effect_and_is_tried_again_then_parked(client, handled):
    _seen, handle_with = handled

    def half_done(fact, meta):
        Group.objects.create(name="half")
        raise Refused()

    handle_with(half_done)
    hand_over(withdrawn()).post(client)
    row = Incoming.objects.get()

    verdicts = [apply(claimed(row, attempt)).verdict for attempt in range(1, MAX_CLAIMS + 1)]

    assert verdicts == ["again"] * (MAX_CLAIMS - 1) + ["park"]
    assert not Group.objects.filter(name="half").exists()


def test_a_handler_that_killed_its_process_five_times_is_parked_unrun(client, handled):
    seen, _handle_with = handled
    hand_over(withdrawn()).post(client)

    assert apply(claimed(Incoming.objects.get(), MAX_CLAIMS + 1)).verdict == "park"
    assert seen == []


def test_an_event_that_depends_on_another_waits_a_minute_then_becomes_a_case(client, handled):
    _seen, handle_with = handled

    def depends(fact, meta):
        raise Awaiting("the order")

    handle_with(depends)
    hand_over(withdrawn()).post(client)
    row = Incoming.objects.get()

    young = apply(claimed(row))
    row.received_at = timezone.now() - timedelta(seconds=61)
    old = apply(claimed(row))

    assert (young.verdict, old.verdict) == ("hold", "park")


def test_a_database_that_was_away_says_nothing_against_the_event(client, handled):
    _seen, handle_with = handled

    def cut_off(fact, meta):
        raise OperationalError("server closed the connection unexpectedly")

    handle_with(cut_off)
    hand_over(withdrawn()).post(client)

    assert apply(claimed(Incoming.objects.get(), MAX_CLAIMS)).verdict == "hold"


def hand_over_batch(client, facts):
    """Several deliveries in one hop, as the hub sends them once it is asked to."""
    items = [signing.item(signed(fact), route="crm>erp", routeseq=1, mode="live") for fact in facts]
    body = signing.batch_wrapper(items, sender="integration", to="erp")
    return HandOver(signed(facts[0]), "integration", "erp").post_raw(client, body)


def test_an_intake_that_its_own_people_closed_answers_423_and_keeps_nothing(client):
    intake.close("stocktaking until noon")

    answer = hand_over(withdrawn()).post(client)

    assert (answer.status_code, answer.headers["Content-Type"]) == (423, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == ("intake-closed", "stocktaking until noon")
    assert Incoming.objects.count() == 0


def test_who_closed_the_intake_and_why_is_kept_when_it_is_open_again():
    with context.acting("mira"):
        intake.close("stocktaking")
        intake.reopen()

    kept = Intake.history.order_by("-history_id")
    assert [(one.closed_by, one.reason) for one in kept[:2]] == [("", ""), ("mira", "stocktaking")]
    assert kept[0].history_change_reason == "[mira]"


def test_a_closed_intake_says_so_for_each_of_a_batch(client):
    intake.close("stocktaking")

    answer = hand_over_batch(client, [withdrawn(), withdrawn()])

    assert answer.status_code == 200
    assert [(one["status"], one["code"]) for one in answer.json()["results"]] == [(423, "intake-closed")] * 2
    assert Incoming.objects.count() == 0


def test_what_was_turned_away_is_taken_when_the_intake_is_open_again(client):
    move = hand_over(withdrawn())
    intake.close("stocktaking")
    assert move.post(client).status_code == 423

    intake.reopen()

    assert move.post(client).status_code == 202


def test_who_may_not_hand_over_at_all_does_not_learn_that_the_intake_is_closed(client):
    intake.close("a secret reason")

    answer = hand_over(withdrawn(), hop_by="crm").post(client)

    assert answer.status_code == 401
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("batch", [False, True])
def test_when_too_many_wait_the_whole_request_is_answered_429(client, settings, batch):
    settings.INTAKE_WAITING_MAX, settings.INTAKE_LOOK_SECONDS = 1, 0
    assert hand_over(withdrawn()).post(client).status_code == 202

    answer = hand_over_batch(client, [withdrawn()]) if batch else hand_over(withdrawn()).post(client)

    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-waiting")
    assert Incoming.objects.count() == 1

    Incoming.objects.update(state="done")
    assert hand_over(withdrawn()).post(client).status_code == 202
