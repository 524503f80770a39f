"""Who gets a lead, and how soon it is called."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from crm.activities.models import Entry
from crm.leads import scoring, services, waiting
from crm.leads.models import Lead, Policy, ScoreRule, Shift
from crm.leads.waiting import Swept
from tests.crm.leads.makers import lead, rule, team
from tests.crm.makers import user

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def owners(count, **fields):
    return [lead(f"Lead {number}", **fields).owner.username for number in range(count)]


def test_in_turn_everybody_gets_as_many():
    rule("anna", "ben", "cleo")

    assert owners(7) == ["anna", "ben", "cleo", "anna", "ben", "cleo", "anna"]


def test_by_weight_whoever_counts_three_times_gets_three_of_four():
    rule("anna:3", "ben", method="weighted")

    told = owners(8)

    assert (told.count("anna"), told.count("ben")) == (6, 2)


def test_who_joins_later_begins_where_the_others_are():
    made = rule("anna", "ben", method="weighted")
    owners(6)
    made.members.create(user=user("rep", name="cleo"))

    assert sorted(owners(3)) == ["anna", "ben", "cleo"]


def test_by_capacity_whoever_has_least_to_do_gets_the_next_and_nobody_more_than_fits():
    rule("anna<2", "ben<3", method="capacity")
    lead("Old", owner=user("rep", name="ben"))

    told = owners(4)
    full = lead("One too many")

    assert sorted(told) == ["anna", "anna", "ben", "ben"]
    assert told[0] == "anna"
    assert full.owner is None


def test_a_territory_is_a_rule_with_a_place_and_the_first_that_fits_decides():
    rule("anna", name="Bavaria", position=1, country="Germany", postal_prefix="8")
    rule("ben", name="Germany", position=2, country="DE")
    rule("cleo", name="Rest", position=3)

    told = [
        lead("Munich", country="Deutschland", postal_code="80331").owner.username,
        lead("Berlin", country="Germany", postal_code="10115").owner.username,
        lead("Paris", country="France", postal_code="80000").owner.username,
    ]

    assert told == ["anna", "ben", "cleo"]


def test_a_rule_may_ask_for_source_campaign_and_score():
    ScoreRule.objects.all().delete()
    ScoreRule.objects.create(field="phone", points=50)
    rule("anna", name="Hot", position=1, score_least=50)
    rule("ben", name="Fair", position=2, source="event", campaign="Spring fair")

    told = [
        lead("A", phone="+4930901820").owner,
        lead("B", source="event", campaign="spring FAIR").owner,
        lead("C", source="event").owner,
    ]

    assert [getattr(owner, "username", None) for owner in told] == ["anna", "ben", None]


def test_who_left_gets_nothing():
    rule("anna", "ben")
    gone = user("rep", name="anna")
    gone.is_active = False
    gone.save()

    assert owners(2) == ["ben", "ben"]


@pytest.mark.django_db(transaction=True)
def test_of_rivals_each_is_one_turn():
    rule("anna", "ben")

    def capture(number):
        try:
            return lead(f"Lead {number}").owner.username
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(capture, range(8)))

    assert (told.count("anna"), told.count("ben")) == (4, 4)


@pytest.fixture
def webs():
    """A lead of the web form, given to Anna on Monday at ten; Chief leads her team, Ben may have it too."""
    anna, chief = user("rep", name="anna"), user("rep", name="chief")
    team("North", anna, led_by=chief)
    rule("anna", "ben")
    made = lead("Maria", source="web")
    Lead.objects.filter(pk=made.pk).update(waits_since=MONDAY)
    for somebody in (anna, chief, user("rep", name="ben")):
        somebody.notices.all().delete()
    return Lead.objects.get()


def after(minutes):
    return waiting.sweep(MONDAY + timedelta(minutes=minutes))


def test_five_minutes_remind_fifteen_tell_the_lead_of_the_team_and_thirty_pass_it_on(webs):
    anna, ben, chief = (user("rep", name=name) for name in ("anna", "ben", "chief"))

    told = [after(minutes) for minutes in (4, 5, 6, 15, 16, 30)]

    assert told == [Swept(), Swept(reminded=1), Swept(), Swept(escalated=1), Swept(), Swept(passed_on=1)]
    passed = Lead.objects.get()
    assert (passed.owner, passed.passed_on, passed.waits_since) == (ben, 1, MONDAY + timedelta(minutes=30))
    assert [one.text for one in anna.notices.order_by("id")] == [
        "Maria has waited 5 minutes for a first call.",
        "Maria was given to ben: nobody had called.",
    ]
    assert [one.text for one in chief.notices.all()] == ["Maria has waited 15 minutes for a first call."]
    assert [one.text for one in ben.notices.all()] == ["New lead for you: Maria"]
    kinds = Entry.objects.filter(lead=webs.pk).order_by("created_at").values_list("kind", flat=True)
    assert list(kinds) == ["lead_captured", "lead_waits", "lead_passed_on"]


def test_whoever_calls_stops_the_clock(webs):
    services.log(webs, "call", by=user("rep", name="anna"), outcome="not_reached")

    assert after(600) == Swept()
    assert Lead.objects.get().owner == user("rep", name="anna")


def test_it_is_passed_on_so_often_and_no_more(webs):
    Policy.objects.update(pass_on_most=1)
    after(30)

    assert after(29 + 30) == Swept(escalated=1)
    assert [after(minutes) for minutes in (60, 500)] == [Swept(), Swept()]
    assert Lead.objects.get().owner == user("rep", name="ben")


def test_the_clock_stands_still_outside_the_shift(webs):
    friday = datetime(2026, 11, 27, 17, 58, tzinfo=UTC)
    Lead.objects.update(waits_since=friday)

    quiet = [waiting.sweep(friday + timedelta(hours=hours)) for hours in (1, 12, 48)]
    monday = datetime(2026, 11, 30, 9, tzinfo=UTC)

    assert quiet == [Swept()] * 3
    assert waiting.sweep(monday + timedelta(minutes=2)) == Swept()
    assert waiting.sweep(monday + timedelta(minutes=3)) == Swept(reminded=1)


def test_without_shifts_the_clock_never_stands_still(webs):
    Shift.objects.all().delete()

    assert waiting.sweep(MONDAY + timedelta(days=5)) == Swept(passed_on=1)


def test_a_file_or_a_card_typed_in_by_its_owner_is_no_queue():
    anna = user("rep", name="anna")
    services.create_lead(person="By hand", by=anna, owner=anna)
    services.create_lead(person="Card", by=anna, owner=anna, source="card")
    services.create_leads([{"person": "From a file", "source": "file"}], by=anna, otherwise=anna)
    nobodys = services.create_lead(person="Nobody's", source="web")
    boss = user("manager", name="boss")

    waiting.sweep(nobodys.waits_since + timedelta(days=7))

    assert [one.text.split(" has")[0] for one in boss.notices.all()] == ["Nobody's"]


def test_every_night_open_leads_are_rated_by_the_rules_of_today():
    first, second = lead("Maria", phone="+4930901820"), lead("Hanna")
    services.lose(second, "wrong", by=None)
    ScoreRule.objects.filter(field="phone").update(points=60)

    assert scoring.rate_all(batch=1) == 1
    assert dict(Lead.objects.values_list("pk", "score")) == {first.pk: 60, second.pk: 0}
