"""Pages by key: nothing is skipped or shown twice, in both directions, and a damaged cursor does no harm."""

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from base.lists import keyset_page

pytestmark = pytest.mark.django_db
ORDER = ("last_name", "-pk")


def page(**query):
    return keyset_page(get_user_model().objects.all(), RequestFactory().get("/", query), ORDER, size=3)


@pytest.fixture
def people():
    make = get_user_model().objects.create
    return [make(username=f"u{number}", last_name="AB"[number % 2]) for number in range(8)]


def test_forward_and_back_show_every_row_once(people):
    wanted = list(get_user_model().objects.order_by(*ORDER))
    first = page()
    second = page(after=first.next_cursor)
    third = page(after=second.next_cursor)
    back = page(before=third.previous_cursor)

    assert [*first.rows, *second.rows, *third.rows] == wanted
    assert (first.previous_cursor, third.next_cursor) == (None, None)
    assert back.rows == second.rows


@pytest.mark.parametrize("cursor", ["x", "%%%", "W10", "eyJhIjoxfQ", "WyJhIiwgIm5vIG51bWJlciJd"])
def test_a_damaged_cursor_starts_from_the_beginning(people, cursor):
    assert page(after=cursor).rows == page().rows
