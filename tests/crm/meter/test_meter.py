"""The meter keeps what a save took, and neither words nor names."""

import csv
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.refusals import BadInput
from crm.access.models import Team, TeamMember
from crm.meter import reports, services
from crm.meter.known import NAMES, fields_of
from crm.meter.models import Measure
from crm.offline.forms import FORMS
from tests.crm.makers import user

pytestmark = pytest.mark.django_db


def told(form: str = "visit", seconds: str = "8.5", **changes: Any) -> dict[str, Any]:
    """A save as a browser tells it."""
    outcome = {"name": "outcome", "seconds": "3.0", "taps": 1, "keys": 0, "filled": True}
    note = {"name": "text", "seconds": "4.5", "taps": 1, "keys": 20, "filled": True}
    return {
        "key": str(uuid4()), "form": form, "way": "page", "screen": "phone", "seconds": seconds, "taps": 3, "keys": 20,
        "mistakes": 0, "fields": [outcome, note],
    } | changes  # fmt: skip


def send(by: Any, measure: dict[str, Any]) -> Any:
    client = APIClient()
    client.force_login(by)
    return client.post("/api/v1/measures/", measure, format="json")


def test_a_save_is_kept_with_its_role_and_without_its_maker():
    anna = user("rep", name="anna")

    answer = send(anna, told())

    (kept,) = Measure.objects.all()
    assert (answer.status_code, answer.json()) == (200, {"kept": True})
    assert (kept.form, kept.role, kept.team, kept.seconds, kept.taps) == ("visit", "rep", None, Decimal("8.5"), 3)
    assert kept.fields == {"outcome": [3.0, 1, 0, 1], "text": [4.5, 1, 20, 1]}
    assert {field.name for field in Measure._meta.get_fields()} == {
        "key", "day", "form", "way", "screen", "role", "team", "seconds", "taps", "keys", "mistakes", "fields",
    }  # fmt: skip


def test_told_twice_it_counts_once():
    anna, measure = user("rep"), told()
    send(anna, measure)

    assert send(anna, measure).json() == {"kept": False}
    assert Measure.objects.count() == 1


@pytest.mark.parametrize(("people", "named"), [(2, False), (3, True)])
def test_a_team_is_kept_only_when_it_names_nobody(people, named):
    team = Team.objects.create(name="North")
    members = [user("rep", name=f"rep{number}") for number in range(people)]
    TeamMember.objects.bulk_create(TeamMember(team=team, user=one) for one in members)

    send(members[0], told())

    assert Measure.objects.get().team == (team.pk if named else None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": "diary"}, "form"),
        ({"fields": [{"name": "secret", "seconds": "1", "taps": 0, "keys": 0, "filled": True}]}, "fields"),
        ({"seconds": "-1"}, "seconds"),
        ({"taps": 40_000}, "taps"),
    ],
)
def test_what_is_no_measure_is_refused_and_nothing_kept(changes, field):
    answer = send(user("rep"), told(**changes))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert not Measure.objects.exists()


def test_a_form_nobody_knows_is_refused_by_the_service_too():
    with pytest.raises(BadInput):
        services.keep(user("rep"), **(told("diary") | {"fields": []}))


def test_what_is_kept_cannot_be_changed_nor_taken_away_while_it_is_young():
    send(user("rep"), told())

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Measure.objects.update(seconds=1)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Measure.objects.all().delete()


def test_what_is_old_is_forgotten_and_thirty_days_stay_in_any_case(settings):
    anna = user("rep")
    for age in (0, 29, 50):
        send(anna, told(age_days=age))

    settings.METER_KEPT_DAYS = 400
    assert services.forget() == 0
    settings.METER_KEPT_DAYS = 1
    assert services.forget() == 1
    assert Measure.objects.count() == 2


def test_half_and_nine_of_ten_are_told_by_form_field_and_week():
    anna, boss = user("rep", name="anna"), user("manager")
    for seconds in range(1, 12):
        send(anna, told(seconds=f"{seconds}.0"))
    send(anna, told(seconds="2.0", age_days=7, fields=[]))
    send(anna, told("note", screen="desk", fields=[]))

    figures = reports.figures(boss, weeks=4, form="")

    visit, note = figures["forms"]
    assert (visit.name, visit.saves, visit.seconds_half, visit.seconds_most) == (
        "visit", 12, Decimal("5.5"), Decimal("9.9"),
    )  # fmt: skip
    assert (note.name, note.taps_half, note.keys_half) == ("note", Decimal("3.0"), Decimal("20.0"))
    assert [(cost.saves, cost.seconds_half) for _week, cost in figures["weeks"]] == [
        (1, Decimal("2.0")), (11, Decimal("6.0")),
    ]  # fmt: skip
    text, outcome = figures["fields"]
    assert (text.name, text.filled, text.seconds_half, text.keys) == ("text", 11, Decimal("4.5"), 220)
    assert text.filled_share == Decimal("0.917")
    assert (outcome.label, outcome.time_share) == ("How did it go?", Decimal("0.485"))
    assert reports.figures(boss, weeks=4, form="", screen="desk")["forms"] == [note]
    assert reports.figures(anna, weeks=4, form="")["forms"] == []


def test_page_files_and_api_tell_the_same_to_who_leads_people_only():
    anna, boss = user("rep", name="anna"), user("manager")
    send(anna, told())
    browser = Client()
    browser.force_login(boss)

    page = browser.get("/entry-times/?weeks=4&screen=phone&form=visit").content.decode()
    api = browser.get("/api/v1/entry-times/?weeks=4").json()
    forms, fields, weeks = (
        list(csv.reader(browser.get(f"/entry-times/{name}.csv?weeks=4").getvalue().decode("utf-8-sig").splitlines()))
        for name in ("forms", "fields", "weeks")
    )

    assert forms[1][:4] == ["Visit", "1", "8.5", "8.5"]
    assert fields[1][:3] == ["Note", "1", "1"]
    assert weeks[1][:2] == [(timezone.localdate() - timedelta(days=timezone.localdate().weekday())).isoformat(), "1"]
    assert (api["form"], api["forms"][0]["seconds_half"], api["fields"][0]["name"]) == ("visit", "8.5", "text")
    assert "How did it go?" in page
    assert ">8.5<" in page
    assert browser.get("/entry-times/nothing.csv").status_code == 404
    browser.force_login(anna)
    assert {browser.get(url).status_code for url in ("/entry-times/", "/entry-times/forms.csv")} == {403}
    assert browser.get("/api/v1/entry-times/").status_code == 403


def test_every_form_of_the_page_without_a_connection_has_a_name_and_every_name_its_fields():
    assert set(FORMS) <= set(NAMES)
    assert [form for form in NAMES if len(fields_of(form)) < 2] == []
