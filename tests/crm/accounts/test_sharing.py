"""Shares: who sees or changes an account of somebody else, until when, who says so, and what stays the owner's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.days import house_day
from base.refusals import BadInput, NotAllowed
from crm.access import services as access
from crm.access.models import Notice, Team
from crm.accounts import merging, pool, sharing
from crm.accounts import services as accounts
from crm.accounts.models import Account, AccountShare, Contact
from crm.accounts.services import AccountOfAnother
from crm.accounts.sharing import EndedAlready, NobodysAnyway, SeesAnyway
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.leads import handovers
from crm.offline.reports import pack
from crm.pipeline.models import Deal
from crm.tickets.models import Ticket
from tests.crm.makers import account, deal, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
WEEK = timedelta(days=7)


def rep(name):
    return user("rep", name=name)


def team(name, *people, leads=(), parent=None):
    members = [(rep(one), one in leads) for one in (*people, *leads)]
    return access.set_team(Team(name=name, parent=parent), members)


def annas(name="Alfreds", **more):
    return account(name, owner=rep("anna"), **more)


def shared(one=None, to="ben", level="see", until=None, by="anna", **more):
    """Anna lets Ben see it for a week."""
    whom = to if isinstance(to, Team) else rep(to)
    return sharing.share(
        one or annas(), whom, level=level, until=until or house_day() + WEEK, by=rep(by) if isinstance(by, str) else by,
        **more,
    )  # fmt: skip


def sees(name, one=None):
    return Account.objects.visible_to(rep(name)).filter(**({"pk": one.pk} if one else {})).exists()


def changes(name):
    """By both forms of the rule, which agree."""
    someone = rep(name)
    row = Account.objects.get().writable_by(someone)
    assert Account.objects.writable_by(someone).exists() == row
    return row


def browser(somebody):
    made = Client()
    made.force_login(somebody)
    return made


def api(somebody):
    made = APIClient()
    made.force_login(somebody)
    return made


# ---- what it gives


def test_the_account_and_all_that_goes_with_it_is_seen():
    one = annas(contacts=[{"name": "Maria"}])
    deal(of=one, by=rep("anna"))
    ticket(one, by=user("agent"))
    activities.note(one, "Saw them", by=rep("anna"))
    models = (Account, Contact, Deal, Ticket, Entry)
    assert not any(model.objects.visible_to(rep("ben")).exists() for model in models)

    shared(one)

    assert all(model.objects.visible_to(rep("ben")).exists() for model in models)
    assert not changes("ben")


def test_who_leads_them_sees_it_too_and_nobody_else():
    team("North", leads=["nora"])
    team("Town", "ben", leads=["theo"], parent=Team.objects.get())
    team("Shore", "sam", leads=["sue"])

    shared()

    assert [sees(name) for name in ("ben", "theo", "nora", "sam", "sue")] == [True, True, True, False, False]


def test_a_team_is_whoever_is_in_it_by_then():
    town = team("Town", "ben", leads=["theo"])
    below = team("Harbour", "hans", parent=town)

    shared(to=town, level="change")

    assert [sees(name) for name in ("ben", "theo", "hans", "sam")] == [True, True, False, False]
    assert [changes(name) for name in ("ben", "theo", "hans", "sam")] == [True, True, False, False]
    access.set_team(town, [(rep("sam"), False)])
    assert [sees(name) for name in ("ben", "theo", "sam")] == [False, False, True]
    access.remove_team(below)
    access.remove_team(town)
    assert not sees("sam")
    assert AccountShare.history.filter(history_type="-").exists()


def test_it_ends_with_its_last_day_wherever_its_people_are(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    given = shared(level="change", until=today)
    with timezone.override("America/Los_Angeles"):
        assert (sees("ben"), changes("ben")) == (True, True)

    AccountShare.objects.update(since=today - WEEK, until=today - timedelta(days=1))

    with timezone.override("America/Los_Angeles"):
        assert (sees("ben"), changes("ben")) == (False, False)
        assert not AccountShare.objects.get(pk=given.pk).is_live


def test_what_is_lent_is_changed_with_its_people_and_no_deal_of_others_is():
    one = annas(contacts=[{"name": "Maria"}])
    offer = deal(of=one, by=rep("anna"), title="Tea")
    shared(one, level="change")
    ben = api(rep("ben"))

    assert ben.patch(f"/api/v1/accounts/{one.pk}/", {"industry": "Tea"}).status_code == 200
    assert ben.patch(f"/api/v1/contacts/{Contact.objects.get().pk}/", {"title": "Boss"}).status_code == 200
    assert ben.post("/api/v1/contacts/", {"account": str(one.pk), "name": "Otto"}).status_code == 201
    assert ben.patch(f"/api/v1/deals/{offer.pk}/", {"title": "Coffee"}).status_code == 403
    assert changes("ben")


def test_what_lies_in_the_pool_is_claimed_first_though_it_was_lent():
    one = annas()
    shared(one, level="change")

    pool.give_back(one, "no_time", by=rep("anna"))

    assert sees("ben")
    assert not changes("ben")


def test_whose_it_is_and_who_sees_it_is_not_decided_by_whom_it_is_lent_to():
    one, other = annas(), account("Bens", owner=rep("ben"))
    given = shared(one, level="change")
    ben, page = rep("ben"), browser(rep("ben"))
    asked = handovers.ask("account", one.pk, by=rep("carl"))

    with pytest.raises(AccountOfAnother):
        sharing.share(one, rep("carl"), until=house_day(), by=ben)
    with pytest.raises(AccountOfAnother):
        sharing.end(given, by=ben)
    with pytest.raises(AccountOfAnother):
        pool.give_back(one, "no_time", by=ben)
    with pytest.raises(AccountOfAnother):
        merging.merge(other, one, by=ben)
    with pytest.raises(NotAllowed):
        handovers.answer(asked, True, by=ben)
    assert one not in merging.candidates(other, ben)
    assert api(ben).patch(f"/api/v1/accounts/{one.pk}/", {"owner": "ben"}).status_code == 403
    told = {"action": "assign", "ids": [str(one.pk)], "told": {"owner": str(ben.pk)}}
    api(ben).post("/api/v1/lists/accounts/bulk/", told)
    form = {"name": "Alfreds", "kind": "company", "version": one.version, "owner": ben.pk, "industry": "Tea"}
    assert page.post(f"/accounts/{one.pk}/edit/", form).status_code == 302
    one.refresh_from_db()
    assert (one.owner, one.industry) == (rep("anna"), "Tea")
    text = page.get(f"/accounts/{one.pk}/").content.decode()
    assert f"/accounts/{one.pk}/edit/" in text
    assert not any(f"/accounts/{one.pk}/{verb}/" in text for verb in ("share", "merge", "give-back"))
    assert f"/accounts/shares/{given.pk}/end/" not in text


def test_the_phone_takes_it_along_and_leaves_it_out_once_it_has_ended():
    given = shared()
    assert [row["name"] for row in pack(rep("ben"))["accounts"]] == ["Alfreds"]

    sharing.end(given, by=rep("anna"))

    assert pack(rep("ben"))["accounts"] == []


def test_it_costs_no_query_more(django_assert_num_queries):
    team("Town", "ben", leads=["theo"])
    for number in range(3):
        shared(annas(f"No. {number}"), level="change")
    theo = rep("theo")

    with django_assert_num_queries(2):  # who he is, and the accounts
        assert [one.writable_by(theo) for one in Account.objects.visible_to(theo)] == [True] * 3
    page = browser(rep("theo")).get("/accounts/?view=all&columns=phone").content.decode()
    assert page.count('data-edit="phone"') == 3


# ---- giving it


def test_given_once_more_it_changes_what_they_have_and_the_history_knows():
    one = annas()
    first = shared(one, why="Holiday")

    again = shared(one, level="change", until=house_day(), why="")

    assert again.pk == first.pk
    assert (again.level, again.until, again.why) == ("change", house_day(), "")
    assert [row.level for row in AccountShare.history.order_by("history_id")] == ["see", "change"]
    sharing.end(again, by=rep("anna"))
    assert shared(one).pk != first.pk
    assert sees("ben", one)


def test_who_is_let_in_is_told_with_a_way_to_it():
    one = annas()
    rep("zoe")  # she is in no team
    shared(one)
    shared(one, to=team("Town", "tom", "anna", leads=["theo"]), level="change")

    told = {(notice.user.username, notice.text.split(" until ")[0], notice.url) for notice in Notice.objects.all()}
    assert told == {
        ("ben", "anna lets you see Alfreds", one.get_absolute_url()),
        ("tom", "anna lets you see and change Alfreds", one.get_absolute_url()),
        ("theo", "anna lets you see and change Alfreds", one.get_absolute_url()),
    }


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"until": timedelta(days=-1)}, BadInput),
        ({"until": timedelta(days=367)}, BadInput),
        ({"level": "own"}, BadInput),
        ({"to": "anna"}, SeesAnyway),
        ({"to": ("manager",)}, SeesAnyway),
        ({"to": ()}, BadInput),
        ({"by": "carl"}, AccountOfAnother),
        ({"one": None}, NobodysAnyway),
    ],
)
def test_what_is_no_share_is_refused(told, refusal):
    told = {**told}
    if "until" in told:
        told["until"] = house_day() + told["until"]
    whom = told.pop("to", "ben")
    one = account("Free") if "one" in told else annas()
    told.pop("one", None)
    to = rep(whom) if isinstance(whom, str) else user(*whom)

    with pytest.raises(refusal):
        sharing.share(one, to, **{"until": house_day(), **told, "by": rep(told.get("by", "anna"))})

    assert not AccountShare.objects.exists()


def test_it_is_ended_by_who_gave_it_or_decides_and_only_once():
    team("Town", "anna", leads=["theo"])
    given = shared(by=user("manager"))
    for name in ("ben", "carl"):
        with pytest.raises(AccountOfAnother):
            sharing.end(given, by=rep(name))

    ended = sharing.end(given, by=rep("theo"))

    assert (ended.ended_by, sees("ben")) == (rep("theo"), False)
    with pytest.raises(EndedAlready):
        sharing.end(given, by=user("manager"))


@pytest.mark.parametrize(
    "change",
    [
        {"user": None},
        {"until": house_day() - WEEK},
        {"until": house_day() + timedelta(days=400)},
        {"level": "own"},
        {"ended_by": 1},
    ],
)
def test_the_database_keeps_them_in_bounds(change):
    given = shared()
    if "ended_by" in change:
        change = {"ended_by": rep("anna")}

    with pytest.raises(IntegrityError), transaction.atomic():
        AccountShare.objects.filter(pk=given.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountShare.objects.create(account=given.account, user=given.user, until=house_day())


# ---- with what else happens


def test_shares_follow_a_merge_and_come_back_with_the_split():
    first, second = annas("Alfreds"), annas("Alfreds GmbH")
    shared(first, to="ben")
    twice = shared(second, to="ben", level="change")
    along = shared(second, to="carl")

    made = merging.merge(first, second, by=rep("anna"))

    assert [sees(name, first) for name in ("ben", "carl")] == [True, True]
    twice.refresh_from_db()
    assert twice.ended_at is not None
    assert not first.writable_by(rep("ben"))
    back = merging.split(made, by=rep("anna"))
    along.refresh_from_db()
    assert (along.account_id, sees("carl", first), sees("carl", back)) == (back.pk, False, True)


def test_it_stays_when_the_account_gets_another_owner_who_may_end_it():
    one = annas()
    given = shared(one)

    accounts.update_account(one, owner=rep("carl"))

    assert sees("ben")
    sharing.end(given, by=rep("carl"))
    assert not sees("ben")


# ---- the page and the API


def test_on_the_page_one_shares_looks_again_and_ends():
    one, page = annas(), browser(rep("anna"))
    sheet = page.get(f"/accounts/{one.pk}/share/", headers=HTMX).content.decode()
    assert "3 months" in sheet
    assert 'name="team"' not in sheet
    assert "Shared with" not in page.get(f"/accounts/{one.pk}/shares/").content.decode()

    told = {"person": rep("ben").pk, "level": "change", "lasts": "7", "why": "Holiday"}
    assert page.post(f"/accounts/{one.pk}/share/", told, headers=HTMX).status_code == 204

    given = AccountShare.objects.get()
    assert (given.level, given.until, given.why) == ("change", house_day() + WEEK, "Holiday")
    text = page.get(f"/accounts/{one.pk}/shares/").content.decode()
    assert "Shared with" in text
    assert "ben" in text
    known = page.get(f"/accounts/{one.pk}/share/?share={given.pk}", headers=HTMX).content.decode()
    assert "Holiday" in known
    again = {"person": rep("ben").pk, "level": "see", "until": str(given.until), "lasts": "30"}
    assert page.post(f"/accounts/{one.pk}/share/?share={given.pk}", again, headers=HTMX).status_code == 204
    assert AccountShare.objects.get().until == house_day() + timedelta(days=30)
    assert "Shared with" in browser(rep("ben")).get(f"/accounts/{one.pk}/").content.decode()
    assert page.post(f"/accounts/shares/{given.pk}/end/").status_code == 302
    assert browser(rep("ben")).get(f"/accounts/{one.pk}/").status_code == 404


@pytest.mark.parametrize("told", [{}, {"person": "ben", "team": "Town"}, {"person": "ben", "lasts": ""}])
def test_the_sheet_asks_for_one_and_a_day(told):
    one, town = annas(), team("Town", "tom")
    told = {"lasts": "7", "level": "see", **told}
    if "person" in told:
        told["person"] = rep(told["person"]).pk
    if "team" in told:
        told["team"] = town.pk

    answer = browser(rep("anna")).post(f"/accounts/{one.pk}/share/", told, headers=HTMX)

    assert answer.status_code == 422
    assert not AccountShare.objects.exists()


def test_who_may_not_share_gets_no_sheet():
    one = annas()
    shared(one, level="change")

    assert browser(rep("ben")).get(f"/accounts/{one.pk}/share/").status_code == 403
    assert browser(rep("carl")).get(f"/accounts/{one.pk}/share/").status_code == 404


def test_over_the_api_it_is_given_changed_listed_and_ended():
    one, town = annas(), team("Town", "tom")
    until = str(house_day() + WEEK)
    anna, ben = api(rep("anna")), api(rep("ben"))

    made = anna.post("/api/v1/account-shares/", {"account": str(one.pk), "person": "ben", "until": until})
    again = anna.post(
        "/api/v1/account-shares/", {"account": str(one.pk), "person": "ben", "until": until, "level": "change"}
    )
    to_team = anna.post("/api/v1/account-shares/", {"account": str(one.pk), "team": town.name, "until": until})

    assert [answer.status_code for answer in (made, again, to_team)] == [201, 201, 201]
    assert made.json()["id"] == again.json()["id"]
    told = made.json() | {"level": "change"}
    assert (told["person"], told["team"], told["given_by"], told["live"]) == ("ben", None, "anna", True)
    assert to_team.json()["team"] == "Town"
    assert len(ben.get(f"/api/v1/account-shares/?account={one.pk}&live=true").json()["results"]) == 2
    assert (
        ben.post("/api/v1/account-shares/", {"account": str(one.pk), "person": "tom", "until": until}).status_code
        == 403
    )
    path = f"/api/v1/account-shares/{made.json()['id']}/"
    assert ben.post(f"{path}end/").status_code == 403
    ended = anna.post(f"{path}end/")
    assert (ended.json()["live"], ended.json()["ended_by"]) == (False, "anna")
    assert anna.post(f"{path}end/").status_code == 409
    assert ben.get(path).status_code == 404
    assert [row["person"] for row in anna.get("/api/v1/account-shares/?live=false").json()["results"]] == ["ben"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"person": "ben", "team": "Town"},
        {"person": "nobody"},
        {"person": "ben", "until": "2001-01-01"},
        {"team": "x"},
    ],
)
def test_over_the_api_what_is_no_share_is_refused(told):
    one = annas()
    team("Town", "tom")
    rep("ben")

    answer = api(rep("anna")).post(
        "/api/v1/account-shares/", {"account": str(one.pk), "until": str(house_day() + WEEK), **told}
    )

    assert answer.status_code == 422, answer.content


def test_what_one_does_not_see_one_cannot_share():
    one = annas()
    rep("ben")
    told = {"account": str(one.pk), "person": "ben", "until": str(house_day())}

    assert api(rep("carl")).post("/api/v1/account-shares/", told).status_code == 422
