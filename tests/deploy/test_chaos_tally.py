"""How `make chaos` counts: what is missing, what is there twice, and what came before an earlier one is told apart."""

import pytest

from chaos.effects import Tally, Trade, tally

SAID, DONE, ONCE = "said", "done", "once"
TRADE = Trade("crm", "erp", SAID, DONE, (("erp", ONCE),))
ALL = ["a", "a v1", "a v2"]


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (ALL, Tally()),
        (["a", "a v2"], Tally(lost=1)),
        ([], Tally(lost=3)),
        (["a", "a v1", "a v1", "a v2"], Tally(doubled=1)),
        (["a", "a v2", "a v1"], Tally(reordered=1)),
        (["a", "a v1", "a v2", "a v1"], Tally(doubled=1)),
    ],
)
def test_names_are_held_against_those_that_were_said(seen, found):
    counted = Tally()

    counted.compare({"k": ALL}, {"k": seen})

    assert counted == found


def test_a_record_that_nobody_spoke_of_is_one_too_many():
    counted = Tally()

    counted.compare({"k": ALL}, {"k": ALL, "stranger": ["a"]})

    assert counted == Tally(doubled=1)


def test_what_was_acknowledged_and_is_in_no_table_is_lost():
    tables = {
        ("crm", SAID): [("k", "a"), ("k", "a"), ("k", "a v2")],
        ("erp", DONE): [("k", "a"), ("k", "a v2")],
        ("erp", ONCE): [("k", 2)],
    }

    counted = tally(lambda side, statement, _told: tables[side, statement], TRADE, "a %", {"k": ALL, "gone": ["a x"]})

    # Both names are gone on both sides, and of the record that is gone nothing came to be.
    assert counted == Tally(lost=5, doubled=1)
