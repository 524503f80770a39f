"""Three relays share the lanes as threads; one stops without a word, and the others take its lanes over in time."""

import threading

import pytest
from django.db import connection

from base.ids import uuid7
from integration import leases
from integration.lanes import DONE, FIRST_LOOK_SECONDS, LaneWorker, WorkState, lane_of
from integration.outbox.models import Message

DEALS, EACH = 24, 10


@pytest.mark.django_db(transaction=True)
def test_what_a_relay_that_vanished_had_claimed_is_sent_by_the_others_in_order(monkeypatch):
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1)
    monkeypatch.setattr("integration.lanes.LOOK_SECONDS", 0.2)
    for position in range(1, EACH + 1):
        Message.objects.bulk_create(
            Message(
                id=uuid7(),
                type="t",
                aggregate=f"deal:{deal}",
                position=position,
                lane=lane_of(f"deal:{deal}"),
                body=b"",
            )
            for deal in range(DEALS)
        )
    sent: list[tuple[str, int]] = []
    lock = threading.Lock()

    def relay(name):
        import time

        def work(rows):
            if name == "victim":
                raise SystemExit  # gone with all it had claimed, and its lease still running
            with lock:
                sent.extend((row.aggregate, row.position) for row in rows)
            return [DONE] * len(rows)

        worker = LaneWorker(Message, work, name)
        deadline = time.monotonic() + 30
        try:
            while time.monotonic() < deadline and Message.objects.exclude(state=WorkState.DONE).exists():
                worker.run_once(time.monotonic())
                time.sleep(0.02)
        except SystemExit:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=relay, args=(name,)) for name in ("victim", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Message.objects.exclude(state=WorkState.DONE).count() == 0
    assert len(sent) == len(set(sent)) == DEALS * EACH
    for deal in range(DEALS):
        assert [position for name, position in sent if name == f"deal:{deal}"] == list(range(1, EACH + 1))


@pytest.mark.django_db
def test_who_starts_second_has_a_fair_share_in_a_moment():
    """And so has one who overslept its leases: who took them all over looks again soon."""
    first, second = (LaneWorker(Message, lambda rows: [DONE] * len(rows), name) for name in ("a", "b"))
    first.run_once(now=0.0)
    second.run_once(now=0.1)
    assert not second.tokens

    first.run_once(now=0.1 + FIRST_LOOK_SECONDS)
    second.run_once(now=0.4)
    assert len(first.tokens) == len(second.tokens)

    for now in (1, 2, 4, 8):
        first.run_once(now=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_lanelease SET expires_at = now() - interval '1 minute' WHERE holder = 'b'")
        cursor.execute("UPDATE outbox_lanemember SET seen_at = now() - interval '1 minute' WHERE holder = 'b'")
    first.run_once(now=12)
    assert len(first.tokens) == 2 * len(second.tokens)

    second.run_once(now=12.1)
    first.run_once(now=12.2 + FIRST_LOOK_SECONDS)
    second.run_once(now=13.2)
    assert len(first.tokens) == len(second.tokens)
