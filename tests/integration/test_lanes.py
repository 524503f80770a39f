"""Lanes: heads only, one holder at a time, and an outcome for each claim."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from base.ids import uuid7
from integration import lanes as lanes_module
from integration.courier import Circuit
from integration.lanes import DONE, LaneWorker, Outcome, WorkState, lane_of, retry_parked
from integration.leases import LaneLease, LaneMember, holder_name, is_gone
from integration.outbox.models import Message


def put(aggregate, position, **more):
    return Message.objects.create(
        id=uuid7(), type="t", aggregate=aggregate, position=position, lane=lane_of(aggregate), body=b"{}", **more
    )


def worker(outcome=DONE, holder="a", **more):
    seen = []

    def work(rows):
        outcomes, broken = [], set()
        for row in rows:
            if row.aggregate in broken:
                outcomes.append(Outcome("hold"))
                continue
            seen.append((row.aggregate, row.position))
            outcomes.append(outcome(row) if callable(outcome) else outcome)
            if outcomes[-1].verdict != "done":
                broken.add(row.aggregate)
        return outcomes

    return LaneWorker(Message, work, holder, **more), seen


@pytest.mark.django_db
def test_an_aggregate_is_worked_off_in_order_and_in_one_batch():
    for position in (1, 2, 3):
        put("deal:1", position)
    lanes, seen = worker()

    rounds = [lanes.run_once() for _round in range(2)]

    assert rounds == [3, 0]
    assert seen == [("deal:1", 1), ("deal:1", 2), ("deal:1", 3)]


@pytest.mark.django_db
def test_a_batch_holds_a_hundred_rows_and_takes_heads_before_followers():
    for deal in range(30):
        for position in range(1, 6):
            put(f"deal:{deal}", position)
    lanes, seen = worker()

    assert [lanes.run_once() for _round in range(4)] == [10, 100, 40, 0]  # few at first: who else is there?
    assert {aggregate for aggregate, _position in seen[:110]} == {f"deal:{deal}" for deal in range(30)}
    assert len(seen) == len(set(seen)) == 150


@pytest.mark.django_db
def test_heads_that_cannot_go_keep_nobody_behind_them_waiting(monkeypatch):
    monkeypatch.setattr(lanes_module, "LOOK_AT_HEADS", 4)
    for deal in range(40):
        put(f"deal:{deal:02}", 1, attempts=1, not_before=timezone.now() + timedelta(hours=1))
    put("deal:99", 1)
    lanes, seen = worker()

    assert (lanes.run_once(), seen) == (1, [("deal:99", 1)])
    assert lanes.run_once() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", ["again", "park", "hold"])
def test_nothing_overtakes_a_row_that_is_not_done(verdict):
    put("deal:1", 1)
    put("deal:1", 2)
    put("deal:2", 1)
    lanes, seen = worker(lambda row: Outcome(verdict, "no", 60) if row.aggregate == "deal:1" else DONE)

    for _round in range(3):
        lanes.run_once()

    assert sorted(seen) == [("deal:1", 1), ("deal:2", 1)]


@pytest.mark.django_db
def test_a_destination_that_is_down_does_not_age_what_waits():
    row = put("deal:1", 1)
    lanes, _seen = worker(Outcome("hold", "down"))

    for _round in range(4):
        lanes.run_once()

    row.refresh_from_db()
    assert (row.attempts, row.state) == (0, WorkState.WAITING)


@pytest.mark.django_db
def test_nothing_is_claimed_for_a_destination_that_is_down():
    put("deal:1", 1)
    circuit = Circuit("integration")
    circuit.failed()
    lanes, seen = worker(gate=circuit)

    assert (lanes.run_once(), seen) == (0, [])


@pytest.mark.django_db
def test_what_is_held_back_is_not_claimed_and_nothing_overtakes_it(monkeypatch):
    for aggregate, position in (("deal:1", 1), ("deal:1", 2), ("deal:2", 1)):
        put(aggregate, position)
    monkeypatch.setattr(Message, "held_sql", lambda: ("h.aggregate = %s AND h.position = 1", ["deal:1"]))
    lanes, seen = worker()

    for _round in range(3):
        lanes.run_once()

    assert seen == [("deal:2", 1)]


@pytest.mark.django_db
def test_a_second_worker_gets_no_lane_while_the_first_holds_it():
    first, _seen = worker(holder="a")
    second, seen = worker(holder="b")
    first.run_once()
    put("deal:1", 1)

    assert (second.run_once(), seen) == (0, [])


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_cannot_settle_what_it_claimed():
    row = put("deal:1", 1)

    def lose_the_lease(row):
        LaneLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        other, _seen = worker(holder="b")
        other.leases.renew(progressed=True)
        return DONE

    slow, _seen = worker(lose_the_lease, holder="a")
    slow.run_once()

    row.refresh_from_db()
    assert row.state == WorkState.WAITING


@pytest.mark.django_db
def test_a_parked_row_is_taken_up_again_by_hand():
    row = put("deal:1", 1)
    worker(Outcome("park", "poison"))[0].run_once()

    assert retry_parked(Message, row.pk) is True
    lanes, seen = worker()
    lanes.run_once()
    assert seen == [("deal:1", 1)]
    assert retry_parked(Message, row.pk) is False


@pytest.mark.django_db(transaction=True)
def test_writers_in_parallel_leave_no_gap_and_lose_nothing():
    """Eight writers on three aggregates: numbers contiguous, and a relay that runs meanwhile sends every one."""
    lanes, seen = worker()
    stop = threading.Event()

    def write(number):
        for turn in range(12):
            with transaction.atomic(), connection.cursor() as cursor:
                aggregate = f"deal:{(number + turn) % 3}"
                cursor.execute(
                    "INSERT INTO outbox_stream AS s (aggregate, last) VALUES (%s, 1) ON CONFLICT (aggregate) "
                    "DO UPDATE SET last = s.last + 1 RETURNING last",
                    [aggregate],
                )
                put(aggregate, cursor.fetchone()[0])
        connection.close()

    def relay():
        last_round = False
        while not last_round:
            last_round = stop.is_set()  # looked at before the round: what was written until then is in it
            while lanes.run_once():
                pass
        connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    sender = threading.Thread(target=relay)
    sender.start()
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    sender.join()

    assert len(seen) == len(set(seen)) == 96
    for number in range(3):
        positions = [position for aggregate, position in seen if aggregate == f"deal:{number}"]
        assert positions == list(range(1, len(positions) + 1))


@pytest.mark.django_db
def test_lanes_are_shared_evenly_by_whoever_is_there():
    first, second, third = (worker(holder=name)[0] for name in "abc")
    for turn in range(1, 4):
        for one in (first, second, third):
            one.run_once(now=turn * 10.0)

    shares = [set(one.tokens) for one in (first, second, third)]

    assert sorted(len(share) for share in shares) == [2, 3, 3]
    assert set.union(*shares) == set(range(8))


@pytest.mark.django_db
def test_a_worker_that_leaves_hands_its_lanes_over_at_once():
    first, second = (worker(holder=name)[0] for name in "ab")
    first.run_once()
    first.leases.leave()

    second.run_once()

    assert set(second.tokens) == set(range(8))


@pytest.mark.django_db
def test_a_worker_that_starts_afresh_gives_up_what_it_had_claimed():
    first, _seen = worker()
    first.run_once()
    before = dict(first.tokens)
    first.start_afresh()
    first.run_once()

    assert first.tokens == {lane: token + 1 for lane, token in before.items()}


def test_a_circuit_probes_after_one_two_four_eight_then_every_ten_seconds():
    now = [0.0]
    circuit = Circuit("integration", clock=lambda: now[0])
    pauses = []
    for _failure in range(6):
        circuit.failed()
        start = now[0]
        while not circuit.allowed():
            now[0] += 0.5
        pauses.append(now[0] - start)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    circuit.answered()
    assert circuit.allowed() == 100


def test_an_open_circuit_lets_one_probe_out_at_a_time():
    now = [0.0]
    circuit = Circuit("integration", clock=lambda: now[0])
    circuit.failed()
    now[0] = 1.0

    assert [circuit.allowed(), circuit.allowed()] == [1, 0]
    circuit.spare_probe()
    assert circuit.allowed() == 1


@pytest.mark.django_db
def test_a_clock_that_was_set_back_makes_nothing_new_wait():
    ahead = timezone.now() + timedelta(minutes=10)
    put("deal:1", 1, not_before=ahead)
    put("deal:2", 1, not_before=ahead, error="the database was away")
    put("deal:3", 1, not_before=ahead, error="refused", attempts=2)
    lanes, seen = worker()

    lanes.run_once()

    assert sorted(seen) == [("deal:1", 1), ("deal:2", 1)], "only what was refused waits for its hour"


@pytest.mark.django_db
def test_a_lease_from_the_future_is_none():
    first, second = (worker(holder=name)[0] for name in "ab")
    first.run_once()
    LaneLease.objects.update(expires_at=timezone.now() + timedelta(minutes=10))
    LaneMember.objects.update(seen_at=timezone.now() + timedelta(minutes=10))

    second.run_once()

    assert set(second.tokens) == set(range(8))


@pytest.mark.django_db
def test_nobody_waits_for_the_lease_of_a_process_that_was_killed_here():
    """A real process holds the lanes and is killed; the next one has them at once, with new tokens."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    victim, _seen = worker(holder=holder_name(process.pid, "out"))
    heir, _seen = worker(holder=holder_name(os.getpid(), "out"))
    victim.run_once()
    heir.run_once()
    assert heir.tokens == {}, "while it lives, its lanes are its own"

    process.kill()
    process.wait()
    heir.run_once()

    assert heir.tokens == {lane: token + 1 for lane, token in victim.tokens.items()}


def test_of_a_process_elsewhere_nothing_is_known():
    assert is_gone("another-host.4026531836:1:out") is False
    assert is_gone("a") is False
