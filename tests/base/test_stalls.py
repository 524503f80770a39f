"""A relay is judged by how it gets on: the side says so where operators and Prometheus look."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from base.ids import uuid7
from integration.lanes import DONE, LaneWorker, Outcome, lane_of
from integration.leases import LaneLease
from integration.outbox.models import Message

pytestmark = pytest.mark.django_db


def due_since(seconds, aggregate="deal:1"):
    return Message.objects.create(
        id=uuid7(), type="t", aggregate=aggregate, position=1, lane=lane_of(aggregate), body=b"{}",
        not_before=timezone.now() - timedelta(seconds=seconds),
    )  # fmt: skip


def relay(outcome=DONE):
    return LaneWorker(Message, lambda rows: [outcome for _row in rows], "a")


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["outbox"]


def standing(client):
    text = client.get("/metrics").content.decode()
    return float(re.findall(r'^heming_relay_lanes_standing{queue="outbox_message"} ([\d.]+)$', text, re.M)[0])


def test_work_that_is_due_and_a_relay_that_is_not_there(client):
    due_since(121)

    status, state, words = ready(client)

    assert (status, state, standing(client)) == (200, "degraded", 1.0), "people can work on meanwhile"
    assert re.fullmatch(r"1 lanes stand still, work has been due for 12\d s", words)


def test_what_has_just_become_due_is_no_standstill(client):
    due_since(60)

    assert (ready(client), standing(client)) == ((200, "ok", "ok"), 0.0)


def test_a_relay_that_holds_its_lanes_but_makes_no_round_stands_still(client):
    due_since(500)
    relay(Outcome("again", delay_seconds=0)).run_once()
    LaneLease.objects.update(
        progressed_at=timezone.now() - timedelta(seconds=300), expires_at=timezone.now() + timedelta(seconds=10)
    )

    assert ready(client)[1] == "degraded"


def test_a_destination_that_does_not_answer_is_no_standstill_of_the_relay(client):
    due_since(500)
    worker = relay(Outcome("again", delay_seconds=0))

    worker.run_once(0.0)
    worker.run_once(60.0)

    assert Message.objects.get().state == "waiting"
    assert ready(client) == (200, "ok", "ok")


def test_it_gets_on_again_by_itself(client):
    due_since(500)
    before = ready(client)[1]

    relay().run_once()

    assert (before, ready(client)[1]) == ("degraded", "ok")
