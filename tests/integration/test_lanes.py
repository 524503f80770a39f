"""Lanes: heads only, one holder at a time, and an outcome for each claim."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from base.ids import uuid7
from integration.courier import Circuits
from integration.lanes import DONE, LaneLease, LaneWorker, Outcome, WorkState, lane_of, retry_parked
from integration.outbox.models import Message

ALL = list(range(8))


def put(aggregate, position, **more):
    return Message.objects.create(
        id=uuid7(), type="t", aggregate=aggregate, position=position, lane=lane_of(aggregate), body=b"{}", **more
    )


def worker(outcome=DONE, holder="a", **more):
    seen = []

    def work(row):
        seen.append((row.aggregate, row.position))
        return outcome(row) if callable(outcome) else outcome

    return LaneWorker(Message, work, holder, **more), seen


@pytest.mark.django_db
def test_an_aggregate_is_worked_off_in_order_one_head_at_a_time():
    for position in (1, 2, 3):
        put("deal:1", position)
    lanes, seen = worker()

    rounds = [lanes.run_once(ALL) for _round in range(4)]

    assert rounds == [1, 1, 1, 0]
    assert seen == [("deal:1", 1), ("deal:1", 2), ("deal:1", 3)]


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", ["again", "park", "hold"])
def test_nothing_overtakes_a_row_that_is_not_done(verdict):
    put("deal:1", 1)
    put("deal:1", 2)
    put("deal:2", 1)
    lanes, seen = worker(lambda row: Outcome(verdict, "no", 60) if row.aggregate == "deal:1" else DONE)

    for _round in range(3):
        lanes.run_once(ALL)

    assert sorted(seen) == [("deal:1", 1), ("deal:2", 1)]


@pytest.mark.django_db
def test_a_destination_that_is_down_does_not_age_what_waits():
    row = put("deal:1", 1)
    lanes, _seen = worker(Outcome("hold", "down"))

    for _round in range(4):
        lanes.run_once(ALL)

    row.refresh_from_db()
    assert (row.attempts, row.state) == (0, WorkState.WAITING)


@pytest.mark.django_db
def test_nothing_is_claimed_for_a_blocked_destination():
    put("deal:1", 1)
    lanes, seen = worker(blocked=lambda: ["integration"])

    assert (lanes.run_once(ALL), seen) == (0, [])


@pytest.mark.django_db
def test_what_is_held_back_is_not_claimed_and_nothing_overtakes_it(monkeypatch):
    for aggregate, position in (("deal:1", 1), ("deal:1", 2), ("deal:2", 1)):
        put(aggregate, position)
    monkeypatch.setattr(Message, "held_sql", lambda: ("h.aggregate = %s AND h.position = 1", ["deal:1"]))
    lanes, seen = worker()

    for _round in range(3):
        lanes.run_once(ALL)

    assert seen == [("deal:2", 1)]


@pytest.mark.django_db
def test_a_second_worker_gets_no_lane_while_the_first_holds_it():
    first, _seen = worker(holder="a")
    second, seen = worker(holder="b")
    first.run_once(ALL)
    put("deal:1", 1)

    assert (second.run_once(ALL), seen) == (0, [])


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_cannot_settle_what_it_claimed():
    row = put("deal:1", 1)

    def lose_the_lease(row):
        LaneLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        other, _seen = worker(holder="b")
        other._lease(row.lane)
        return DONE

    slow, _seen = worker(lose_the_lease, holder="a")
    slow.run_once(ALL)

    row.refresh_from_db()
    assert row.state == WorkState.WAITING


@pytest.mark.django_db
def test_a_parked_row_is_taken_up_again_by_hand():
    row = put("deal:1", 1)
    worker(Outcome("park", "poison"))[0].run_once(ALL)

    assert retry_parked(Message, row.pk) is True
    lanes, seen = worker()
    lanes.run_once(ALL)
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
        while not stop.is_set() or lanes.run_once(ALL):
            lanes.run_once(ALL)
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


def test_a_circuit_probes_after_one_two_four_eight_then_every_ten_seconds():
    now = [0.0]
    circuits = Circuits(clock=lambda: now[0])
    pauses = []
    for _failure in range(6):
        circuits.failed("erp")
        start = now[0]
        while "erp" in circuits.blocked():
            now[0] += 0.5
        pauses.append(now[0] - start)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    circuits.answered("erp")
    assert circuits.blocked() == []
