"""The hub over REST: operators look and act, nobody else."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from integration.hub.models import Silence

pytestmark = pytest.mark.django_db
LISTS = (
    "monitor", "events", "deliveries", "mappings", "routes", "cases", "pauses", "silences", "webhooks",
    "webhook-deliveries", "tokens", "jobs",
)  # fmt: skip


def as_(role):
    somebody = get_user_model().objects.create_user(role or "nobody")
    if role:
        somebody.groups.add(Group.objects.get(name=role))
    client = APIClient()
    client.force_authenticate(somebody)
    return client


@pytest.mark.parametrize("path", LISTS)
def test_an_admin_reads_every_list(path):
    assert as_("admin").get(f"/api/v1/{path}/").status_code == 200


@pytest.mark.parametrize("path", LISTS[:8])
def test_a_stranger_reads_none(path):
    assert as_("").get(f"/api/v1/{path}/").status_code == 403


def test_what_is_held_by_hand_is_let_go_with_a_reason():
    operator = as_("operator")

    held = operator.post("/api/v1/pauses/", {"scope": "contract", "target": "crm.deal.won.v1", "reason": "looking"})
    path = f"/api/v1/pauses/{held.json()['id']}/resume/"

    assert held.status_code == 201, held.json()
    assert operator.post(path, {}).status_code == 422
    assert operator.post(path, {"reason": "looked"}).json()["ended_reason"] == "looked"


def test_a_silence_is_noted_with_its_end():
    silence = as_("operator").post("/api/v1/silences/", {"kind": "parked", "hours": 2, "reason": "known"})

    assert (silence.status_code, silence.json()["by"]) == (201, "operator")
    kept = Silence.history.get()
    assert (kept.history_type, kept.history_user.username, kept.reason) == ("+", "operator", "known")
