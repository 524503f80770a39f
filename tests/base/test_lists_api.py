"""What a page does with a list, a program does too, by the same rules."""

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from base import jobs
from base.tokens.services import create_token
from crm.accounts.models import Account
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db
LISTS = "/api/v1/lists"


def client(*roles, name="", scopes=("*:write",)):
    _token, secret = create_token(user(*roles, name=name), "shop", list(scopes), 1)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return program


def said(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


def bulk(program, **told):
    return program.post(f"{LISTS}/accounts/bulk/", {"action": "tier", "told": {"tier": "vip"}, **told})


def test_many_rows_are_changed_at_once_and_taken_back():
    boss, mine = client("manager"), [account(name) for name in ("Alfreds", "Bernds", "Chops")]

    outcome = said(bulk(boss, ids=[str(one.pk) for one in mine[:2]]))

    assert (outcome["done"], outcome["refused"], outcome["job"]) == (2, [], None)
    assert set(Account.objects.filter(tier="vip")) == set(mine[:2])

    assert [row["id"] for row in said(boss.get("/api/v1/list-changes/"))["results"]] == [outcome["change"]]
    assert said(boss.post(f"/api/v1/list-changes/{outcome['change']}/undo/"))["done"] == 2
    assert not Account.objects.filter(tier="vip").exists()
    assert boss.post(f"/api/v1/list-changes/{outcome['change']}/undo/").status_code == 422


def test_all_that_fit_the_query_and_no_other():
    boss = client("manager")
    account("Alfreds", country="Germany")
    account("Around", country="UK")

    assert said(bulk(boss, all=True, query="country=UK"))["done"] == 1
    assert [one.name for one in Account.objects.filter(tier="vip")] == ["Around"]


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"all": True, "query": "contry=UK"}, 400, "unknown-parameter"),
        ({"all": True, "query": "credit_band=purple"}, 422, "bad-input"),
        ({"ids": []}, 422, "bad-input"),
        ({"all": True, "told": {"tier": "gold"}}, 422, "bad-input"),
        ({"all": True, "action": "dance"}, 404, "not-found"),
    ],
)
def test_what_is_not_understood_changes_nothing(told, status, code):
    account("Around", country="UK")

    assert said(bulk(client("manager"), **told), status)["code"] == code
    assert not Account.objects.filter(tier="vip").exists()


def test_who_may_not_do_it_by_the_page_may_not_do_it_here():
    account("Around")

    assert bulk(client("rep"), all=True).status_code == 403
    assert bulk(client(), all=True).status_code == 403
    assert [one["name"] for one in said(client().get(f"{LISTS}/"))] == ["jobs", "notices"]


@pytest.mark.parametrize("scopes", [["listing:write"], ["accounts:write"], ["listing:write", "accounts:read"]])
def test_a_token_needs_the_scope_of_the_list_and_of_its_records(scopes):
    account("Around")
    narrow = client("manager", scopes=scopes)

    assert said(bulk(narrow, all=True), 403)["code"] == "scope-missing"
    assert said(bulk(client("manager", scopes=["listing:write", "accounts:write"]), all=True))["done"] == 1


def test_a_file_of_the_list_is_a_job():
    boss = client("manager")
    account("Around", country="UK")
    account("Alfreds", country="Germany")

    job = said(
        boss.post(f"{LISTS}/accounts/exports/", {"format": "csv", "query": "country=UK&columns=name,country"}), 202
    )
    jobs.run(job["id"])

    assert boss.get(f"/api/v1/jobs/{job['id']}/file/").getvalue().decode("utf-8-sig").split() == [
        "Name,Country",
        "Around,UK",
    ]


def test_a_view_is_kept_shared_changed_and_removed():
    boss, rep = client("manager"), client("rep")
    account("Around", country="UK")
    account("Du monde", country="France")
    told = {"list": "accounts", "name": "British", "query": "country=UK", "team": True}

    view = said(boss.post("/api/v1/list-views/", told), 201)
    path = f"/api/v1/list-views/{view['id']}/"

    assert [one["name"] for one in said(rep.get("/api/v1/list-views/"))["results"]] == ["British"]
    assert rep.patch(path, {"name": "Mine"}).status_code == 403
    assert said(boss.patch(path, {"query": "country=France", "team": False}))["query"] == "country=France"
    assert rep.get(path).status_code == 404
    assert said(boss.post("/api/v1/list-views/", {**told, "query": "contry=UK"}), 400)["code"] == "unknown-parameter"
    assert boss.delete(path).status_code == 204
    assert said(boss.get("/api/v1/list-views/"))["results"] == []


def test_notices_are_read_one_by_one_or_all():
    mine, notices = client("rep"), apps.get_model("access", "Notice").objects
    first, _second, foreign = (
        notices.create(user=who, text=text)
        for who, text in ((user("rep"), "1"), (user("rep"), "2"), (user("agent"), "3"))
    )

    said(mine.post(f"/api/v1/notices/{first.pk}/read/"))
    assert [one["text"] for one in said(mine.get("/api/v1/notices/?unread=true"))["results"]] == ["2"]
    assert mine.post(f"/api/v1/notices/{foreign.pk}/read/").status_code == 404

    assert mine.post("/api/v1/notices/read/").status_code == 204
    assert said(mine.get("/api/v1/notices/?unread=true"))["results"] == []
    assert notices.get(pk=foreign.pk).read_at is None
