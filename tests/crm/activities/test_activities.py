from datetime import UTC, date, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from base.ids import uuid7
from base.refusals import BadInput
from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.activities import services
from crm.activities.kinds import sentence
from crm.activities.models import Entry
from integration.contracts.credit import CreditBanded
from integration.contracts.parties import PartyClassed, PartyOpened
from tests.crm.makers import account, user
from tests.helpers import deliver

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_visit_needs_only_its_outcome():
    entry = services.log_visit(account(), "interested", by=user("rep"))

    assert (entry.kind, entry.outcome, entry.text, entry.author.username) == ("visit", "interested", "", "rep")


@pytest.mark.parametrize("outcome", ["", "splendid"])
def test_an_outcome_is_one_of_five(outcome):
    with pytest.raises(BadInput) as refused:
        services.log_call(account(), outcome, by=user("rep"))

    assert refused.value.field == "outcome"


def test_a_note_says_something():
    with pytest.raises(BadInput):
        services.note(account(), " ", by=user("rep"))


def test_a_doubled_form_writes_one_entry():
    customer, key = account(), uuid7()
    for _again in range(2):
        services.note(customer, "Likes tea", by=user("rep"), id=key)

    assert Entry.objects.count() == 1


def test_a_contact_of_somebody_else_is_refused():
    stranger = accounts.add_contact(account("Other"), name="Roland Mendel")

    with pytest.raises(services.NoSuchPerson):
        services.note(account(), "Met", by=user("rep"), contact=stranger)


def test_a_next_step_has_a_day_and_is_done_once():
    rep = user("rep")
    entry = services.log_call(account(), "follow_up", by=rep, next_step="Send samples", next_step_on=date(2026, 11, 24))
    assert list(Entry.objects.steps_open()) == [entry]

    done = services.finish_step(entry)
    again = services.finish_step(entry)

    assert (done.next_step_done_at, list(Entry.objects.steps_open())) == (again.next_step_done_at, [])
    with pytest.raises(BadInput):
        services.note(entry.account, "x", by=rep, next_step="Some day")


def test_the_same_event_is_one_fact():
    customer, event = account(), uuid7()
    for _again in range(2):
        services.record_fact(customer, "erp_order_accepted", "", {"number": "SO-1"}, NOON, event)

    entry = Entry.objects.get()
    assert (entry.as_of, entry.is_fact, entry.author) == (NOON, True, None)


def test_the_party_and_the_credit_band_are_kept_and_told():
    customer = account()
    deliver(PartyOpened(customer=customer.pk, party="C00001", payment_terms_days=30), time=NOON)
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="watch"), time=NOON)
    later = NOON + timedelta(hours=1)
    deliver(PartyClassed(customer=customer.pk, party="C00001", payment_terms_days=14), time=later)

    kept = Account.objects.get()
    assert (kept.party_code, kept.payment_terms_days, kept.credit_band, kept.credit_as_of) == (
        "C00001",
        14,
        "watch",
        NOON,
    )
    assert [entry.kind for entry in Entry.objects.order_by("id")] == [
        "erp_party_opened",
        "erp_credit_banded",
        "erp_party_classed",
    ]


def test_old_news_of_credit_changes_nothing():
    customer = account()
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="tight"), time=NOON)
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="open"), time=NOON - timedelta(minutes=1))

    assert (Account.objects.get().credit_band, Entry.objects.count()) == ("tight", 1)


def test_news_of_customers_we_do_not_know_is_left_alone():
    deliver(CreditBanded(customer=uuid7(), party="C00001", band="tight"))
    deliver(PartyOpened(customer=uuid7(), party="C00001", payment_terms_days=30))

    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("kind", "facts", "text", "said"),
    [
        ("erp_payment_received", {"amount": "1119.5", "currency": "EUR"}, "", "Payment received: 1,119.50 EUR"),
        ("erp_shipment_dispatched", {"number": "SH-1", "carrier": "DHL", "tracking": ""}, "",
         "Parcel SH-1 on its way: DHL"),
        ("erp_credit_banded", {"band": "stopped"}, "", "Credit is stopped"),
        ("erp_order_held", {"number": "SO-1"}, "credit limit", "credit limit"),
        ("something_new", {}, "As told", "As told"),
        ("erp_order_held", {"number": "SO-1", "reason": "{x}"}, "", "Order SO-1 held: {x}"),
    ],
)  # fmt: skip
def test_facts_are_said_in_a_sentence(kind, facts, text, said):
    assert sentence(kind, facts, text) == said


def api(*roles: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(user(*roles))
    return client


def test_the_timeline_is_read_and_written_over_rest():
    customer, rep = account(), api("rep")
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="open"), time=NOON)
    made = rep.post("/api/v1/timeline/", {"account": str(customer.pk), "kind": "call", "outcome": "order"})

    assert (made.status_code, made.json()["author"]) == (201, "rep")
    rows = rep.get("/api/v1/timeline/", {"account": str(customer.pk)}).json()["results"]
    assert [(row["kind"], row["title"]) for row in rows] == [("call", "Call"), ("erp_credit_banded", "Credit is open")]
    assert len(rep.get("/api/v1/timeline/", {"account": str(customer.pk), "erp": "true"}).json()["results"]) == 1
    assert rep.get("/api/v1/timeline/", {"account": str(account("Other").pk)}).json()["results"] == []


@pytest.mark.parametrize("kind", ["erp_order_accepted", "mail", "x"])
def test_facts_cannot_be_written_by_hand(kind):
    answer = api("admin").post("/api/v1/timeline/", {"account": str(account().pk), "kind": kind, "text": "Paid!"})

    assert (answer.status_code, Entry.objects.count()) == (422, 0)


def test_without_a_role_the_timeline_is_closed():
    assert api().get("/api/v1/timeline/").status_code == 403


def test_a_meeting_and_a_task_are_written_over_rest():
    customer, rep = account(owner=user("rep")), api("rep")
    about = {"account": str(customer.pk)}

    met = rep.post("/api/v1/timeline/", {**about, "kind": "meeting", "outcome": "follow_up"})
    task = rep.post(
        "/api/v1/timeline/", {**about, "kind": "task", "next_step": "Send samples", "next_step_on": "2026-05-04"}
    )
    vague = rep.post("/api/v1/timeline/", {**about, "kind": "task", "next_step_on": "2026-05-04"})
    endless = rep.post("/api/v1/timeline/", {**about, "kind": "task", "next_step": "Send samples"})

    assert [one.status_code for one in (met, task, vague, endless)] == [201, 201, 422, 422]
    assert [(one.kind, one.outcome, one.next_step) for one in Entry.objects.order_by("id")] == [
        ("meeting", "follow_up", ""),
        ("task", "", "Send samples"),
    ]
