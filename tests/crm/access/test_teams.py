"""A rep sees her own work, who leads a team its people's, a manager everybody's; through every door alike."""

import json

import pytest
from django.test import Client
from rest_framework.test import APIClient

from crm.access import services
from crm.access.models import Team, TeamMember
from crm.accounts.models import Account
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.pipeline.models import Deal
from crm.tickets.models import Ticket
from tests.crm.makers import account, deal, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def team(name, *people, leads=(), parent=None):
    members = [(user("rep", name=one), one in leads) for one in (*people, *leads)]
    return services.set_team(Team(name=name, parent=parent), members)


@pytest.fixture
def world():
    """North above town and shore; each rep with an account, and one that nobody owns."""
    north = team("North", leads=["nora"])
    team("Town", "tom", "tina", leads=["theo"], parent=north)
    team("Shore", "sam", leads=["sue"], parent=north)
    for name in ("nora", "theo", "tom", "tina", "sue", "sam"):
        owner = user("rep", name=name)
        activities.note(account(f"Of {name}", owner=owner), "Saw them", by=owner)
        deal(of=Account.objects.get(owner=owner), by=owner, title=f"Deal of {name}")
    account("Of nobody")


SEES = {
    "tom": {"tom"},
    "theo": {"theo", "tom", "tina"},
    "sue": {"sue", "sam"},
    "nora": {"nora", "theo", "tom", "tina", "sue", "sam"},
}


@pytest.mark.parametrize("name", SEES)
def test_who_leads_sees_the_people_of_the_team_and_of_teams_below(world, name):
    someone = user("rep", name=name)
    hers = {f"Of {one}" for one in SEES[name]}

    assert {one.name for one in Account.objects.visible_to(someone)} == hers | {"Of nobody"}
    assert {one.name for one in Account.objects.writable_by(someone)} == hers | {"Of nobody"}
    assert {one.account.name for one in Deal.objects.visible_to(someone)} == hers
    assert {one.account.name for one in Deal.objects.writable_by(someone)} == hers
    assert {one.account.name for one in Entry.objects.visible_to(someone)} == hers


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_who_serves_everybody_sees_everybody(world, role):
    assert Account.objects.visible_to(user(role)).count() == Account.objects.count() == 7
    assert Deal.objects.visible_to(user(role)).count() == 6


def test_every_door_tells_the_same(world):
    tom, theirs = user("rep", name="tom"), Account.objects.get(name="Of sam")
    page, api = Client(), APIClient()
    page.force_login(tom)
    api.force_login(tom)

    doors = {
        "list": page.get("/accounts/").content.decode(),
        "deals": page.get("/pipeline/?view=all").content.decode(),
        "export": b"".join(page.get("/lists/accounts/export/csv/")).decode(),
        "deals exported": b"".join(page.get("/lists/deals/export/csv/?view=all")).decode(),
        "api": api.get("/api/v1/accounts/").content.decode(),
        "deals of the api": api.get("/api/v1/deals/").content.decode(),
        "timeline": api.get("/api/v1/timeline/").content.decode(),
        "found": page.get("/search/hits/?q=of").content.decode(),
    }

    assert {door for door, text in doors.items() if "Of sam" in text or "Deal of sam" in text} == set()
    assert {door for door, text in doors.items() if "of tom" not in text and "Of tom" not in text} <= {"timeline"}
    for path in (f"/accounts/{theirs.pk}/", f"/history/accounts.account/{theirs.pk}/"):
        assert page.get(path).status_code == 404
    assert api.get(f"/api/v1/accounts/{theirs.pk}/").status_code == 404
    assert api.post("/api/v1/deals/", {"account": str(theirs.pk), "title": "x"}).status_code == 422


def test_many_rows_at_once_are_only_those_one_sees(world):
    page = Client()
    page.force_login(user("rep", name="theo"))
    body = {"all": "1", "state": "?view=all", "told": "1", "owner": user("rep", name="sam").pk}

    page.post("/lists/accounts/bulk/assign/", body, headers=HTMX)

    assert {one.name for one in Account.objects.filter(owner__username="sam")} == {
        "Of theo", "Of tom", "Of tina", "Of nobody", "Of sam",
    }  # fmt: skip


