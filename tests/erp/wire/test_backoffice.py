"""A side's admins see what its inbox and outbox hold, and what its door refused; auditors look on, nobody else does."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from base.ids import uuid7
from base.tiers import sees
from integration import signing
from integration.contracts import all_contracts, tier_of
from integration.contracts.deals import DealWithdrawn
from integration.contracts.parties import PartyOpened
from integration.inbox import door, handling, intake
from integration.inbox.models import Gap, Incoming, Refusal
from integration.lanes import WorkState
from integration.outbox.models import Message
from integration.rights import WIRE_READERS
from tests.erp.makers import user
from tests.helpers import page_queries
from tests.integration.wire import HandOver, as_side, signed
from tests.lists import held_back, to_go_out

pytestmark = pytest.mark.django_db
SECRET = "Ernst Handel wants out"


def withdrawn(deal=None):
    return DealWithdrawn(deal=deal or uuid7(), reason=SECRET)


def move(fact, seq=1, **bent):
    return HandOver(
        signed(fact, seq), routeseq=seq, sender="integration", to="erp", change={"route": "crm>erp"}, **bent
    )


@pytest.fixture
def pages():
    """A browser for each role."""
    found = {}
    for role in ("admin", "auditor", "accountant"):
        found[role] = Client()
        found[role].force_login(user(role))
    return found


@pytest.fixture
def api():
    found = {}
    for role in ("admin", "auditor", "accountant"):
        found[role] = APIClient()
        found[role].force_authenticate(user(role))
    return found


@pytest.fixture
def handled(monkeypatch):
    """Stand in the handler's place."""
    return lambda handler: monkeypatch.setitem(handling._HANDLERS, DealWithdrawn.type, handler)


def kept():
    return [(row.status, row.code, row.signed_by, row.contract, row.times) for row in Refusal.objects.order_by("pk")]


# ---- the door --------------------------------------------------------------------------------------------------------


