"""Checking in on a visit: when, and about where if the phone may say so; seen as the visit is."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.refusals import BadInput
from crm.activities import presence, services
from crm.activities.checking_in import Presence
from crm.activities.models import CheckIn, Entry
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db


def visit(by: Any) -> Entry:
    return services.log_visit(account(owner=by), "interested", by=by)


@pytest.mark.parametrize("place", [(Decimal("52.520"), Decimal("13.405"), 65), (None, None, None)])
def test_the_sheet_keeps_moment_and_coarse_place_or_the_moment_alone(client: Client, place: Any) -> None:
    anna = user("rep", name="anna")
    alfreds = account(owner=anna)
    client.force_login(anna)
    at = timezone.now() - timedelta(minutes=20)
    told = f"{at.isoformat()} 52.5203 13.40512 65.4" if place[0] else at.isoformat()

    client.post(f"/log/?kind=visit&account={alfreds.pk}", {"kind": "visit", "outcome": "interested", "check_in": told})

    kept = CheckIn.objects.get()
    assert (kept.at, kept.latitude, kept.longitude, kept.accuracy_m) == (at, *place)
    page = client.get(alfreds.get_absolute_url()).content.decode()
    assert "Checked in" in page
    assert ("52.520, 13.405" in page, "no place given" in page) == (bool(place[0]), not place[0])


def test_the_account_s_own_sheet_and_a_lead_s_keep_it_too(client: Client) -> None:
    anna = user("rep", name="anna")
    client.force_login(anna)

    client.post(
        f"/activities/visit/{account(owner=anna).pk}/", {"outcome": "order", "check_in": timezone.now().isoformat()}
    )

    assert CheckIn.objects.get().entry.kind == "visit"


def test_no_check_in_is_no_check_in_and_calls_have_none(client: Client) -> None:
    anna = user("rep", name="anna")
    alfreds = account(owner=anna)
    client.force_login(anna)
    at = timezone.now().isoformat()

    client.post(f"/log/?kind=visit&account={alfreds.pk}", {"kind": "visit", "outcome": "interested", "check_in": ""})
    client.post(f"/log/?kind=call&account={alfreds.pk}", {"kind": "call", "outcome": "interested", "check_in": at})

    assert (Entry.objects.count(), CheckIn.objects.count()) == (2, 0)
    assert "data-check-in" not in client.get(f"/log/?kind=call&account={alfreds.pk}").content.decode()


@pytest.mark.parametrize("told", ["soon", "2026-03-31", "2026-03-31T10:00:00Z 91 0 5", "2026-03-31T10:00:00Z nan 0 5"])
def test_what_is_no_check_in_is_refused_and_nothing_kept(client: Client, told: str) -> None:
    anna = user("rep", name="anna")
    client.force_login(anna)
    answer = client.post(
        f"/log/?kind=visit&account={account(owner=anna).pk}", {"kind": "visit", "outcome": "order", "check_in": told}
    )

    assert (answer.status_code, Entry.objects.count()) == (422, 0)


def test_a_clock_that_is_wrong_says_nothing_and_the_first_check_in_stands() -> None:
    anna = user("rep", name="anna")
    there, now = visit(anna), timezone.now()

    made = presence.check_in(there, Presence(now + timedelta(days=400)), by=anna, saved_at=now)
    again = presence.check_in(there, Presence(now - timedelta(hours=1)), by=anna, saved_at=now)

    assert (made.at, again.pk, CheckIn.history.count()) == (now, made.pk, 1)


def test_one_checks_in_on_one_s_own_visits_only() -> None:
    anna, boss = user("rep", name="anna"), user("manager")
    there = visit(anna)

    with pytest.raises(presence.NotTheirVisit):
        presence.check_in(there, Presence(timezone.now()), by=boss)
    with pytest.raises(BadInput):
        presence.check_in(services.note(there.account, "Hello", by=anna), Presence(timezone.now()), by=anna)


def test_the_api_takes_and_tells_it_to_whoever_sees_the_visit() -> None:
    anna, laura, stranger = user("rep", name="anna"), user("agent"), user("rep", name="stranger")
    api = APIClient()
    api.force_login(anna)
    alfreds = account(owner=anna)
    told = {"at": timezone.now().isoformat(), "latitude": "52.52034", "longitude": 13.40512, "accuracy_m": 40}
    made = api.post(
        "/api/v1/timeline/", {"account": str(alfreds.pk), "kind": "visit", "outcome": "order", "check_in": told}
    ).json()
    later = api.post("/api/v1/timeline/", {"account": str(alfreds.pk), "kind": "visit", "outcome": "order"}).json()

    assert (made["check_in"]["latitude"], made["check_in"]["longitude"]) == ("52.520", "13.405")
    assert later["check_in"] is None
    answer = api.post(f"/api/v1/timeline/{later['id']}/check-in/", {"at": told["at"]})
    assert (answer.status_code, answer.json()["check_in"]["latitude"]) == (200, None)
    api.force_login(laura)
    assert api.get(f"/api/v1/timeline/{made['id']}/").json()["check_in"]["latitude"] == "52.520"
    api.force_login(stranger)
    assert api.get(f"/api/v1/timeline/{made['id']}/").status_code == 404
    assert not CheckIn.objects.visible_to(stranger).exists()


def test_half_a_place_is_none() -> None:
    api = APIClient()
    anna = user("rep")
    api.force_login(anna)

    answer = api.post(
        f"/api/v1/timeline/{visit(anna).pk}/check-in/", {"at": timezone.now().isoformat(), "latitude": "1"}
    )

    assert (answer.status_code, CheckIn.objects.count()) == (422, 0)
