"""What phones bring back: once, merged field by field, refused in words, and never past anybody's rights."""

import base64
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from base.account import sessions
from base.ids import uuid7
from crm.accounts import services as accounts
from crm.accounts.models import Account, Contact
from crm.activities.models import Entry, Photo
from crm.leads.models import Lead
from crm.offline import reports
from crm.offline.models import Clash, Operation
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, Stage
from crm.tickets.models import TicketMessage
from tests.crm.makers import account, deal, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db
DEVICE = str(uuid4())
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ADDRESS = "/api/v1/offline/operations/"


@pytest.fixture
def anna() -> Any:
    return user("rep", name="anna")


@pytest.fixture
def phone(anna: Any) -> APIClient:
    return signed_in(anna)


def signed_in(somebody: Any) -> APIClient:
    client = APIClient()
    client.force_login(somebody)
    client.user = somebody  # type: ignore[attr-defined]
    return client


def operation(kind: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = datetime.now(UTC) - timedelta(minutes=5)
    return {"key": str(uuid4()), "number": 1, "kind": kind, "fields": fields, "made_at": made.isoformat(), **more}


def parcel(client: APIClient, *operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "device": DEVICE,
        "user": client.user.pk,  # type: ignore[attr-defined]
        "sent_at": datetime.now(UTC).isoformat(),
        "operations": list(operations),
        **more,
    }


def send(client: APIClient, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    answer = client.post(ADDRESS, parcel(client, *operations, **more), format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def fates(results: list[dict[str, Any]]) -> list[str]:
    return [one["fate"] for one in results]


def test_each_kind_of_form_becomes_what_it_says(phone: APIClient, anna: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    alfreds = account(owner=anna)
    chai, asked = deal(of=alfreds, by=anna), ticket(alfreds)
    second = Stage.objects.order_by("pipeline__position", "position")[1]
    whom = {"account": str(alfreds.pk)}
    sent = [
        operation("visit", {**whom, "outcome": "interested", "text": "Liked it"}),
        operation("call", {**whom, "outcome": "not_reached"}),
        operation("meeting", {**whom, "outcome": "order"}),
        operation("note", {**whom, "text": "Loading bay is at the back"}),
        operation("task", {**whom, "next_step": "Send prices", "next_step_on": "2030-05-01"}),
        operation("lead", {"person": "Maria Anders"}),
        operation("contact", {**whom, "name": "Hanna Moos", "phone": "0621-08460"}),
        operation("stage", {"deal": str(chai.pk), "stage": str(second.pk)}, base={"stage": str(chai.stage_id)}),
        operation("ticket_note", {"ticket": str(asked.pk), "body": "Ask the warehouse"}),
    ]

    results = send(phone, *sent)
    photo = operation("photo", {**whom, "text": "The shelf"})
    file = BytesIO(PIXEL)
    file.name = "photo"
    answered = phone.post(ADDRESS, {"parcel": json.dumps(parcel(phone, photo)), "photo": file}, format="multipart")

    assert (fates(results), fates(answered.json()["results"])) == (["applied"] * 9, ["applied"])
    kinds = Entry.objects.filter(account=alfreds, author=anna).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["visit", "call", "meeting", "note", "task", "note"]
    assert (Lead.objects.get().owner, Contact.objects.get().name) == (anna, "Hanna Moos")
    assert Deal.objects.get().stage == second
    assert TicketMessage.objects.filter(visibility="internal").get().body == "Ask the warehouse"
    assert Photo.objects.get().entry.text == "The shelf"


def test_the_same_operation_is_done_once_and_answered_alike(phone: APIClient, anna: Any) -> None:
    told = operation("lead", {"person": "Maria Anders"})

    first, again = send(phone, told), send(phone, told)

    assert first == again
    assert Lead.objects.count() == 1


def test_a_key_that_comes_with_something_else_does_nothing(phone: APIClient) -> None:
    told = operation("lead", {"person": "Maria Anders"})
    send(phone, told)

    answer = phone.post(ADDRESS, parcel(phone, {**told, "fields": {"person": "Ana Trujillo"}}), format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "other-content")
    assert Lead.objects.get().name == "Maria Anders"


@pytest.mark.django_db(transaction=True)
def test_of_rivals_with_one_key_one_does_it_and_both_hear_the_same(anna: Any) -> None:
    told, start, answers = operation("lead", {"person": "Maria Anders"}), Barrier(6), []

    def rival() -> None:
        client = signed_in(anna)
        start.wait()
        answers.append(send(client, told))
        connection.close()

    rivals = [Thread(target=rival) for _one in range(6)]
    for one in rivals:
        one.start()
    for one in rivals:
        one.join()

    assert all(answer == answers[0] for answer in answers)
    assert (Lead.objects.count(), Operation.objects.count()) == (1, 1)


def test_fields_that_nobody_else_touched_merge(phone: APIClient, anna: Any) -> None:
    alfreds = account(owner=anna, phone="1", email="a@example.com")
    accounts.update_account(alfreds, email="b@example.com")

    base = {"phone": "1", "version": 1}
    results = send(phone, operation("edit_account", {"phone": "2"}, target=str(alfreds.pk), base=base))

    alfreds.refresh_from_db()
    assert fates(results) == ["applied"]
    assert (alfreds.phone, alfreds.email) == ("2", "b@example.com")
    assert results[0]["answer"]["record"]["values"]["version"] == 3


def test_a_clash_keeps_both_values_and_is_told_to_whom_it_concerns(phone: APIClient, anna: Any) -> None:
    boss = user("manager", name="boss")
    alfreds = account(owner=anna, phone="1")
    accounts.update_account(alfreds, phone="theirs")
    told = operation("edit_account", {"phone": "mine", "city": "Berlin"}, target=str(alfreds.pk),
                     base={"phone": "1", "city": ""})  # fmt: skip

    results = send(phone, told)

    alfreds.refresh_from_db()
    clash = Clash.objects.get()
    assert (fates(results), alfreds.phone, alfreds.city) == (["clash"], "theirs", "Berlin")
    assert (clash.field, clash.base, clash.mine, clash.theirs) == ("phone", "1", "mine", "theirs")
    assert results[0]["answer"]["clashes"] == [{"field": "phone", "base": "1", "mine": "mine", "theirs": "theirs"}]
    assert anna.notices.count() == 1
    assert list(Clash.objects.visible_to(boss)) == [clash]
    page = phone.get("/offline/").content.decode()
    assert "Keep “theirs”" in page
    assert "Take “mine”" in page


@pytest.mark.parametrize(("choice", "stands"), [("mine", "mine"), ("theirs", "theirs")])
def test_somebody_chooses_and_the_other_value_is_still_told(
    phone: APIClient, anna: Any, choice: str, stands: str
) -> None:
    alfreds = account(owner=anna, phone="theirs")
    send(phone, operation("edit_account", {"phone": "mine"}, target=str(alfreds.pk), base={"phone": "1"}))
    clash = Clash.objects.get()

    answer = phone.post(f"/api/v1/offline/clashes/{clash.pk}/decide/", {"choice": choice}, format="json")

    alfreds.refresh_from_db()
    clash.refresh_from_db()
    assert (answer.status_code, alfreds.phone) == (200, stands)
    assert (clash.mine, clash.theirs, clash.chosen, clash.decided_by) == ("mine", "theirs", choice, anna)


def test_a_move_is_a_command_that_is_refused_when_the_deal_is_elsewhere(phone: APIClient, anna: Any) -> None:
    first, second, third = Stage.objects.order_by("pipeline__position", "position")[:3]
    chai = deal(by=anna, of=account(owner=anna))
    pipeline.move(chai, second)
    told = operation("stage", {"deal": str(chai.pk), "stage": str(third.pk)}, base={"stage": str(first.pk)})

    results = send(phone, told)

    chai.refresh_from_db()
    assert (fates(results), results[0]["answer"]["code"], chai.stage) == (["refused"], "stage-moved", second)


@pytest.mark.parametrize("kind", ["win", "merge", "approve"])
def test_promises_are_not_made_by_a_queue(phone: APIClient, kind: str) -> None:
    results = send(phone, operation(kind, {}))

    assert (fates(results), results[0]["answer"]["code"]) == (["refused"], "only-online")


def test_what_is_refused_can_be_corrected_and_is_then_given_up(phone: APIClient, anna: Any) -> None:
    whom = {"account": str(account(owner=anna).pk)}
    wrong = operation("visit", whom)
    (refused,) = send(phone, wrong)
    assert (refused["fate"], list(refused["answer"]["errors"])) == ("refused", ["outcome"])

    (right,) = send(phone, operation("visit", {**whom, "outcome": "order"}, replaces=wrong["key"]))

    assert right["fate"] == "applied"
    assert Operation.objects.get(key=wrong["key"]).dropped_at is not None
    assert Entry.objects.count() == 1


def test_what_is_refused_can_be_given_up(phone: APIClient) -> None:
    wrong = operation("lead", {})
    send(phone, wrong)

    send(phone, dropped=[wrong["key"]])

    assert Operation.objects.get().dropped_at is not None


def test_a_refused_one_stops_none_of_the_others(phone: APIClient) -> None:
    results = send(phone, operation("lead", {}), operation("lead", {"person": "Maria Anders"}))

    assert fates(results) == ["refused", "applied"]


def test_nobody_reaches_a_record_by_naming_it_or_its_makers_key(phone: APIClient, anna: Any) -> None:
    bert = signed_in(user("rep", name="bert"))
    theirs = account("Hidden", owner=bert.user)  # type: ignore[attr-defined]
    made = operation("lead", {"person": "Secret"})
    send(bert, made)
    hidden = Lead.objects.get()
    tries = [
        operation("note", {"account": str(theirs.pk), "text": "x"}),
        operation("contact", {"account": str(theirs.pk), "name": "x"}),
        operation("edit_account", {"phone": "x"}, target=str(theirs.pk), base={"phone": ""}),
        operation("edit_lead", {"company": "x"}, target=str(hidden.pk), base={"company": ""}),
        operation("edit_lead", {"company": "x"}, target=made["key"], base={"company": ""}),
        operation("note", {"account": str(uuid4()), "text": "x"}),
    ]

    results = send(phone, *tries)

    assert fates(results) == ["refused"] * 6
    assert {one["answer"]["code"] for one in results} == {"not-found"}
    assert {one["answer"]["message"] for one in results[:1]} == {results[5]["answer"]["message"]}


def test_a_key_is_its_users_own(phone: APIClient, anna: Any) -> None:
    bert = signed_in(user("rep", name="bert"))
    told = operation("lead", {"person": "Maria Anders"})
    (theirs,) = send(bert, told)

    (mine,) = send(phone, {**told, "fields": {"person": "Ana Trujillo"}})

    assert mine["answer"]["record"]["id"] != theirs["answer"]["record"]["id"]
    assert set(Lead.objects.values_list("person", "owner__username")) == {
        ("Maria Anders", "bert"),
        ("Ana Trujillo", "anna"),
    }


def test_an_operation_may_be_about_what_an_earlier_one_made(phone: APIClient, anna: Any) -> None:
    made = operation("lead", {"person": "Maria Anders"})
    edit = operation("edit_lead", {"company": "Alfreds"}, target=made["key"], base={"company": ""})

    assert fates(send(phone, made, edit)) == ["applied", "applied"]
    assert Lead.objects.get().company == "Alfreds"


def test_what_somebody_else_wrote_on_a_shared_phone_is_not_sent_in_my_name(phone: APIClient) -> None:
    bert = user("rep", name="bert")

    answer = phone.post(ADDRESS, parcel(phone, operation("lead", {"person": "x"})) | {"user": bert.pk}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "of-somebody-else")
    assert not Operation.objects.exists()


def test_a_wrong_clock_does_not_change_when_it_happened(phone: APIClient, anna: Any) -> None:
    years = timedelta(days=3650)
    told = operation("visit", {"account": str(account(owner=anna).pk), "outcome": "order"})
    sent_at = datetime.now(UTC) + years
    told["made_at"] = (sent_at - timedelta(hours=2)).isoformat()

    send(phone, told, sent_at=sent_at.isoformat())

    ago = timezone.now() - Entry.objects.get().occurred_at
    assert timedelta(hours=2) <= ago < timedelta(hours=2, minutes=1)


def test_nul_and_endless_text_are_refused_and_do_not_break(phone: APIClient, anna: Any) -> None:
    results = send(
        phone, operation("lead", {"person": "a\x00b"}), operation("lead", {"person": "x" * 300}),
        operation("edit_account", {"phone": "1"}, target=None), operation("no_such", {}),
        operation("lead", {"person": {"a": 1}, "note": ["b"]}),
    )  # fmt: skip

    assert fates(results) == ["refused"] * 5


def test_who_is_signed_out_gets_no_pack_and_brings_nothing(phone: APIClient, anna: Any) -> None:
    assert phone.get("/api/v1/offline/pack/").status_code == 200
    sessions.end_of(anna)

    assert phone.get("/api/v1/offline/pack/").status_code == 401
    assert phone.post(ADDRESS, parcel(phone), format="json").status_code == 401


def test_the_pack_is_what_its_user_sees_their_own_first(phone: APIClient, anna: Any, settings: Any) -> None:
    bert = user("rep", name="bert")
    account("Hidden", owner=bert)
    alfreds, pool = account("Zorro", owner=anna), account("Aardvark")
    accounts.add_contact(alfreds, name="Maria Anders")
    accounts.add_contact(pool, name="Ana Trujillo")
    mine = deal(of=alfreds, by=anna, next_step="Call", next_step_on=timezone.localdate())
    asked = ticket(alfreds)

    told = phone.get("/api/v1/offline/pack/").json()

    assert [row["name"] for row in told["accounts"]] == ["Zorro", "Aardvark"]
    assert {row["id"] for row in told["accounts"]} == {
        str(pk) for pk in Account.objects.visible_to(anna).values_list("pk", flat=True)
    }
    assert {row["name"] for row in told["contacts"]} == {"Maria Anders", "Ana Trujillo"}
    assert [(row["id"], row["stage"]) for row in told["deals"]] == [(str(mine.pk), str(mine.stage_id))]
    assert [row["id"] for row in told["tickets"]] == [str(asked.pk)]
    assert [stop["deal"] for stop in told["stops"]] == [str(mine.pk)]
    assert told["lasts_seconds"] == settings.OFFLINE_PACK_HOURS * 3600
    assert phone.get("/api/v1/offline/pack/").json()["version"] == told["version"]


def test_what_does_not_fit_is_counted(phone: APIClient, anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reports.MOST, "accounts", 2)
    for name in ("A", "B", "C"):
        account(name, owner=anna)

    told = phone.get("/api/v1/offline/pack/").json()

    assert (len(told["accounts"]), told["left_behind"]) == (2, {"accounts": 1})


def test_logging_at_a_stop_does_its_step(phone: APIClient, anna: Any) -> None:
    alfreds = account(owner=anna)
    due = deal(of=alfreds, by=anna, next_step="Call", next_step_on=timezone.localdate())

    send(phone, operation("visit", {"account": str(alfreds.pk), "deal": str(due.pk), "outcome": "order"}))

    due.refresh_from_db()
    assert (due.next_step, due.next_step_on) == ("", None)


def test_two_hundred_accounts_cost_no_more_questions(
    phone: APIClient, anna: Any, django_assert_max_num_queries: Any
) -> None:
    Account.objects.bulk_create(Account(id=uuid7(), name=f"A{n}", owner=anna) for n in range(200))

    with django_assert_max_num_queries(14):
        phone.get("/api/v1/offline/pack/")
