"""Dated rates and tax points."""

import doctest
from datetime import date
from decimal import Decimal

import pytest

from erp.tax import services as tax
from erp.tax.models import TaxClass
from tests.erp.makers import company

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("tax_class", "on", "fraction"),
    [
        ("standard", date(1996, 7, 4), "0.15"),
        ("standard", date(1998, 3, 31), "0.15"),
        ("standard", date(1998, 4, 1), "0.16"),
        ("standard", date(2006, 12, 31), "0.16"),
        ("standard", date(2007, 1, 1), "0.19"),
        ("standard", date(2020, 6, 30), "0.19"),
        ("standard", date(2020, 7, 1), "0.16"),
        ("standard", date(2020, 12, 31), "0.16"),
        ("standard", date(2026, 11, 23), "0.19"),
        ("reduced", date(2020, 12, 31), "0.05"),
        ("reduced", date(2021, 1, 1), "0.07"),
        ("zero", date(2026, 11, 23), "0"),
    ],
)
def test_the_rate_is_that_of_the_day(tax_class, on, fraction):
    company()

    assert tax.rate(tax_class, on) == Decimal(fraction)


def test_another_place_has_its_own_rates():
    assert tax.rate("standard", date(2019, 3, 31), "CN") == Decimal("0.16")
    assert tax.rate("standard", date(2019, 4, 1), "CN") == Decimal("0.13")


@pytest.mark.parametrize(("tax_class", "on"), [("standard", date(1950, 1, 1)), ("luxury", date(2026, 1, 1))])
def test_an_unknown_rate_is_refused_and_never_zero(tax_class, on):
    company()

    with pytest.raises(tax.RateUnknown):
        tax.rate(tax_class, on)


def test_a_new_rate_applies_from_its_day_and_leaves_the_past():
    company()
    standard = TaxClass.objects.get(code="standard")
    assert tax.rate("standard", date(2027, 1, 1)) == Decimal("0.19")

    tax.set_rate(standard, "DE", date(2027, 1, 1), Decimal("0.21"))

    assert tax.rate("standard", date(2026, 12, 31)) == Decimal("0.19")
    assert tax.rate("standard", date(2027, 1, 1)) == Decimal("0.21")
    tax.forget()


def test_a_rate_that_stands_is_not_overwritten():
    standard = TaxClass.objects.get(code="standard")

    with pytest.raises(tax.RateStands):
        tax.set_rate(standard, "DE", date(2007, 1, 1), Decimal("0.20"))


def test_rates_are_read_once_for_many_lines(django_assert_num_queries):
    company()
    tax.forget()
    tax.rate("standard", date(2026, 1, 1))

    with django_assert_num_queries(0):
        tax.rate("reduced", date(1997, 1, 1))


def test_a_deposit_is_taxed_on_receipt_in_the_eu_and_on_supply_in_china():
    ours = company()
    assert tax.deposit_taxed_on_receipt(ours, date(2026, 11, 23)) is True

    ours.jurisdiction = "CN"

    assert tax.deposit_taxed_on_receipt(ours, date(2026, 11, 23)) is False
    assert tax.deposit_taxed_on_receipt(ours, date(2026, 11, 23), "long_build") is True


def test_a_deposit_without_a_rule_is_refused():
    ours = company()
    ours.jurisdiction = "US"

    with pytest.raises(tax.PointRuleUnknown):
        tax.deposit_taxed_on_receipt(ours, date(2026, 11, 23))


@pytest.mark.parametrize("cents", [1, 2, 99, 100, 101, 119, 12_345, 99_999_999])
@pytest.mark.parametrize("fraction", ["0", "0.05", "0.07", "0.13", "0.19"])
def test_net_and_tax_are_the_gross_amount_to_the_cent(cents, fraction):
    gross = Decimal(cents) / 100

    net, part = tax.net_and_tax(gross, Decimal(fraction), "EUR")

    assert net + part == gross
    assert abs(tax.tax_on(net, Decimal(fraction), "EUR") - part) <= Decimal("0.01")


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(tax).failed == 0
