"""On every side each filter leaves the same rows on a list's page and over the API, and each cell keeps its rules."""

import time
from collections.abc import Iterator
from typing import Any

import django_filters
import pytest
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from base.ids import uuid7
from base.listing import Column, Edit
from base.listing.editing import may_edit
from base.listing.listing import Listing, listing_of
from base.lists import value_at
from base.stepup import CONFIRMED_AT
from tests.filled import fill_lists
from tests.lists import names

pytestmark = pytest.mark.django_db
NAMES = names()


def browser(who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


def person(name: str, *roles: str) -> Any:
    somebody = get_user_model().objects.create_user(name)
    somebody.groups.set(Group.objects.filter(name__in=roles))
    return somebody


@pytest.fixture
def boss() -> Any:
    """Somebody who may do everything."""
    somebody = get_user_model().objects.create_user("boss", is_superuser=True, is_staff=True)
    somebody.groups.set(Group.objects.all())
    return somebody


@pytest.fixture
def page(boss: Any) -> Client:
    """They, and something in every list."""
    fill_lists(boss)
    return browser(boss)


# ---- filters


# What a row is known by where the API names no id: its field there, and where that stands on a row of ours.
KEYS = {
    "stock": {"product": "product_id", "location": "location__code"},
    "mapping": {"customer": "customer"},
    "events": {"event_id": "pk"},
}


def resources(patterns: Any = None) -> dict[Listing, str]:
    """The name of the address at which the API lists each list's rows."""
    found: dict[Listing, str] = {}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            found |= resources(pattern.url_patterns)
        elif hasattr(cls := getattr(pattern.callback, "cls", None), "listing") and pattern.name.endswith("-list"):
            found[cls.listing] = pattern.name
    return found


def values_for(one: django_filters.Filter, name: str) -> list[dict[str, str]]:
    """For each manner a filter can be asked in, the parameters of a question that can be understood."""
    field = one.field
    if isinstance(one, django_filters.RangeFilter):
        days = isinstance(one, django_filters.DateFromToRangeFilter)
        sample = timezone.localdate().isoformat() if days else "1"
        low, high = ("after", "before") if days else ("min", "max")
        return [
            {f"{name}_{low}": sample},
            {f"{name}_{high}": sample},
            {f"{name}_{low}": sample, f"{name}_{high}": sample},
        ]
    if isinstance(field, forms.ModelChoiceField | forms.ChoiceField):
        ones = [one for one in field.choices if not isinstance(one[1], list | tuple)]
        ones += [one for _group, inner in field.choices if isinstance(inner, list | tuple) for one in inner]
        choices = [str(getattr(value, "value", value)) for value, _label in ones if str(value)]
        return [{name: value} for value in choices[:6]]
    if isinstance(field, forms.NullBooleanField):
        return [{name: "true"}, {name: "false"}]
    if isinstance(field, forms.UUIDField):
        return [{name: str(uuid7())}]
    if isinstance(field, forms.DateTimeField):
        return [{name: timezone.now().isoformat()}]
    if isinstance(field, forms.DateField):
        return [{name: timezone.localdate().isoformat()}]
    if isinstance(field, forms.DecimalField):
        return [{name: str(field.min_value or 1)}]
    return [{name: "a"}]


class _Asker:
    def __init__(self, user: Any) -> None:
        self.user = user


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_leaves_the_same_rows_on_the_page_and_over_the_api(page: Client, boss: Any, name: str) -> None:
    listing = listing_of(name)
    address = resources()[listing.cut_of or listing]
    key = KEYS.get(name, {"id": "pk"})
    cut = QueryDict(listing.cut_by).dict()
    every = listing.filterset({}, listing.rows(boss), request=_Asker(boss))
    asked = [one for field, filter_ in every.filters.items() for one in values_for(filter_, field)]
    assert asked

    differ = []
    for one in asked:
        shown = page.get(listing.url, {"view": "all", **one})
        told = page.get(reverse(address), {**one, **cut} if cut else one)
        assert (shown.status_code, shown.context["asked"].mistakes, told.status_code) == (200, [], 200), one
        here = {tuple(str(value_at(row, path)) for path in key.values()) for row in shown.context["page"].rows}
        if here != (there := {tuple(str(row[field]) for field in key) for row in told.json()["results"]}):
            differ.append((one, here, there))

    assert differ == []


# ---- cells


def cells(who: Any) -> Iterator[tuple[Listing, Column, Edit, Any, str]]:
    """Each column of each list that changes in place, a row whose cell this person may change, and its address."""
    for listing in map(listing_of, NAMES):
        for column in listing.columns:
            if column.edit:
                row = next(row for row in listing.rows(who) if may_edit(column, row, who))
                yield listing, column, column.edit, row, f"/lists/{listing.name}/rows/{row.pk}/{column.name}/"


def nonsense(field: forms.Field) -> str:
    """What cannot be this field's value."""
    if isinstance(field, forms.ChoiceField | forms.DateField | forms.EmailField | forms.IntegerField):
        return "no such thing"
    longest = getattr(field, "max_length", None)
    return "x" * (longest + 1) if longest else "a\x00b"


def test_a_cell_refuses_what_it_cannot_be_and_says_why(page: Client, boss: Any) -> None:
    for listing, column, edit, row, where in cells(boss):
        answer = page.post(where, {"value": nonsense(edit.field()), "version": listing.version_of(row)})
        assert answer.status_code == 422, column.name
        why = answer.content.decode().partition('role="alert">')[2].partition("<")[0]
        assert why.strip(), column.name
        assert column.value_of(listing.rows(boss).get(pk=row.pk)) == column.value_of(row)


def test_a_cell_is_denied_to_every_role_that_may_not_change_it(page: Client, boss: Any) -> None:
    people = [
        person("nobody"),
        *(person(f"only-{role}", role) for role in Group.objects.values_list("name", flat=True)),
    ]

    for listing, column, _edit, row, where in cells(boss):
        told = {"value": "", "version": listing.version_of(row)}
        denied = {}
        for who in people:
            seen = listing.rows(who).filter(pk=row.pk).first() if listing.may_see(who) else None
            if seen is None or column not in listing.columns_for(who) or not may_edit(column, seen, who):
                denied[who.username] = {browser(who).get(where).status_code, browser(who).post(where, told).status_code}
        assert "nobody" in denied
        assert {status for statuses in denied.values() for status in statuses} <= {403, 404}, (column.name, denied)
        assert Client().post(where, told).headers["Location"].startswith("/login/")
        assert column.value_of(listing.rows(boss).get(pk=row.pk)) == column.value_of(row)


def test_a_cell_asks_for_a_proof_before_anything_is_typed_where_its_page_does(page: Client, boss: Any) -> None:
    stored = page.session
    stored[CONFIRMED_AT] = time.time() - settings.STEP_UP_SECONDS - 1
    stored.save()

    for listing, column, edit, row, where in cells(boss):
        opened = page.get(where).status_code
        saved = page.post(where, {"value": nonsense(edit.field()), "version": listing.version_of(row)})
        assert {opened, saved.status_code} <= ({302, 403} if edit.step_up else {200, 422}), column.name
