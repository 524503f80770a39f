"""What the hub asks of a side: signed questions with signed answers, and amendments that are tasks of its people."""

import json
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from base import context
from base.ids import uuid7
from base.tiers import tiers_of
from erp.orders.models import Order
from erp.parties import services as parties
from erp.parties.models import Party
from integration import signing
from integration.contracts.customers import CustomerUpdated
from integration.contracts.deals import DealWithdrawn
from integration.contracts.hub import AmendmentRequested, DisputedField, EventSkipped
from integration.events import parse_event
from integration.inbox.applying import apply
from integration.inbox.models import Incoming
from integration.liaison import services
from integration.liaison.comparing import BUCKETS, digests, records, subjects
from integration.liaison.models import Amendment, HubPulse
from integration.liaison.services import AnswerMissing, DoneAlready
from integration.outbox.models import Message
from tests.erp.makers import company
from tests.erp.orders.makers import customer, make_order, offer, promise
from tests.helpers import deliver
from tests.integration.wire import as_side, signed

pytestmark = pytest.mark.django_db


def question(client, ask, by="integration", to="erp", now=None, bend=None, **told):
    """POST /asks as the hub would; the answer."""
    body = json.dumps({"from": "integration", "to": to, "ask": ask, "told": told}).encode()
    with as_side(by):
        headers = signing.hop_headers(body, "q", now)
    headers.pop("content-type")
    return client.post("/asks", bend or body, content_type="application/json", headers=headers)


def told(answer):
    """What a signed answer says."""
    assert answer.status_code == 200, answer.content
    assert signing.check_hop(answer.content, answer.headers, ("erp",)) == "erp"
    return json.loads(answer.content)["told"]


def wrong_total(deal="deal:1"):
    return AmendmentRequested(
        about=deal,
        case=uuid7(),
        case_number="7",
        contract="erp.invoice.issued.v1",
        owner_side="erp",
        cause="Lines and total differ",
        differences=(DisputedField(field="gross", said="99.00", held="90.00"),),
        note="is it right?",
        asked_by="Olga",
    )


