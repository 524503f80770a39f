"""The short form of `make proof ONLY=strings`: a few texts through some of the forms, the API and the imports."""

import pytest
from django.contrib.auth import get_user_model

from proofs._access import records
from proofs._keeping import Tally
from proofs._naughty import TEXTS, is_formula, marked, same
from proofs._strings import walk_api, walk_forms, walk_imports

NAMES = ("plain", "script that closes", "lone surrogate", "nul")


@pytest.mark.django_db
def test_naughty_strings_are_kept_as_sent_or_refused_by_name(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    records(settings.SIDE)
    root = get_user_model().objects.create(username="root", is_superuser=True, is_staff=True)
    tally = Tally()

    walk_api(tally, root, NAMES, most=4)
    walk_forms(tally, root, NAMES, most=6)
    walk_imports(tally, root, NAMES, most=1)

    assert tally.failed == []
    assert len(tally.reached) >= 5
    assert tally.cases > 50


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_has_its_own_mark(name):
    first, second = marked(name, 1), marked(name, 2)

    assert first.mark in first.text
    assert first.mark not in second.text


def test_what_is_the_same_and_what_is_not():
    assert same(" a\r\nb ", "a\nb")
    assert same("a\ud800b", "a\ufffd\ufffd\ufffdb")
    assert not same("cafe\u0301", "caf\u00e9")
    assert not same("a" * 100, "a" * 80)
    assert not same("<b>", "&lt;b&gt;")


def test_what_a_spreadsheet_would_compute():
    assert [is_formula(cell) for cell in ("=1", "\uff1d1", "@x", "-1+1", "\t=1")] == [True] * 5
    assert [is_formula(cell) for cell in ("'=1", "-12.50", "+1", "Chai", "")] == [False] * 5
