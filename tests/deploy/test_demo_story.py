"""The parts of the demo that need no deployment: what leaves when, what is asked for, what is counted."""

import doctest
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from deploy.demo import northwind, report, story, waiting
from deploy.demo.northwind import Fate, Line, Order
from deploy.demo.opening import prices_by_sku

ORDER = Order(
    number=10260,
    customer="OTTIK",
    ordered_on=date(1996, 7, 19),
    requested_on=date(1996, 8, 16),
    freight=Decimal("55.09"),
    carrier="Speedy Express",
    lines=(
        Line("NW-41", 16, Decimal("7.70"), Decimal("0.25")),
        Line("NW-57", 5, Decimal("15.60"), Decimal("0")),
    ),
    fate=Fate(),
)
SPLIT = Fate(two_shipments=True)


def test_the_examples_in_the_texts_are_true():
    assert doctest.testmod(report).failed == 0


def test_an_order_leaves_at_once_or_the_larger_half_of_each_line_first():
    assert story.parcels_of(ORDER) == [[("NW-41", 16), ("NW-57", 5)]]
    assert story.parcels_of(replace(ORDER, fate=SPLIT)) == [
        [("NW-41", 8), ("NW-57", 3)],
        [("NW-41", 8), ("NW-57", 2)],
    ]


def test_of_single_pieces_the_last_one_waits_for_the_second_parcel():
    pieces = replace(ORDER, fate=SPLIT, lines=tuple(replace(line, quantity=1) for line in ORDER.lines))

    assert story.parcels_of(pieces) == [[("NW-41", 1)], [("NW-57", 1)]]


def test_parcels_carry_exactly_what_was_ordered_and_none_is_empty():
    for order in northwind.orders():
        parcels = story.parcels_of(order)
        carried: dict[str, Decimal] = {}
        for sku, quantity in (part for parcel in parcels for part in parcel):
            assert quantity > 0
            carried[sku] = carried.get(sku, Decimal(0)) + quantity

        assert all(parcels)
        assert len(parcels) == 1 + order.fate.two_shipments
        assert carried == {line.sku: line.quantity for line in order.lines}


def test_a_deposit_is_some_30_percent_in_whole_euros_and_never_nothing():
    assert ORDER.net == Decimal("170.40")
    assert story.deposit_of(ORDER) == 51
    assert story.deposit_of(replace(ORDER, lines=(Line("NW-1", 1, Decimal("0.50"), Decimal(0)),))) == 1


def test_nobody_is_held_before_the_books_know_them():
    known: set[str] = set()
    for order in northwind.orders():
        assert order.customer in known or not order.fate.credit_hold
        known.add(order.customer)


def test_a_product_nobody_orders_costs_its_list_price_from_the_first_day():
    few = northwind.orders(3)
    prices = prices_by_sku(few)

    assert len(prices) == 77
    assert [(price.amount, price.valid_from) for price in prices["NW-1"]] == [(Decimal("18"), few[0].ordered_on)]


def test_waiting_ends_with_the_answer_or_says_what_did_not_happen():
    answers = iter([None, None, "there"])
    assert waiting.until(lambda: next(answers), "it", seconds=5, first=0.001, longest=0.001) == "there"

    with pytest.raises(waiting.TooLate, match="the parcel"):
        waiting.until(lambda: None, "the parcel", seconds=0, first=0.001)


def test_the_last_line_is_one_json_object_in_the_agreed_order():
    assert report.last_line({"orders": 2, "net_sales": "1.50", "won_to_order_ms": {"p50": 1, "p99": 2}}) == (
        '{"orders": 2, "net_sales": "1.50", "won_to_order_ms": {"p50": 1, "p99": 2}}'
    )