def test_every_refusal_is_kept_with_its_class_and_sender_and_never_a_word_of_it(client):
    told = withdrawn()
    wrong = move(told, hop_by="crm")
    late = move(withdrawn(), seq=3)
    foreign = HandOver(signed(PartyOpened(customer=uuid7(), party="C1", payment_terms_days=30)), "integration", "erp")
    forged = HandOver(signed(told, by="integration"), sender="integration", to="erp")
    wrong.post(client)
    client.post("/events", b"x", content_type="text/plain")
    client.post("/events", b"x" * (2 * 1024 * 1024 + 1), content_type="application/json")
    move(told).post_raw(client, b'{"from":"integration","to":"erp","envelope":NaN}')
    late.post(client)
    foreign.post(client)
    forged.post(client)
    taken = move(told)
    assert taken.post(client).status_code == 202
    reused = HandOver(signed(told, 2, event_id=Incoming.objects.get().event_id), "integration", "erp", 2)
    reused.post(client)
    intake.close("stocktaking")
    move(withdrawn()).post(client)

    assert kept() == [
        (401, "unauthorised", "", "", 1),
        (415, "media-type", "", "", 1),
        (413, "too-large", "", "", 1),
        (422, "quarantined", "integration", "", 1),
        (409, "sequence-gap", "integration", DealWithdrawn.type, 1),
        (422, "not-the-audience", "integration", PartyOpened.type, 1),
        (401, "unauthorised", "integration", DealWithdrawn.type, 1),
        (409, "id-reused", "integration", DealWithdrawn.type, 1),
        (423, "intake-closed", "integration", DealWithdrawn.type, 1),
    ]
    assert Refusal.objects.get(code="sequence-gap").event is not None
    assert {row.address for row in Refusal.objects.all()} == {"127.0.0.1"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inbox_refusal r WHERE r::text LIKE %s", [f"%{SECRET}%"])
        assert cursor.fetchone() == (0,)
    assert Gap.objects.count() == 1


def test_of_a_batch_each_refusal_is_kept_by_itself_and_what_stands_behind_it_is_not(client):
    first, second = withdrawn(), withdrawn()
    envelopes = [(signed(first, 5), 5), (signed(first, 6), 6), (signed(second, 1), 1)]
    items = [signing.item(envelope, route="crm>erp", routeseq=number) for envelope, number in envelopes]
    body = signing.batch_wrapper(items, sender="integration", to="erp")

    answer = move(first).post_raw(client, body)

    assert [one["status"] for one in answer.json()["results"]] == [409, 409, 202]
    assert kept() == [(409, "sequence-gap", "integration", DealWithdrawn.type, 1)]
    assert str(Refusal.objects.get().event) == json.loads(envelopes[0][0].body)["id"]


def test_a_flood_of_one_kind_is_one_row_a_minute_and_one_of_many_addresses_sixty(client):
    for _number in range(50):
        client.post("/events", b"{}", content_type="application/json")
    for number in range(200):
        door.keep(door.EVENTS, 401, "unauthorised", "hop headers are missing", address=f"10.0.{number}.1")

    rows = list(Refusal.objects.all())
    minutes = {row.minute for row in rows}
    assert sum(row.times for row in rows) == 250
    assert all(sum(row.minute == minute for row in rows) <= 61 for minute in minutes)
    rest = [row for row in rows if not row.address]
    assert all((row.contract, row.event, row.reason) == ("", None, "") for row in rest)
    assert sum(row.times for row in rest) >= 200 - 60 * len(minutes)


@pytest.mark.django_db(transaction=True)
def test_at_most_so_many_rows_are_kept_and_old_ones_go(as_owner):
    as_owner.execute(
        """INSERT INTO inbox_refusal (minute, door, code, status, signed_by, address, contract, reason, times, last_at)
           SELECT now() - make_interval(mins => n), 'events', 'quarantined', 422, '', '', '', '', 1, now()
           FROM generate_series(1, 10500) n"""
    )
    door.keep(door.EVENTS, 401, "unauthorised", "no")
    assert Refusal.objects.count() == 10_000
    assert Refusal.objects.filter(code="unauthorised").count() == 1

    as_owner.execute("UPDATE inbox_refusal SET minute = minute - interval '40 days' WHERE code = 'quarantined'")
    assert door.forget_old() == 9_999
    assert kept() == [(401, "unauthorised", "", "", 1)]


@pytest.mark.parametrize(
    "verb", ["DELETE FROM {}", "UPDATE {} SET times = 0", "TRUNCATE {}", "INSERT INTO {} VALUES (1)"]
)
def test_the_process_cannot_write_there_but_by_refusing(verb):
    door.keep(door.EVENTS, 401, "unauthorised", "no")

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format("inbox_refusal"))


def test_hostile_words_are_cut_and_cleaned():
    door.keep(door.EVENTS, 401, "unauthorised", "x\x00" * 500, address="y" * 500, contract="z\x00" * 90)

    row = Refusal.objects.get()
    assert (row.reason, len(row.address), row.contract) == ("x" * 200, 64, "z" * 90)


def test_a_question_that_is_not_the_hubs_is_refused_and_kept(client):
    body = json.dumps({"from": "crm", "to": "erp", "ask": "parked", "told": {}}).encode()
    with as_side("crm"):
        headers = signing.hop_headers(body, "q")
    headers.pop("content-type")

    answer = client.post("/asks", body, content_type="application/json", headers=headers)

    assert answer.status_code == 401
    assert [(row.door, row.code) for row in Refusal.objects.all()] == [("asks", "unauthorised")]


# ---- pages and their twins -------------------------------------------------------------------------------------------


