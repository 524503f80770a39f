"""What else needs a person is told once, and is over when it is over."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from integration.hub import alerting, lookout, reconciling, watching
from integration.hub.models import Alert, Comparison, Delivery, Pulse
from integration.liaison.asking import NoAnswer
from tests.integration.hub.facts import archived_at, catalogue, product, tell, won

pytestmark = pytest.mark.django_db
NOTHING = {"inbox": [], "outbox": [], "refused": []}


def standing():
    """What an operator is alerted of after one round of the watch."""
    alerting.look()
    return sorted(Alert.objects.standing().values_list("kind", "subject"))


def sides(crm=NOTHING, erp=NOTHING):
    """Both sides answer so; None is away."""

    def ask(side, question, timeout):
        assert question == "standing"
        told = {"crm": crm, "erp": erp}[side]
        if told is None:
            raise NoAnswer(f"{side} does not answer")
        return told

    return ask


def test_what_a_side_holds_parked_is_told_once_until_it_is_taken_up(settings):
    settings.ALERT_EMAILS = ["desk@example.com"]
    parked = {"inbox": [["crm.deal.won.v1", 2]], "outbox": [["erp.order.accepted.v1", 1]], "refused": []}
    for _round in range(3):
        lookout.hear(sides(erp=parked))
        seen = standing()
        alerting.tell()
    lookout.hear(sides(erp=None))
    away = standing()
    lookout.hear(sides())

    assert seen == away == [("side", "erp inbox crm.deal.won.v1"), ("side", "erp outbox erp.order.accepted.v1")]
    assert [("2 of crm.deal.won.v1" in message.body, "ERP" in message.body) for message in mail.outbox] == [
        (True, True)
    ]
    assert standing() == []


def test_what_a_side_cannot_get_rid_of_is_told():
    lookout.hear(sides(crm={**NOTHING, "refused": [["crm.deal.won.v1", 7]]}))

    assert standing() == [("side", "crm refused crm.deal.won.v1")]


@pytest.mark.parametrize(
    ("attempts", "answered", "is_told"), [(8, 422, False), (9, 422, True), (9, 503, False), (9, None, False)]
)
def test_a_delivery_refused_for_long_is_told_before_it_is_parked(client, attempts, answered, is_told):
    catalogue(client)
    tell(client, won())
    waiting = Delivery.objects.filter(destination="erp")
    waiting.update(attempts=attempts, answered=answered, error="erp refused it (422): quarantined")

    assert standing() == ([("refused", "crm.deal.won.v1 erp")] if is_told else [])
    waiting.update(state="done", finished_at=timezone.now(), error="")
    assert standing() == []


def test_a_part_of_the_watch_that_has_died_is_told_until_it_works_again():
    for name in watching.PARTS:
        Pulse.objects.create(name=name, at=timezone.now())
    Pulse.objects.filter(name="sweep").update(at=timezone.now() - timedelta(minutes=3))

    assert standing() == [("watch", "sweep")]
    Pulse.objects.filter(name="sweep").update(at=timezone.now())
    assert standing() == []


def test_a_watch_that_begins_anew_is_not_late():
    for name in (*watching.PARTS, "a part of an older version"):
        Pulse.objects.create(name=name, at=timezone.now() - timedelta(hours=1))

    watching._begin()

    assert (standing(), watching.late_parts()) == ([], ["alert"])


def compared(error="", hours=1.0, ended=True):
    """Every subject was compared well just now, but the orders."""
    now = timezone.now()
    for subject in reconciling.SUBJECTS:
        Comparison.objects.create(subject=subject, ended_at=now)
    began = now - timedelta(hours=hours)
    orders = Comparison.objects.filter(subject="orders")
    orders.update(began_at=began, ended_at=began if ended else None, error=error)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, None),
        ({"error": "erp does not answer"}, "failed: erp does not answer"),
        ({"hours": 27}, "has not been compared since"),
        ({"hours": 2, "ended": False}, "did not come to its end"),
        ({"hours": 0.1, "ended": False}, "has never been compared"),
    ],
    ids=["well", "failed", "late", "broken off", "still running"],
)
def test_a_comparison_that_failed_or_did_not_run_is_told(told, words):
    archived_at(timezone.now() - lookout.NIGHTLY - timedelta(hours=1), (product(), 1))
    compared(**told)

    found = [(one.kind, one.subject, one.text) for one in lookout.troubles()]

    assert [(kind, subject) for kind, subject, _text in found] == ([("comparison", "orders")] if words else [])
    assert all(words in text for _kind, _subject, text in found)


def test_a_hub_that_has_only_begun_has_nothing_to_compare_yet(client):
    catalogue(client)

    assert list(lookout.troubles()) == []


def test_whatever_ends_a_comparison_is_written_down_and_told():
    def odd(*_words, **_told):
        return {"digests": None}

    assert reconciling.reconcile("orders", odd).error == "AttributeError"
    assert standing() == [("comparison", "orders")]
    reconciling.reconcile("orders", lambda *_words, **_told: {"digests": {}})
    assert standing() == []
