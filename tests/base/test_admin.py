"""The admin takes what no person could choose, and lets nobody go back in time by a form."""

import time

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from base.stepup import CONFIRMED_AT
from crm.accounts.models import Account


@pytest.fixture
def admin(db):
    client = Client(raise_request_exception=True)
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.org", "-"))
    session = client.session
    session[CONFIRMED_AT] = time.time() + 1000
    session.save()
    return client


@pytest.mark.parametrize("owner", ["\x00</select>9", "9" * 40, "x", "1e5"])
def test_an_owner_that_nobody_could_choose_is_refused_in_its_field(admin, owner):
    answer = admin.post("/admin/accounts/account/add/", {"name": "Somebody", "owner": owner})

    assert answer.status_code == 200
    assert "owner" in answer.context["adminform"].form.errors
    assert not Account.objects.exists()


def test_history_is_looked_at_only(admin):
    account = Account.objects.create(name="Before", owner=get_user_model().objects.get())
    version = f"/admin/accounts/account/{account.pk}/history/{account.history.get().pk}/"

    assert admin.get(version).status_code == 200
    assert b'name="_save"' not in admin.get(version).content
    assert admin.post(version, {"name": "Other"}).status_code == 403
    account.refresh_from_db()
    assert account.name == "Before"


def test_the_page_of_changes_has_no_style_of_its_own(admin):
    account = Account.objects.create(name="Before", owner=get_user_model().objects.get())

    page = admin.get(f"/admin/accounts/account/{account.pk}/history/").content.decode()

    assert "1 change" in page
    assert "style=" not in page


def test_the_admin_is_ours_by_name_and_icon(admin):
    page = admin.get("/admin/").content.decode()

    assert "Django administration" not in page
    assert 'rel="icon"' in page


def test_a_view_name_that_is_too_long_is_refused(admin):
    answer = admin.post("/lists/accounts/views/", {"name": "n" * 81, "state": ""}, headers={"HX-Request": "true"})

    assert answer.status_code == 422 or "at most 80" in answer.content.decode()
    assert not apps.get_model("access", "SavedView").objects.exists()