def test_a_parked_event_shows_its_class_its_tries_and_what_waits_behind_it(pages):
    row = held_back(error="PartyUnknown: nobody is called X", attempts=5)
    for position in (2, 3):
        held_back(aggregate=row.aggregate, lane=row.lane, position=position, state=WorkState.WAITING, error="")
    done = held_back(state=WorkState.DONE)

    listed = pages["admin"].get("/wire/")
    (shown,) = listed.context["page"].rows
    one = pages["admin"].get(f"/wire/in/{row.pk}/").content.decode()

    assert (shown.pk, shown.failure, shown.attempts, shown.behind) == (row.pk, "PartyUnknown", 5, 2)
    assert "nobody is called X" in one
    assert "Take it up again" in one
    assert one.count('<th scope="row">') == 2
    assert pages["admin"].get(f"/wire/in/{done.pk}/").status_code == 404


def test_what_goes_out_shows_what_was_refused_and_what_waits(pages):
    refused = to_go_out(error="integration refused it (409): sequence-gap", attempts=3)
    to_go_out()
    to_go_out(state=WorkState.DONE)

    every = pages["auditor"].get("/wire/out/").context["page"].rows
    stuck = pages["auditor"].get("/wire/out/?trouble=true").context["page"].rows
    one = pages["auditor"].get(f"/wire/out/{refused.pk}/").content.decode()

    assert (len(every), [row.pk for row in stuck]) == (2, [refused.pk])
    assert "sequence-gap" in one


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(client, pages, handled):
    move(withdrawn()).post(client)
    row = Incoming.objects.get()
    Incoming.objects.update(state=WorkState.PARKED, attempts=5, error="KeyError: 'x'")

    handled(lambda fact, meta: Group.objects.create(name="made"))
    good = pages["admin"].post(f"/wire/in/{row.pk}/try/").content.decode()
    handled(lambda fact, meta: {}["x"])
    bad = pages["admin"].post(f"/wire/in/{row.pk}/try/").content.decode()

    assert "it would be applied" in good
    assert "auth_group 1" in good
    assert ("it would be refused" in bad, "KeyError" in bad) == (True, True)
    assert not Group.objects.filter(name="made").exists()
    assert Incoming.objects.get().state == WorkState.PARKED


def test_a_parked_event_is_taken_up_again_alone_or_with_its_like(pages):
    first = held_back(error="KeyError: 'a'")
    second, other = held_back(error="KeyError: 'b'"), held_back(error="PartyUnknown: x")

    alone = pages["admin"].post(f"/wire/in/{first.pk}/again/", follow=True).content.decode()
    twice = pages["admin"].post(f"/wire/in/{first.pk}/again/", follow=True).content.decode()
    like = pages["admin"].post(f"/wire/in/{second.pk}/like/", follow=True).content.decode()

    assert "1 event is taken up again." in alone
    assert "not parked any more" in twice
    assert "1 event is taken up again." in like
    states = {row.pk: (row.state, row.attempts) for row in Incoming.objects.all()}
    assert states == {first.pk: ("waiting", 0), second.pk: ("waiting", 0), other.pk: ("parked", 5)}


def test_what_was_given_up_is_sent_again(pages, api):
    parked, waiting = to_go_out(state=WorkState.PARKED, attempts=26, error="refused"), to_go_out()

    pages["admin"].post(f"/wire/out/{parked.pk}/again/")
    refused = api["admin"].post(f"/api/v1/outgoing-events/{waiting.pk}/again/")

    assert (refused.status_code, refused.json()["code"]) == (409, "not-parked")
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == (WorkState.WAITING, 0)


ACTS = ("in/{i}/again/", "in/{i}/like/", "in/{i}/try/", "out/{o}/again/")
API_ACTS = ("incoming-events/{i}/again/", "incoming-events/{i}/again-like/", "incoming-events/{i}/try/",
            "outgoing-events/{o}/again/")  # fmt: skip


