"""Why can she see this? The chain for each way in, nothing for whoever does not, and no word to who may not ask."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from base.days import house_day
from crm.access import services as access
from crm.access.models import Team
from crm.accounts import pool, seeing, sharing
from crm.accounts.models import Account, Contact
from crm.leads.models import Lead
from crm.pipeline.models import Deal
from crm.tickets.models import Ticket
from proofs._visibility_house import House
from tests.crm.makers import account, deal, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db


def rep(name):
    return user("rep", name=name)


def team(name, *people, leads=(), parent=None):
    members = [(rep(one), one in leads) for one in (*people, *leads)]
    return access.set_team(Team(name=name, parent=parent), members)


def steps(name, one):
    """All chains of somebody, each as its words."""
    return [" ".join(reason.steps) for reason in seeing.why(rep(name), one).see]


def test_each_way_in_tells_its_chain():
    north = team("North", leads=["nora"])
    team("Town", "anna", leads=["theo"], parent=north)
    one = account("Alfreds", owner=rep("anna"))
    offer = deal(of=one, by=rep("ben"))
    question = ticket(one, by=user("agent"), assignee=rep("tina"))
    sharing.share(one, rep("carl"), until=house_day(), by=rep("anna"), level="change")
    sharing.share(one, team("Shore", "sam"), until=house_day(), by=rep("anna"))
    day = str(sharing.day_in_words(house_day()))

    assert steps("anna", one) == ["The account is anna's."]
    assert steps("theo", one) == ["theo leads the team Town, in which anna is. The account is anna's."]
    assert steps("nora", one) == ["nora leads the team North; anna is in Town, a team below it. The account is anna's."]
    assert steps("ben", one) == [f"The deal {offer.number} is ben's."]
    assert steps("tina", one) == [f"The ticket {question.number} is assigned to tina."]
    assert steps("carl", one) == [f"anna lets carl change it until {day}."]
    assert steps("sam", one) == [f"anna lets the team Shore, in which sam is, see it until {day}."]
    assert [reason.by for reason in seeing.why(user("manager"), one).see] == ["role"]
    changing = {why.name for why in seeing.access_to(one).everybody() if why.change}
    assert changing == {"anna", "theo", "nora", "carl", "agent", "manager"}


def test_who_does_not_see_it_hears_what_they_lack():
    one = account("Alfreds", owner=rep("anna"))
    gone = rep("gone")
    gone.is_active = False

    assert seeing.why(rep("ben"), one).lacking.startswith("The account is anna's. ben does not lead anna,")
    assert seeing.why(user(), one).lacking == "nobody has no role that works with accounts."
    assert seeing.why(gone, one).lacking == "gone cannot sign in any more."
    pool.give_back(one, "no_time", by=rep("anna"))
    one = Account.objects.get()
    assert (
        seeing.why(rep("ben"), one).lacking
        == "The account lies in the pool: ben may claim it, and sees it from then on."
    )
    assert steps("ben", account("Free")) == ["The account has never been anybody's: every rep sees and changes it."]


@pytest.mark.parametrize("seed", [3, 4])
def test_in_companies_of_chance_there_is_a_reason_for_what_is_seen_and_for_nothing_else(seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    House(seed, 30).build()
    people = list(get_user_model().objects.all())

    for model in (Account, Contact, Deal, Ticket, Lead):
        rows = {one.pk: one for one in model.objects.all()}
        told = {pk: seeing.access_to(one) for pk, one in rows.items()}
        listed = {pk: {why.person.pk: why for why in access.everybody()} for pk, access in told.items()}
        for person in people:
            seen = set(model.objects.visible_to(person).values_list("pk", flat=True))
            if model is Deal:
                own = Deal.objects.own_of(person).values_list("pk", flat=True)
                assert set(own) == {pk for pk in seen if rows[pk].owner_id == person.pk}, person
            whys = {pk: access.why(person) for pk, access in told.items()}
            assert {pk for pk, why in whys.items() if why.see} == seen, (model, person)
            assert {pk for pk, people in listed.items() if person.pk in people} == seen, (model, person)
            assert all(bool(why.see) != bool(why.lacking) for why in whys.values())
            assert {pk for pk, why in whys.items() if why.change} == {
                pk for pk in seen if may_change(rows[pk], person)
            }, (model, person)
            assert all(bool(listed[pk][person.pk].change) == bool(whys[pk].change) for pk in seen)


def may_change(row, person):
    if isinstance(row, Ticket):
        return True  # who sees it works on it
    return (row.account if isinstance(row, Contact) else row).writable_by(person)


def test_on_its_page_the_owner_reads_who_sees_it_and_asks_about_one():
    one = account("Alfreds", owner=rep("anna"))
    deal(of=one, by=rep("ben"))
    page = Client()
    page.force_login(rep("anna"))
    here = f"/accounts/{one.pk}/access/"

    text = page.get(here).content.decode()
    assert here in page.get(f"/accounts/{one.pk}/").content.decode()
    assert "By a deal" in text
    part = page.get(
        f"{here}?person={rep('ben').pk}", headers={"HX-Request": "true", "HX-Target": "why"}
    ).content.decode()
    assert "ben can see it and not change it." in part
    assert "<html" not in part
    assert "carl cannot see it." in page.get(f"{here}?person={rep('carl').pk}").content.decode()
    assert page.get(f"{here}?person=none").status_code == 200


def test_who_does_not_decide_over_it_does_not_hear_who_sees_it():
    one = account("Alfreds", owner=rep("anna"))
    sharing.share(one, rep("carl"), until=house_day(), by=rep("anna"), level="change")
    for name, status in (("carl", 403), ("ben", 404)):
        page, api = Client(), APIClient()
        page.force_login(rep(name))
        api.force_login(rep(name))
        assert page.get(f"/accounts/{one.pk}/access/").status_code == status
        assert api.get(f"/api/v1/accounts/{one.pk}/access/").status_code == status


def test_over_the_api_the_same_is_told():
    one = account("Alfreds", owner=rep("anna"))
    rep("ben")
    api = APIClient()
    api.force_login(user("manager"))

    told = api.get(f"/api/v1/accounts/{one.pk}/access/").json()
    asked = api.get(f"/api/v1/accounts/{one.pk}/access/?person=ben").json()

    assert {row["person"]: row["change"] for row in told} == {"anna": True, "manager": True}
    assert next(row for row in told if row["person"] == "anna")["reasons"] == [
        {"by": "owner", "steps": ["The account is anna's."], "changes": True}
    ]
    assert [(row["person"], row["see"], row["reasons"]) for row in asked] == [("ben", False, [])]
    assert asked[0]["lacking"]
    assert api.get(f"/api/v1/accounts/{one.pk}/access/?person=zoe").status_code == 422
