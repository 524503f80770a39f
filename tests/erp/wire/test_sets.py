"""What waits is applied in sets: one transaction for many events, in which each stands or falls by itself."""

import time
from threading import Event, Thread

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from base.ids import uuid7
from base.refusals import Refused
from integration.contracts.deals import DealWithdrawn
from integration.inbox import handling
from integration.inbox.applying import SET_MAX, SET_SECONDS, applier
from integration.inbox.models import Incoming
from integration.lanes import LaneWorker
from integration.looping import Progress
from tests.helpers import at_home
from tests.integration.wire import HandOver, signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deals(client):
    """So many deals were withdrawn; their ids."""

    def came(count, each=1):
        found = [uuid7() for _deal in range(count)]
        for deal in found:
            for number in range(1, each + 1):
                envelope = signed(DealWithdrawn(deal=deal, reason="no need"), number)
                move = HandOver(envelope, sender="integration", to="erp", routeseq=number, change={"route": "crm>erp"})
                assert move.post(client).status_code == 202
        return found

    return came


@pytest.fixture
def handle(monkeypatch):
    """Stand in the handler's place; it notes in which transaction each event was applied."""
    transactions = {}

    def handle_with(effect):
        def handler(fact, meta):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()::text")
                transactions.setdefault(cursor.fetchone()[0], []).append(fact.deal)
            Group.objects.create(name=f"effect of {meta.id}")
            effect(fact)

        monkeypatch.setitem(handling._HANDLERS, DealWithdrawn.type, handler)
        return transactions

    return handle_with


def work_off():
    at_home(LaneWorker(Incoming, applier(Progress()), "in0", isolating=True)).run_once()


def effects():
    return Group.objects.filter(name__startswith="effect of").count()


def states():
    return {row.aggregate.rpartition(":")[2]: (row.state, row.attempts) for row in Incoming.objects.all()}


def test_many_events_are_one_transaction(deals, handle):
    transactions = handle(lambda fact: None)
    told = deals(SET_MAX)

    work_off()

    assert [sorted(done) for done in transactions.values()] == [sorted(told)]
    assert set(states().values()) == {("done", 1)}
    assert effects() == SET_MAX
    assert not Incoming.objects.filter(finished_at=None).exists()


def test_one_that_fails_undoes_itself_alone_and_holds_its_record_only(deals, handle):
    def effect(fact):
        if fact.deal == culprit:
            raise Refused()

    transactions = handle(effect)
    told = deals(5, each=2)
    culprit = told[2]

    work_off()

    assert len(transactions) == 1
    found = states()
    assert {deal: found[str(deal)][0] for deal in told} == {
        deal: "waiting" if deal == culprit else "done" for deal in told
    }
    assert sorted(Incoming.objects.filter(aggregate__endswith=str(culprit)).values_list("position", "attempts")) == [
        (1, 1),
        (2, 0),  # it waits behind the first, which is not held against it
    ]
    assert effects() == 8


def test_what_the_database_refuses_at_the_end_only_is_found_one_by_one(deals, handle):
    def effect(fact):
        if fact.deal == culprit:  # nobody looks at a foreign key before the commit
            Group.permissions.through.objects.create(group_id=-1, permission_id=-1)

    handle(effect)
    told = deals(4)
    culprit = told[1]

    work_off()

    assert {deal: states()[str(deal)][0] for deal in told} == {
        deal: "waiting" if deal == culprit else "done" for deal in told
    }
    assert effects() == 3


def test_a_set_that_meets_somebody_lets_go_of_all_it_holds(deals, handle):
    """A person holds what the second event needs, and then asks for what the first one got: no deadlock, no error."""
    first, second = Group.objects.create(name="first"), Group.objects.create(name="second")
    told = deals(2)
    needs = dict(zip(sorted(told, key=str), (first, second), strict=True))
    holds, asks, met = Event(), Event(), []

    def effect(fact):
        if fact.deal in needs:
            group = needs[fact.deal]
            if group is second:
                asks.set()
            Group.objects.select_for_update().get(pk=group.pk)
            if group is first:
                holds.wait(10)

    def person():
        try:
            with transaction.atomic():
                Group.objects.select_for_update().get(pk=second.pk)
                holds.set()
                asks.wait(10)
                Group.objects.select_for_update().get(pk=first.pk)
                time.sleep(0.05)
        except Exception as fault:
            met.append(fault)
        finally:
            connection.close()

    transactions = handle(effect)
    thread = Thread(target=person)
    thread.start()
    holds.wait(10)
    began = time.monotonic()
    work_off()
    thread.join()

    assert met == []
    assert set(states().values()) == {("done", 1)}
    assert [len(done) for done in transactions.values()] == [2, 1, 1]
    assert time.monotonic() - began < 1, "a deadlock is found after a second only"


def test_a_set_ends_when_its_time_is_up(deals, handle):
    transactions = handle(lambda fact: time.sleep(SET_SECONDS / 2))
    deals(6)

    work_off()

    assert max(len(done) for done in transactions.values()) <= 3
    assert set(states().values()) == {("done", 1)}
