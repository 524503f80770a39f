import doctest
from dataclasses import asdict
from decimal import Decimal

from deploy.demo import northwind


def test_the_examples_in_the_texts_are_true():
    assert doctest.testmod(northwind).failed == 0


def test_all_of_northwind_is_here():
    assert [len(found) for found in (northwind.orders(), northwind.customers(), northwind.suppliers())] == [830, 93, 29]
    assert len(northwind.products()) == 77
    assert sum(len(order.lines) for order in northwind.orders()) == 2155


def test_the_sum_of_the_lines_is_northwinds_turnover_to_the_cent_a_line():
    exact = sum(
        (line.quantity * line.unit_price * (1 - line.discount) for order in northwind.orders() for line in order.lines),
        Decimal(0),
    )

    assert exact == Decimal("1265793.0395")
    assert sum(order.net for order in northwind.orders()) == Decimal("1265793.29")


def test_every_line_finds_its_own_price_in_the_versions():
    prices = northwind.prices(northwind.orders())
    assert len(prices) == 77 * 2 + 3

    for order in northwind.orders():
        for line in order.lines:
            valid = [price for price in prices if price.sku == line.sku and price.valid_from <= order.ordered_on]
            assert max(valid, key=lambda price: price.valid_from).amount == line.unit_price


def test_every_fate_befalls_some_of_the_first_two_hundred_orders_and_of_all():
    for limit in (200, None):
        fates = [asdict(order.fate) for order in northwind.orders(limit)]

        assert {name for fate in fates for name, is_so in fate.items() if is_so} == set(asdict(northwind.Fate()))


def test_an_order_has_one_unhappy_end_at_most():
    for order in northwind.orders():
        fate = order.fate
        assert sum((fate.unknown_product, fate.cancelled, fate.credit_hold)) <= 1
        assert order.delivered or not (fate.deposit or fate.two_shipments or fate.returned)


def test_stock_is_what_the_orders_need_but_for_a_few_products_bought_again():
    orders = northwind.orders()
    needed, opening, later = (
        part(orders) for part in (northwind.quantities_needed, northwind.opening_stock, northwind.restock)
    )

    assert {sku: opening[sku] + later.get(sku, 0) for sku in opening} == needed
    assert sorted(later) == ["NW-11", "NW-22", "NW-33", "NW-44", "NW-55", "NW-66", "NW-77"]
