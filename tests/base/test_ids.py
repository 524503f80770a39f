"""Identifiers keep the order in which they were made."""

import doctest
from concurrent.futures import ThreadPoolExecutor

from base import ids


def test_ten_thousand_of_one_moment_sort_as_they_were_made():
    made = [ids.uuid7() for _number in range(10_000)]

    assert made == sorted(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}


def test_rivals_never_get_the_same():
    with ThreadPoolExecutor(8) as rivals:
        made = list(rivals.map(lambda _number: ids.uuid7(), range(10_000)))

    assert len(set(made)) == 10_000


def test_the_clock_may_be_set_back(monkeypatch):
    before = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_000_000_000)

    assert ids.uuid7() > before


def test_the_example():
    assert doctest.testmod(ids).failed == 0