def test_what_was_given_away_by_mistake_is_taken_back_though_it_is_out_of_sight(world):
    api, mine = APIClient(), Account.objects.get(name="Of tom")
    api.force_login(user("rep", name="tom"))
    Deal.objects.filter(account=mine).delete()
    told = {"action": "assign", "ids": [str(mine.pk)], "told": {"owner": str(user("rep", name="sam").pk)}}

    change = api.post("/api/v1/lists/accounts/bulk/", told).json()["change"]
    assert api.get(f"/api/v1/accounts/{mine.pk}/").status_code == 404

    assert api.post(f"/api/v1/list-changes/{change}/undo/").json()["done"] == 1
    assert api.get(f"/api/v1/accounts/{mine.pk}/").status_code == 200


def test_a_deal_or_a_ticket_of_ones_own_is_a_way_to_its_account_and_no_leave_to_change_it(world):
    sam, theirs = user("rep", name="sam"), Account.objects.get(name="Of tom")
    assert not Account.objects.visible_to(sam).filter(pk=theirs.pk).exists()

    one = ticket(theirs, by=user("agent"), assignee=sam)

    assert Account.objects.visible_to(sam).filter(pk=theirs.pk).exists()
    assert Ticket.objects.visible_to(sam).get() == one
    assert not theirs.writable_by(sam)

    lead = user("rep", name="sue")
    assert Account.objects.visible_to(lead).filter(pk=theirs.pk).exists()


def test_who_leaves_a_team_is_seen_by_its_lead_no_more_and_the_history_knows(world):
    town = Team.objects.get(name="Town")

    services.set_team(town, [(user("rep", name="theo"), True), (user("rep", name="tina"), False)])

    assert {one.name for one in Account.objects.visible_to(user("rep", name="theo"))} == {
        "Of theo", "Of tina", "Of nobody",
    }  # fmt: skip
    gone = TeamMember.history.filter(history_type="-").get()
    assert (gone.user.username, gone.leads) == ("tom", False)


def test_it_costs_no_query_more(world, django_assert_num_queries):
    someone = user("rep", name="nora")
    with django_assert_num_queries(2):  # who she is, and the accounts
        list(Account.objects.visible_to(someone))


def test_teams_over_the_api():
    boss, manager, rep = (APIClient() for _ in range(3))
    for api, role in ((boss, "admin"), (manager, "manager"), (rep, "rep")):
        api.force_login(user(role))
    told = {"name": "Town", "members": [{"user": "rep", "leads": True}]}

    made = boss.post("/api/v1/teams/", told)
    path = f"/api/v1/teams/{made.json()['id']}/"

    assert made.status_code == 201, made.content
    assert manager.get(path).json()["members"] == [{"user": "rep", "leads": True}]
    assert [manager.patch(path, {"name": "x"}).status_code, rep.get(path).status_code] == [403, 403]
    assert boss.post("/api/v1/teams/", told).status_code == 422
    assert boss.patch(path, {"parent": made.json()["id"]}).status_code == 422
    assert boss.patch(path, {"members": [*told["members"], *told["members"]]}).status_code == 422
    assert boss.patch(path, {"members": []}).json()["members"] == []
    assert boss.delete(path).status_code == 204
    assert json.loads(boss.get("/api/v1/teams/").content)["results"] == []


def test_an_admin_sees_and_makes_teams_on_a_page():
    page = Client()
    boss = user("admin")
    boss.is_staff = boss.is_superuser = True
    boss.save()
    page.force_login(boss)
    rows = {
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-user": user("rep").pk,
        "members-0-leads": "on",
    }

    made = page.post("/admin/access/team/add/", {"name": "Town", "parent": "", **rows})

    assert made.status_code == 302, made.content
    assert [(one.user.username, one.leads) for one in Team.objects.get(name="Town").members.all()] == [("rep", True)]
    assert page.get("/admin/access/team/").status_code == 200
