"""The demo company's people: made once, and what became of them since is nobody's business on an upgrade."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from base.management.commands import demo_users

pytestmark = pytest.mark.django_db


def _make(var: Path, settings: Any) -> list[dict[str, str]]:
    settings.VAR_DIR = var
    call_command("demo_users", verbosity=0)
    found: list[dict[str, str]] = json.loads((var / "crm" / "users.json").read_text())
    return found


def test_everybody_can_sign_in_the_first_time(tmp_path: Path, settings: Any) -> None:
    for person in _make(tmp_path, settings):
        user = get_user_model().objects.get(username=person["username"])
        assert user.check_password(person["password"])
        assert [group.name for group in user.groups.all()] == [person["role"]]
    assert (tmp_path / "crm" / "users.json").stat().st_mode & 0o777 == 0o600


def test_an_upgrade_leaves_them_as_they_are(tmp_path: Path, settings: Any) -> None:
    """A changed password, a token in use and a person who was removed all stay so."""
    before = _make(tmp_path, settings)
    nancy = get_user_model().objects.get(username="nancy")
    nancy.set_password("her own")
    nancy.save()
    get_user_model().objects.get(username="janet").delete()
    assert _make(tmp_path, settings) == before
    nancy.refresh_from_db()
    assert nancy.check_password("her own")
    assert nancy.api_tokens.count() == 1
    assert not get_user_model().objects.filter(username="janet").exists()


def test_who_is_new_in_a_release_joins(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _make(tmp_path, settings)
    newcomer = ("anne", "Anne Dodsworth", "rep")
    monkeypatch.setitem(demo_users.PEOPLE, "crm", [*demo_users.PEOPLE["crm"], newcomer])
    after = _make(tmp_path, settings)
    assert after[:-1] == before
    assert after[-1]["username"] == "anne"


def test_an_empty_database_gets_them_anew(tmp_path: Path, settings: Any) -> None:
    """The folder outlived the database: what stands there leads nowhere."""
    before = _make(tmp_path, settings)
    get_user_model().objects.all().delete()
    after = _make(tmp_path, settings)
    assert [person["username"] for person in after] == [person["username"] for person in before]
    assert after[0]["token"] != before[0]["token"]