def clerk(django_user_model, role="accountant"):
    user = django_user_model.objects.create_user(f"anna-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


def test_a_product_is_told_once_more_when_the_hubs_people_decided_for_our_value(client):
    offer("CHAI")
    before = Message.objects.count()

    count = told(question(client, "tell", about="product:CHAI"))["count"]
    unknown = question(client, "tell", about="product:SOFA")

    again = [parse_event(bytes(row.body)) for row in Message.objects.order_by("position")[before:]]
    assert [(event.type, event.backfill) for event in again] == [
        ("erp.product.published.v1", True),
        ("erp.price.published.v1", True),
    ]
    assert (count, unknown.status_code, "SOFA" in unknown.json()["detail"]) == (2, 422, True)


def test_one_event_is_tried_record_by_record_before_and_after_and_taken_back(client):
    company()
    buyer = customer("Alfreds Futterkiste")
    parties.open_party(buyer)
    renamed = buyer.model_copy(update={"name": "Alfreds Feinkost"})
    fact = CustomerUpdated(customer=buyer.customer, snapshot=renamed, changed=("name",))
    body = signed(fact, 2).body.decode()

    tried = told(question(client, "try_one", event=body, language="en"))
    said = told(question(client, "try_one", event=body, language="zh-hans"))
    refused = told(question(client, "try_one", event="{}"))

    assert tried["verdict"] == "changed"
    assert [(record["deed"], record["fields"]) for record in tried["records"]] == [
        ("~", [["Name", "Alfreds Futterkiste", "Alfreds Feinkost"]])
    ]
    assert said["records"][0]["fields"][0][0] == "名称"
    assert (refused["verdict"], refused["records"]) == ("refused", [])
    assert Party.objects.get(customer=buyer.customer).name == "Alfreds Futterkiste"


def test_figures_that_not_everybody_may_see_stay_on_their_side(client):
    company()
    limit = {name for name, _tier in tiers_of(Party).items()}
    buyer = customer("Alfreds Futterkiste")
    fact = CustomerUpdated(customer=buyer.customer, snapshot=buyer, changed=("name",))

    tried = told(question(client, "try_one", event=signed(fact, 1).body.decode(), language="en"))

    party = next(record for record in tried["records"] if record["what"] == "Party")
    labels = {str(Party._meta.get_field(name).verbose_name).capitalize() for name in limit if not name.endswith("_id")}
    assert (party["deed"], limit != set(), labels & {field[0] for field in party["fields"]}) == ("+", True, set())


def test_the_side_says_what_it_has_still_to_tell_and_what_went_wrong(client):
    offer("CHAI")
    offer("CHANG")
    rows = list(Message.objects.order_by("type", "aggregate"))
    wrong = [
        "integration refused it (409): gap",
        "what comes before it was not taken",
        "",
        "integration does not answer: X",
    ]
    for row, error in zip(rows, wrong, strict=True):
        Message.objects.filter(pk=row.pk).update(error=error, created_at=timezone.now() - timedelta(seconds=90))
    Message.objects.filter(pk=rows[0].pk).update(state="parked")

    backlog = told(question(client, "outbox"))["backlog"]

    assert [line[:4] for line in backlog] == [
        ["erp.price.published.v1", "parked", 409, 1],
        ["erp.price.published.v1", "waiting", None, 1],
        ["erp.product.published.v1", "waiting", 0, 1],
        ["erp.product.published.v1", "waiting", None, 1],
    ]
    assert {90 <= line[4] < 120 for line in backlog} == {True}
    Message.objects.update(state="done")
    assert told(question(client, "outbox")) == {"backlog": []}


def test_an_amendment_becomes_a_task_and_a_notice_once(client, django_user_model):
    company()
    anna, sales = clerk(django_user_model), clerk(django_user_model, "warehouse")
    asked = wrong_total()

    deliver(asked)
    deliver(asked)

    amendment = Amendment.objects.get()
    assert (amendment.about, amendment.differences) == (
        "deal:1",
        [{"field": "gross", "said": "99.00", "held": "90.00"}],
    )
    assert [notice.url for notice in anna.notices.all()] == [f"/mend/{asked.case}/"]
    assert sales.notices.count() == 0
    client.force_login(anna)
    assert "Lines and total differ" in client.get(reverse("desk:home")).content.decode()
    page = client.get(f"/mend/{asked.case}/").content.decode()
    assert ("99.00" in page, "90.00" in page, "is it right?" in page) == (True, True, True)


def test_a_task_is_ticked_off_once_with_what_was_done(client, django_user_model):
    anna, asked = clerk(django_user_model), wrong_total()
    deliver(asked)
    client.force_login(anna)

    empty = client.post(f"/mend/{asked.case}/", {"answer": " "})
    done = client.post(f"/mend/{asked.case}/", {"answer": "credited and issued anew"})

    assert (empty.status_code, done.status_code) == (422, 302)
    assert (Amendment.objects.get().done_by, Amendment.objects.waiting().count()) == (anna.username, 0)
    with pytest.raises(DoneAlready):
        services.tick_off(asked.case, anna, "again")
    with pytest.raises(AnswerMissing):
        services.tick_off(asked.case, anna, "")


def test_only_who_can_mend_sees_the_tasks(client, django_user_model):
    client.force_login(clerk(django_user_model, "warehouse"))

    assert client.get("/mend/").status_code == 403


@pytest.mark.parametrize(
    ("bent", "status"),
    [
        ({"by": "crm"}, 401),
        ({"now": time.time() - 302}, 401),
        ({"bend": b"{}"}, 401),
        ({"to": "crm"}, 422),
        ({"ask": "nonsense"}, 422),
        ({"ask": "digests", "subject": "secrets"}, 422),
        ({"ask": "again"}, 422),
        ({"ask": "again", "event": "none"}, 422),
        ({"ask": "try", "events": ["x"] * 501}, 422),
        ({"ask": "try", "events": [], "seconds": "long"}, 422),
        ({"ask": "records", "subject": "orders", "buckets": ["x"]}, 422),
    ],
)
def test_only_the_hub_asks_and_only_sensible_things(client, bent, status):
    answer = question(client, **({"ask": "pulse"} | bent))

    assert answer.status_code == status
    if status == 401:
        assert "detail" not in answer.json()


def body_of(fact, seq=1):
    return signed(fact, seq).body.decode()


def test_a_dry_run_says_what_would_change_and_changes_nothing(client):
    offer("CHAI")

    (tried,) = told(question(client, "try", events=[body_of(promise(("CHAI", "5", "18.00")))]))["tried"]

    assert (tried["verdict"], tried["changes"]["orders_order"], tried["changes"]["orders_orderline"]) == (
        "changed",
        1,
        1,
    )
    assert "erp.order.accepted.v1" in tried["text"]
    assert Order.objects.count() == 0


def test_events_are_tried_one_after_the_other(client):
    offer("CHAI")
    deal = promise(("CHAI", "5", "18.00"))
    gone = DealWithdrawn(deal=deal.deal, reason="no")

    tried = told(question(client, "try", events=[body_of(deal), body_of(gone, 2), "{"]))["tried"]

    assert [one["verdict"] for one in tried] == ["changed", "changed", "refused"]
    assert tried[1]["text"] == "erp.order.cancelled.v1"
    assert (Order.objects.count(), Amendment.objects.count()) == (0, 0)


def test_a_dry_run_ends_when_its_time_is_over(client):
    """Whoever asks waits: the first is tried whatever it takes, the rest as long as there is time."""
    offer("CHAI")
    bodies = [body_of(promise(("CHAI", "5", "18.00"))) for _turn in range(3)]

    assert len(told(question(client, "try", events=bodies, seconds=0))["tried"]) == 1
    assert len(told(question(client, "try", events=bodies, seconds=30))["tried"]) == 3


def test_both_sides_digest_the_same_whatever_the_order():
    offer("CHAI")
    make_order(("CHAI", "5", "18.00"))
    make_order(("CHAI", "2", "18.00"))
    rows = list(records("orders"))

    assert len(rows) == 2
    assert digests(iter(rows)) == digests(iter(rows[::-1]))
    assert digests(iter(rows)) != digests(iter(rows[:1]))
    assert sum(len(list(records("orders", {bucket}))) for bucket in range(BUCKETS)) == 2


def test_everything_the_hub_compares_can_be_read(client):
    offer("CHAI")
    make_order(("CHAI", "5", "18.00"))

    assert subjects() == ["customers", "invoices", "orders", "payments", "prices", "products"]
    for subject in subjects():
        assert "digests" in told(question(client, "digests", subject=subject))
    found = told(question(client, "records", subject="orders", buckets=list(range(BUCKETS))))["records"]
    order = Order.objects.get()
    assert found == [[str(order.deal), f"order:{order.pk}", {"number": order.number, "state": "accepted"}]]


def incoming(position=1, error="OrderMissing: there is none", state="parked"):
    return Incoming.objects.create(
        event_id=uuid7(),
        digest="",
        type="crm.deal.withdrawn.v1",
        source="crm",
        route="crm>erp",
        aggregate="crm>erp deal:1",
        position=position,
        lane=0,
        keyid="k",
        signature="",
        body=b"{}",
        state=state,
        error=error,
        attempts=5,
    )


def test_parked_events_are_told_by_class_and_taken_up_again(client):
    first, second = incoming(1), incoming(2, "ValueError: odd")

    told_here = told(question(client, "parked"))
    one = told(question(client, "again", failure="ValueError"))
    rest = told(question(client, "again", aggregate="crm>erp deal:1"))

    assert {(row["class"], row["count"]) for row in told_here["classes"]} == {("OrderMissing", 1), ("ValueError", 1)}
    assert {row["event"] for row in told_here["events"]} == {str(first.event_id), str(second.event_id)}
    assert (one["count"], rest["count"], Incoming.objects.filter(state="waiting").count()) == (1, 1, 2)


def test_what_needs_a_person_here_is_told_by_queue_and_contract(client):
    incoming(1)
    incoming(2, state="done")
    offer("CHAI")
    Message.objects.filter(type="erp.product.published.v1").update(state="parked")
    tried = Message.objects.filter(type="erp.price.published.v1")
    tried.update(attempts=9, error="integration refused it (422): no")

    waits = incoming(3, "waited a minute for customer 7")

    found = told(question(client, "standing"))

    assert found == {
        "awaiting": [[str(waits.event_id), "customer 7"]],
        "awaiting_all": True,
        "inbox": [["crm.deal.withdrawn.v1", 1]],  # the other one is told by itself
        "outbox": [["erp.product.published.v1", 1]],
        "refused": [["erp.price.published.v1", tried.count()]],
    }
    assert tried.count() == 1


def note(row, by="integration", **changed):
    """What the hub hands over in the place of a parked event."""
    told = {"about": "deal:1", "event": row.event_id, "contract": row.type, "reason": "no need"} | changed
    return signing.item(signed(EventSkipped(**told), by=by), route=row.route, routeseq=row.position).decode()


def test_a_parked_event_is_left_out_by_the_hubs_signed_note(client):
    row = incoming(1, "waited a minute for customer 7")

    found = told(question(client, "leave_out", event=str(row.event_id), note=note(row)))

    row.refresh_from_db()
    assert (found, row.state, row.type, row.source) == ({"count": 1}, "waiting", EventSkipped.type, "integration")
    assert apply(row).verdict == "done"
    assert Incoming.objects.get().state == "done"
    assert told(question(client, "leave_out", event=str(row.event_id), note=note(row))) == {"count": 0}


@pytest.mark.parametrize(
    "bent", [{"event": uuid7()}, {"about": "deal:2"}, {"contract": "crm.deal.won.v1"}, {"by": "crm"}]
)
def test_a_note_that_stands_for_something_else_changes_nothing(client, bent):
    row = incoming(1, "waited a minute for customer 7")

    answer = question(client, "leave_out", event=str(row.event_id), note=note(row, **bent))

    row.refresh_from_db()
    assert (answer.status_code, row.state, row.type) == (422, "parked", "crm.deal.withdrawn.v1")


def test_history_told_again_notifies_nobody_and_is_marked_in_what_follows(django_user_model):
    offer("CHAI")
    anna = clerk(django_user_model)

    with context.telling_history():
        deliver(wrong_total())
        make_order(("CHAI", "5", "18.00"))
    deliver(wrong_total("deal:2"))

    events = [parse_event(bytes(message.body)) for message in Message.objects.order_by("id")]
    assert {event.backfill for event in events if event.type == "erp.order.accepted.v1"} == {True}
    assert {event.backfill for event in events if event.type == "erp.product.published.v1"} == {False}
    assert (anna.notices.count(), Amendment.objects.count()) == (1, 2)


def test_a_silent_alarm_of_the_hub_alarms_this_side_once(client, django_user_model):
    ada = clerk(django_user_model, "admin")
    told(question(client, "pulse", head="a" * 64, seal=3))
    assert services.check_pulse() is False
    late = timezone.now() + timedelta(minutes=4)

    assert [services.check_pulse(late), services.check_pulse(late)] == [True, False]

    assert ada.notices.get().text.startswith("The hub's alarm is silent")
    assert (HubPulse.objects.get().head, HubPulse.objects.get().seal) == ("a" * 64, 3)
    told(question(client, "pulse"))
    assert services.check_pulse() is False


def test_a_side_that_never_saw_a_hub_stays_quiet():
    assert services.check_pulse() is False
