"""Admins invite, give roles, switch off and unlock; the history says who, what and why."""

import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from base.account import people
from base.history import changes_of
from tests.crm import makers

pytestmark = pytest.mark.django_db


def signed_in(*roles, name=""):
    client = Client()
    client.force_login(makers.user(*roles, name=name))
    return client


def invite(boss, **more):
    told = {"username": "janet", "email": "janet@example.com", "roles": ["rep"], "why": "new in the north", **more}
    return boss.post("/account/people/invite/", told)


def test_an_invited_person_sets_their_password_by_the_link_and_comes_in(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        invite(signed_in("admin", name="boss"))
    (letter,) = mail.outbox
    client = Client()
    page = client.get(re.search(r"http://testserver(\S+)", letter.body)[1], follow=True)

    client.post(
        page.redirect_chain[-1][0], {"new_password1": "a long enough one", "new_password2": "a long enough one"}
    )

    assert letter.to == ["janet@example.com"]
    assert Client().post("/login/", {"username": "janet", "password": "a long enough one"}).status_code == 302
    assert get_user_model().objects.get(username="janet").groups.get().name == "rep"


def test_a_taken_name_and_a_missing_reason_are_said_at_their_field():
    boss = signed_in("admin", name="boss")
    makers.user("rep", name="janet")

    assert "There is a user janet already." in invite(boss).content.decode()
    assert invite(boss, username="robert", why="").status_code == 422


def test_roles_change_with_a_reason_that_the_history_keeps():
    boss, janet = signed_in("admin", name="boss"), makers.user("rep", name="janet")

    boss.post(f"/account/people/{janet.pk}/", {"roles": ["rep", "manager"], "why": "leads the north"})

    latest = changes_of(janet, get_user_model().objects.get(username="boss"))[0]
    assert set(janet.groups.values_list("name", flat=True)) == {"rep", "manager"}
    assert (latest.by, latest.why) == ("boss", "rep → manager, rep: leads the north")


def test_who_is_switched_off_has_no_session_and_no_token_any_more():
    boss, janet = signed_in("admin", name="boss"), makers.user("rep", name="janet")
    inside = Client()
    inside.force_login(janet)
    _token, secret = apps.get_model("access", "ApiToken").issue(janet, "laptop")
    call = {"headers": {"authorization": f"Bearer {secret}"}}
    before = (inside.get("/accounts/").status_code, Client().get("/api/v1/accounts/", **call).status_code)

    boss.post(f"/account/people/{janet.pk}/switch/", {"why": "has left"})
    after = (inside.get("/accounts/").status_code, Client().get("/api/v1/accounts/", **call).status_code)
    people.switch_on(get_user_model().objects.get(pk=janet.pk), "is back")
    back = (inside.get("/accounts/").status_code, Client().get("/api/v1/accounts/", **call).status_code)

    assert (before, after, back) == ((200, 200), (302, 401), (302, 401))


def test_the_last_admin_stays_and_nobody_switches_themselves_off():
    boss = makers.user("admin", name="boss")
    client = Client()
    client.force_login(boss)

    refused = client.post(f"/account/people/{boss.pk}/", {"roles": ["rep"], "why": "enough"})
    client.post(f"/account/people/{boss.pk}/switch/", {"why": "enough"})

    boss.refresh_from_db()
    assert "This is the last admin" in refused.content.decode()
    assert boss.is_active


def test_an_admin_unlocks_who_guessed_too_often():
    boss, janet = signed_in("admin", name="boss"), makers.user("rep", name="janet")
    for number in range(5):
        Client().post("/login/", {"username": "janet", "password": f"wrong {number}"})
    locked = Client().post("/login/", {"username": "janet", "password": "wrong"}).status_code

    boss.post(f"/account/people/{janet.pk}/unlock/")

    assert locked == 429
    assert Client().post("/login/", {"username": "janet", "password": "wrong"}).status_code == 200


@pytest.mark.parametrize("role", ["rep", "agent", "manager"])
def test_only_admins_see_people(role):
    other = makers.user("rep", name="janet")
    client = signed_in(role, name="curious")

    for address in ("/account/people/", "/account/people/invite/", f"/account/people/{other.pk}/"):
        assert client.get(address).status_code == 403
    for address in (f"/account/people/{other.pk}/switch/", f"/account/people/{other.pk}/unlock/"):
        assert client.post(address, {"why": "x"}).status_code == 403
    assert client.get(f"/history/access.user/{other.pk}/").status_code == 404


def test_people_are_found_by_name_role_and_whether_they_may_come_in():
    boss = signed_in("admin", name="boss")
    gone = makers.user("rep", "manager", name="gone")
    people.switch_off(gone, get_user_model().objects.get(username="boss"), "has left")
    makers.user("rep", name="janet")

    def shown(query):
        page = boss.get(f"/account/people/?{query}")
        api = boss.get(f"/api/v1/people/?{query}").json()["results"]
        names = [user.username for user in page.context["page"].rows]
        assert names == [user["username"] for user in api], query
        return names

    assert shown("") == ["boss", "gone", "janet"]
    assert (shown("role=rep"), shown("active=false"), shown("q=JAN")) == (["gone", "janet"], ["gone"], ["janet"])
    assert boss.get(f"/api/v1/people/{gone.pk}/").json()["roles"] == ["manager", "rep"]
    assert signed_in("rep", name="curious").get("/api/v1/people/").status_code == 403
