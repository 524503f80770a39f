"""The short form of `make proof ONLY=visibility`: one small organisation; and that the proof can fail."""

import pytest

from crm.accounts.models import Account
from crm.leads.models import LeadQuerySet
from proofs._visibility import Told, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Told()


def test_every_face_shows_what_the_slow_oracle_says(cases):
    walk(cases, seed=11, size=25, people=3, each=1)

    assert cases.words == ()
    assert cases.count > 2_000


def test_a_door_that_stands_wide_open_and_a_right_that_everybody_has_are_found(cases, monkeypatch):
    monkeypatch.setattr(LeadQuerySet, "visible_to", lambda rows, _user: rows)
    monkeypatch.setattr(Account, "writable_by", lambda _account, _user: True)

    walk(cases, seed=11, size=20, people=1, each=2)

    for channel in ("visible_to", "the list's page", "the list as a file", "the API's list", "search", "its page",
                    "the API", "the offline pack", "the check for duplicates"):  # fmt: skip
        assert any(f"{channel}: lead" in said or f"{channel} (" in said for said in cases.words), channel
    assert any("the oracle says not seen, the product shows it" in said for said in cases.words)
    assert any("writable_by of a row: account" in said for said in cases.words)
