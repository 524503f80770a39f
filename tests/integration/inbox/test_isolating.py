"""Handlers that raise, end their process or never return: the culprit is named, the others are applied."""

import contextlib
import os
import signal
import threading
from pathlib import Path

import pytest
from django.db import connection

from base.ids import uuid7
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot
from integration.events import event_bytes
from integration.inbox import handling
from integration.inbox.applying import applier
from integration.inbox.isolating import SUSPECT_NICENESS, WAIT_SECONDS, Courtesy, apply_apart
from integration.inbox.models import Incoming
from integration.lanes import MAX_CLAIMS, LaneWorker, Outcome, WorkState, lane_of
from integration.looping import Progress
from tests.helpers import at_home


def incoming(name, attempts=1):
    """An event about a customer of that name, claimed so many times."""
    customer, event_id = uuid7(), uuid7()
    fact = CustomerRegistered(customer=customer, snapshot=CustomerSnapshot(customer=customer, name=name))
    from django.utils import timezone

    body = event_bytes(
        fact, event_id=event_id, time=timezone.now(), aggregate_seq=1, correlation_id="c", causation_id=""
    )
    aggregate = f"crm>integration {fact.partition_key}"
    return Incoming.objects.create(
        event_id=event_id,
        digest="",
        type=fact.type,
        source="crm",
        route="crm>integration",
        aggregate=aggregate,
        position=1,
        lane=lane_of(aggregate),
        attempts=attempts,
        keyid="",
        signature="",
        body=body,
    )


@pytest.fixture
def handler(monkeypatch, settings):
    """A handler that does what the customer's name says."""
    settings.HANDLER_SECONDS = 1

    def handle(fact, meta):
        if fact.snapshot.name == "raise":
            raise RuntimeError("no")
        if fact.snapshot.name == "tell":
            raise RuntimeError(f"niceness {os.nice(0)}, in a session of its own: {os.getsid(0) == os.getpid()}")
        if fact.snapshot.name == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        while fact.snapshot.name == "loop":
            pass

    monkeypatch.setitem(handling._HANDLERS, CustomerRegistered.type, handle)


@pytest.mark.django_db(transaction=True)
def test_a_culprit_takes_nobody_with_it(handler):
    rows = [incoming(name) for name in ("good", "kill", "good", "raise", "loop", "good")]

    outcomes = apply_apart(rows, Progress())

    assert [outcome.verdict for outcome in outcomes] == ["done", "again", "done", "again", "again", "done"]
    assert "SIGKILL" in outcomes[1].error
    assert "did not come to an end" in outcomes[4].error
    assert Incoming.objects.filter(state=WorkState.DONE).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_suspect_stands_back(handler):
    (outcome,) = apply_apart([incoming("tell")], Progress())

    assert f"niceness {min(os.nice(0) + SUSPECT_NICENESS, 19)}, in a session of its own: True" in outcome.error


