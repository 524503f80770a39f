"""Pages by key: nothing is skipped or shown twice, in both directions, and a damaged cursor does no harm."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.lists import ordered, page_of

pytestmark = pytest.mark.django_db
ORDER = ("last_name", "-pk")


def page(**query):
    return page_of(get_user_model().objects.all(), ORDER, **query, size=3)


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


EARLY = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("last_name", "first_name", "last_login", "email", "is_staff")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["", "a", "A", "ä", "王", "'"]),
            st.sampled_from(["x", "y"]),
            st.none()
            | st.sampled_from([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)]),
            st.booleans(),
        ),
        max_size=12,
    ),
    by=st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True),
    down=st.lists(st.booleans(), min_size=4, max_size=4),
    staff=st.none() | st.booleans(),
    size=st.integers(1, 5),
)
def test_any_order_and_filter_visits_every_row_once_in_both_directions(db, rows, by, down, staff, size):
    model = get_user_model()
    with transaction.atomic():
        for number, (last, first, login, is_staff) in enumerate(rows):
            model.objects.create(
                username=f"u{number}", last_name=last, first_name=first, last_login=login, is_staff=is_staff
            )
        order = tuple(f"-{name}" if turn else name for name, turn in zip([*by, "pk"], down, strict=False))
        found = model.objects.all() if staff is None else model.objects.filter(is_staff=staff)
        expected = [row.pk for row in ordered(found, order)]

        forward, one = [], page_of(found, order, size=size)
        while True:
            forward.append([row.pk for row in one.rows])
            last = one
            if one.next_cursor is None:
                break
            one = page_of(found, order, after=one.next_cursor, size=size)
        back, one = [[row.pk for row in last.rows]], last
        while one.previous_cursor is not None:
            one = page_of(found, order, before=one.previous_cursor, size=size)
            back.append([row.pk for row in one.rows])
        transaction.set_rollback(True)

    assert [pk for part in forward for pk in part] == expected
    assert [pk for part in reversed(back) for pk in part] == expected


def test_rows_that_come_and_go_meanwhile_shift_nothing(people):
    first = page()
    get_user_model().objects.create(username="new", last_name="A")
    first.rows[0].delete()

    second = page(after=first.next_cursor)

    seen = {row.pk for row in [*first.rows, *second.rows]}
    assert len(seen) == 6


def test_a_cursor_of_another_order_starts_from_the_beginning(people):
    other = page_of(get_user_model().objects.all(), ("username",), size=3)

    assert page(after=other.next_cursor).rows == page().rows