def test_admins_act_auditors_look_on_and_nobody_else_sees_anything(pages, api):
    row, message = held_back(), to_go_out(state=WorkState.PARKED)
    door.keep(door.EVENTS, 401, "unauthorised", "no")
    looks = ["", f"in/{row.pk}/", "out/", f"out/{message.pk}/", "refused/"]
    lists = ["incoming-events/", f"incoming-events/{row.pk}/", "outgoing-events/", f"outgoing-events/{message.pk}/",
             "refusals/"]  # fmt: skip

    for role, wanted in (("admin", 200), ("auditor", 200), ("accountant", 403)):
        assert {pages[role].get(f"/wire/{look}").status_code for look in looks} == {wanted}, role
        assert {api[role].get(f"/api/v1/{one}").status_code for one in lists} == {wanted}, role
    for role in ("auditor", "accountant"):
        told = {pages[role].post(f"/wire/{act.format(i=row.pk, o=message.pk)}").status_code for act in ACTS}
        told |= {api[role].post(f"/api/v1/{act.format(i=row.pk, o=message.pk)}").status_code for act in API_ACTS}
        told |= {pages[role].post("/lists/incoming_events/bulk/again/", {"ids": [str(row.pk)]}).status_code}
        assert told == {403}, role
    assert "Take it up again" not in pages["auditor"].get(f"/wire/in/{row.pk}/").content.decode()
    assert {row.state for row in Incoming.objects.all()} | {row.state for row in Message.objects.all()} == {"parked"}
    assert Client().get("/wire/").status_code == 302


def test_who_may_read_the_wire_may_read_every_figure_that_an_events_failure_may_repeat():
    tiers = {tier for contract in all_contracts() if (tier := tier_of(contract.type))}

    assert tiers
    assert all(sees(user(role), tier) for role in WIRE_READERS for tier in tiers)


def test_the_api_tells_what_the_pages_tell(api):
    row = held_back(error="PartyUnknown: x")
    held_back(aggregate=row.aggregate, lane=row.lane, position=2, state=WorkState.WAITING, error="")
    door.keep(door.EVENTS, 409, "sequence-gap", "expected 1", "integration", "127.0.0.1", row.type, row.event_id)

    (one,) = api["auditor"].get("/api/v1/incoming-events/", {"state": "parked"}).json()["results"]
    (no,) = api["auditor"].get("/api/v1/refusals/", {"code": "sequence-gap", "signed": "true"}).json()["results"]
    done = api["admin"].post(f"/api/v1/incoming-events/{row.pk}/again/")

    assert (one["about"], one["failure"], one["behind"]) == (row.aggregate.split()[1], "PartyUnknown", 1)
    assert "body" not in one
    assert (no["event"], no["times"], no["signed_by"]) == (str(row.event_id), 1, "integration")
    assert (done.status_code, done.json()) == (200, {"count": 1})


def test_the_pages_cost_the_same_however_much_stands_on_them(pages):
    def costs():
        found = []
        for look in ("/wire/", "/wire/out/", "/wire/refused/"):
            pages["admin"].get(look)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                pages["admin"].get(look)
            found.append(len(asked))
        return found

    held_back()
    to_go_out()
    door.keep(door.EVENTS, 401, "unauthorised", "no")
    few = costs()
    for number in range(30):
        row = held_back()
        held_back(aggregate=row.aggregate, lane=row.lane, position=2, state=WorkState.WAITING, error="")
        to_go_out()
        door.keep(door.EVENTS, 401, "unauthorised", "no", address=f"10.0.0.{number}")

    assert (few, costs()) == ([page_queries(2)] * 2 + [page_queries(1)], few)


def test_since_when_and_by_day(pages):
    row = held_back()
    Incoming.objects.update(received_at=timezone.now() - timedelta(days=9))

    today = timezone.localdate().isoformat()
    assert pages["admin"].get(f"/wire/?state=&start={today}").context["page"].rows == []
    assert [one.pk for one in pages["admin"].get(f"/wire/?state=&end={today}").context["page"].rows] == [row.pk]
