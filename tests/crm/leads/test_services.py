"""Leads: captured, given, worked on, lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from base.refusals import BadInput, ChangedMeanwhile, MoveRefused
from crm.activities.models import Entry
from crm.leads import services
from crm.leads.models import Lead, LeadState, Policy, ScoreRule
from tests.crm.leads.makers import lead, team
from tests.crm.makers import user

pytestmark = pytest.mark.django_db


def kinds(of):
    return list(Entry.objects.filter(lead=of.pk).order_by("occurred_at", "id").values_list("kind", flat=True))


def test_a_name_is_enough_and_the_same_form_twice_is_one_lead():
    key, anna = uuid4(), user("rep", name="anna")

    made = [services.create_lead(id=key, by=anna, owner=anna, person="Maria", note="Met at the fair") for _ in "ab"]

    assert made[0] == made[1]
    assert (Lead.objects.count(), made[0].name, made[0].state) == (1, "Maria", "new")
    assert kinds(made[0]) == ["lead_captured", "note"]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"company": "Vins"}, "Vins"),
        ({"phone": "+49 30 901820"}, "+4930901820"),
        ({"email": "m@vins.example", "company": ""}, "m@vins.example"),
        ({"external_ref": "660737"}, "660737"),
    ],
)
def test_whatever_is_known_is_what_it_is_called(told, name):
    made = services.create_lead(**told)

    assert (made.name, Lead.objects.get().name) == (name, name)


def test_without_anything_to_call_it_by_nothing_is_made():
    with pytest.raises(BadInput):
        services.create_lead(city="Berlin", person="  ")

    assert not Lead.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.bulk_create([Lead(city="Berlin")])


def test_phones_are_kept_as_they_are_dialled_from_anywhere():
    Policy.objects.update(phone_country="DE")

    home, abroad, words = (
        lead(phone="030 / 90 18 20"),
        lead(phone="010-6552 9988", country="中国"),
        lead(phone="ask at the desk"),
    )

    assert [one.phone for one in (home, abroad, words)] == ["+4930901820", "+861065529988", "ask at the desk"]


def test_the_first_call_is_the_first_touch_and_whoever_was_reached_is_contacted():
    anna = user("rep", name="anna")
    made = lead(owner=anna)

    services.log(made, "note", by=anna, text="Looks good")
    noted = Lead.objects.get()
    services.log(made, "call", by=anna, outcome="not_reached")
    tried = Lead.objects.get()
    services.log(made, "call", by=anna, outcome="interested", next_step="Send list", next_step_on=date(2030, 1, 1))
    reached = Lead.objects.get()

    assert (noted.state, noted.touched_at) == ("new", None)
    assert (tried.state, tried.touched_at is not None) == ("new", True)
    assert (reached.state, reached.touched_at) == ("contacted", tried.touched_at)
    assert kinds(made) == ["lead_captured", "note", "call", "call"]


def test_a_lead_moves_as_its_life_goes_and_no_other_way():
    anna = user("rep", name="anna")
    made = lead(owner=anna)

    services.qualify(made, by=anna)
    lost = services.lose(made, "competitor", by=anna, note="Cheaper")
    with pytest.raises(MoveRefused):
        services.qualify(lost, by=anna)
    again = services.reopen(lost, by=anna)

    assert (lost.state, lost.lost_reason, lost.closed_at is not None) == ("lost", "competitor", True)
    assert (again.state, again.lost_reason, again.closed_at) == ("contacted", "", None)
    assert kinds(made) == ["lead_captured", "lead_qualified", "lead_lost", "lead_reopened"]


def test_who_was_looking_at_an_older_lead_overwrites_nothing():
    made = lead()
    services.update_lead(made, version=1, city="Berlin")

    with pytest.raises(ChangedMeanwhile):
        services.update_lead(made, version=1, city="Paris")

    assert (Lead.objects.get().city, Lead.history.count()) == ("Berlin", 2)


def test_consent_keeps_when_and_how():
    made = lead()

    with pytest.raises(BadInput):
        services.set_consent(made, True, source=" ")
    given = services.set_consent(made, True, source="by word at the fair")
    taken = services.set_consent(made, False, source="")

    assert (given.consent, given.consent_source, given.consent_at is not None) == (True, "by word at the fair", True)
    assert (taken.consent, taken.consent_source, taken.consent_at) == (False, "", None)
    assert [row.consent for row in Lead.history.order_by("history_id")] == [False, True, False]


def test_a_score_is_the_sum_of_its_reasons():
    ScoreRule.objects.all().delete()
    ScoreRule.objects.create(field="phone", points=30)
    ScoreRule.objects.create(field="interest", test="contains", value="tea", points=40)
    ScoreRule.objects.create(field="visits", test="least", value="3", points=20)
    ScoreRule.objects.create(field="do_not_call", points=-25)

    made = lead(phone="+4930901820", interest="Green Tea", visits=2)
    warned = services.update_lead(made, do_not_call=True, visits=3)

    assert (made.score, [one["points"] for one in made.score_reasons]) == (70, [30, 40])
    assert (warned.score, sum(one["points"] for one in warned.score_reasons)) == (65, 65)


def test_a_rep_sees_their_own_their_peoples_and_the_pool_of_their_teams():
    anna, ben, chief = (user("rep", name=name) for name in ("anna", "ben", "chief"))
    north, south = team("North", anna, led_by=chief), team("South", ben)
    lead("Of Anna", owner=anna), lead("Of Ben", owner=ben), lead("Anybody's")
    lead("North's", team=north), lead("South's", team=south)

    seen = {
        who.username: {one.name for one in Lead.objects.visible_to(user(*roles, name=who.username))}
        for who, roles in ((anna, ["rep"]), (ben, ["rep"]), (chief, ["rep"]), (user("agent", name="zoe"), ["agent"]))
    }

    assert seen == {
        "anna": {"Of Anna", "Anybody's", "North's"},
        "ben": {"Of Ben", "Anybody's", "South's"},
        "chief": {"Of Anna", "Anybody's", "North's"},
        "zoe": {"Of Anna", "Of Ben", "Anybody's", "North's", "South's"},
    }
    assert not Lead.objects.visible_to(user(name="stranger")).exists()


def test_what_was_said_with_a_lead_is_seen_with_the_lead():
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    made = lead(owner=anna)
    services.log(made, "call", by=anna, outcome="interested")

    seen = {who.username: Entry.objects.visible_to(who).about(lead=made).count() for who in (anna, ben)}

    assert seen == {"anna": 2, "ben": 0}


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_lead_of_the_pool_reads_who_has_it():
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    made = lead("Maria", owner=None)
    Lead.objects.update(owner=None)
    taken = Event()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    def first():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                services.claim(Lead.objects.get(pk=made.pk), anna)
                taken.set()
                until = time.monotonic() + 10
                while not cursor.execute(waits).fetchone()[0] and time.monotonic() < until:
                    time.sleep(0.01)
        finally:
            connection.close()

    def second():
        try:
            taken.wait(10)
            services.claim(Lead.objects.get(pk=made.pk), ben)
        except services.LeadOwned as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        _done, told = pool.submit(first), pool.submit(second).result()

    assert "anna" in told
    assert Lead.objects.get().owner == anna


def test_a_lead_of_the_pool_is_claimed_once_and_a_new_owner_is_told():
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    made = lead()

    services.claim(made, anna)
    with pytest.raises(services.LeadOwned):
        services.claim(made, ben)
    services.assign(made, ben, by=anna)

    assert Lead.objects.get().owner == ben
    assert ben.notices.get().url == made.get_absolute_url()
    assert not anna.notices.exists()


def test_a_mistake_is_taken_back_but_not_what_was_worked_on():
    anna = user("rep", name="anna")
    mistake, worked_on = lead("Maria"), lead("Hanna", owner=anna)
    services.log(worked_on, "call", by=anna, outcome="interested")

    services.remove_lead(mistake)
    with pytest.raises(services.LeadStays):
        services.remove_lead(worked_on)

    assert [one.name for one in Lead.objects.all()] == ["Hanna"]
    assert set(Lead.history.values_list("state", flat=True)) >= {LeadState.NEW}