def states_of_children(work):
    """In which states (proc(5): R runs, T is stopped) this process' children are seen while the work is done."""
    seen: set[str] = set()
    done = threading.Event()

    def look():
        while not done.wait(0.01):
            for children in Path("/proc/self/task").glob("*/children"):
                for pid in children.read_text().split():
                    with contextlib.suppress(OSError):
                        seen.add(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return seen


@pytest.mark.django_db(transaction=True)
def test_a_loop_rests_while_ordinary_events_wait_and_not_when_none_does(handler):
    """However busy the machine is: the time it gets says nothing then, that it is stopped does."""

    def loop():
        apply_apart([incoming("loop")], Progress())

    waits = incoming("good", attempts=0)
    before = os.times().children_user
    beside_one_that_waits = states_of_children(loop)
    taken = os.times().children_user - before
    waits.delete()
    alone = states_of_children(loop)

    assert taken < 0.8
    assert "T" in beside_one_that_waits
    assert "T" not in alone


@pytest.mark.django_db
def test_suspects_are_taken_up_every_few_seconds_while_others_wait():
    now = 0.0
    gate = Courtesy(clock=lambda: now)
    waits = incoming("first of its customer", attempts=0)

    assert gate.allowed()
    gate.spare_probe()  # there was none: one that comes a moment later has come with those who wait
    assert not gate.allowed()
    now += WAIT_SECONDS
    assert gate.allowed()
    assert not gate.allowed()
    Incoming.objects.filter(pk=waits.pk).update(attempts=1)
    behind = incoming("behind a suspect", attempts=0)
    Incoming.objects.filter(pk=behind.pk).update(aggregate=waits.aggregate, lane=waits.lane, position=2)
    assert gate.allowed()


@pytest.mark.django_db(transaction=True)
def test_the_fifth_claim_is_the_last(handler):
    (outcome,) = apply_apart([incoming("kill", MAX_CLAIMS)], Progress())

    assert outcome.verdict == "park"


@pytest.mark.django_db
def test_who_applies_first_leaves_suspects_and_who_isolates_takes_nothing_else():
    fresh, suspect = incoming("fresh", attempts=0), incoming("suspect", attempts=1)
    seen = {"first": [], "apart": []}

    def note(who):
        def work(rows):
            seen[who] += [row.pk for row in rows]
            return [Outcome("hold") for _row in rows]

        return work

    first = LaneWorker(Incoming, note("first"), "a", isolating=True)
    apart = LaneWorker(Incoming, note("apart"), "b", suspects=True)
    first.run_once()
    apart.run_once()

    assert seen == {"first": [fresh.pk], "apart": [suspect.pk]}


@pytest.mark.django_db
def test_what_somebody_is_at_now_is_no_suspect():
    first = LaneWorker(Incoming, lambda rows: [Outcome("hold")] * len(rows), "a", isolating=True)
    first.run_once()
    row = incoming("in work")
    Incoming.objects.filter(pk=row.pk).update(claim=first.tokens[row.lane])
    seen = []

    def work(rows):
        seen.extend(rows)
        return [Outcome("hold")] * len(rows)

    LaneWorker(Incoming, work, "b", suspects=True).run_once()
    assert seen == []

    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_lanelease SET token = token + 1")
    LaneWorker(Incoming, work, "b", suspects=True).run_once()
    assert [found.pk for found in seen] == [row.pk]


def dies_of(row):
    """The worker in0 claims all that waits and dies of this one; its heir, told by the parent what it was."""
    progress = Progress()

    def die(claimed):
        progress.begin(5.0, row=row.pk)
        raise SystemExit

    victim = at_home(LaneWorker(Incoming, die, "in0", isolating=True))
    with pytest.raises(SystemExit):
        victim.run_once()
    assert set(Incoming.objects.values_list("attempts", flat=True)) == {1}
    progress.bury()
    heir = LaneWorker(Incoming, applier(progress), "in0", isolating=True)
    heir.leases.died_of = progress.died_of
    return heir


@pytest.mark.django_db
def test_only_what_a_worker_died_of_is_suspect_and_the_rest_of_its_batch_is_not(handler):
    """The parent knows which row its child was at when it ended; the next child of that name absolves the rest."""
    rows = [incoming(name, attempts=0) for name in ("a", "b", "c")]

    dies_of(rows[1]).run_once()

    found = {row.pk: (row.state, row.attempts) for row in Incoming.objects.all()}
    assert found == {rows[0].pk: ("done", 1), rows[1].pk: ("waiting", 1), rows[2].pk: ("done", 1)}


@pytest.mark.django_db
def test_an_heir_absolves_in_the_lanes_too_that_it_lets_go_of(handler, settings):
    """One that was there first had every lane and dies before it shared them out: no innocent becomes a suspect."""
    rows = []
    while {row.lane for row in rows} != set(range(settings.RELAY_LANES)):
        rows.append(incoming(f"customer {len(rows)}", attempts=0))

    heir = dies_of(rows[0])
    assert not LaneWorker(Incoming, applier(Progress()), "in1", isolating=True).run_once()  # it waits for its share
    heir.run_once()

    assert 0 < len(heir.tokens) < settings.RELAY_LANES
    suspects = Incoming.objects.filter(state=WorkState.WAITING, attempts__gt=0)
    assert [row.pk for row in suspects] == [rows[0].pk]


@pytest.mark.django_db
def test_when_nobody_knows_what_it_died_of_all_are_suspect(handler):
    for name in ("a", "b"):
        incoming(name, attempts=0)

    def dies(claimed):
        raise SystemExit

    with pytest.raises(SystemExit):
        LaneWorker(Incoming, dies, "in0", isolating=True).run_once()

    assert LaneWorker(Incoming, applier(Progress()), "in0", isolating=True).run_once() == 0
    assert list(Incoming.objects.values_list("state", "attempts")) == [("waiting", 1)] * 2
