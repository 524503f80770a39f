"""When tax falls due, by the law's own cases."""

import doctest
from datetime import date
from decimal import Decimal

import pytest

from erp.tax import points
from erp.tax.points import Deed, tax_points
from erp.tax.services import PointRuleUnknown, point_rule
from tests.erp.makers import company, user

D = Decimal
TOTAL = D("1190")
pytestmark = pytest.mark.django_db


def found(place, kind, *deeds, basis="accrual", on=date(2026, 3, 1)):
    """The tax points as (day, amount, by)."""
    ours = company()
    ours.jurisdiction = place
    if basis != "accrual":
        from erp.tax.returns import set_profile

        set_profile(company(), user("accountant"), basis=basis)
    rule = point_rule(ours, on, kind)
    return [(one.on.isoformat(), one.amount, one.by) for one in tax_points(rule, deeds, TOTAL)]


def paid(day, amount="1190"):
    return Deed("payment", date.fromisoformat(day), D(amount))


def supplied(day):
    return Deed("supply", date.fromisoformat(day))


def invoiced(day, amount="0"):
    return Deed("invoice", date.fromisoformat(day), D(amount))


def agreed(day, amount):
    return Deed("contract", date.fromisoformat(day), D(amount))


@pytest.mark.parametrize(
    ("kind", "deeds", "expected"),
    [
        # § 13 (1) Nr. 1 a S. 1: with the supply, whatever the invoice's and the payment's day.
        ("goods", [invoiced("2026-02-25"), supplied("2026-03-05"), paid("2026-04-10")],
         [("2026-03-05", TOTAL, "supply")]),
        # S. 4 (Mindest-Ist): what comes before the supply is taxed when it comes, the rest with the supply.
        ("goods", [paid("2026-01-20", "400"), supplied("2026-03-05"), paid("2026-04-10", "790")],
         [("2026-01-20", D("400"), "payment"), ("2026-03-05", D("790"), "supply")]),
        # All of it paid up front: nothing is left for the day of the supply.
        ("goods", [paid("2026-01-20"), supplied("2026-03-05")], [("2026-01-20", TOTAL, "payment")]),
        # An invoice before any money or supply makes nothing due.
        ("services", [invoiced("2026-02-25")], []),
        # § 13 (1) Nr. 6: acquisitions with the invoice, at the latest at the end of the month after.
        ("acquisition", [supplied("2026-03-05"), invoiced("2026-03-20")], [("2026-03-20", TOTAL, "invoice")]),
        ("acquisition", [supplied("2026-03-05"), invoiced("2026-06-20")], [("2026-04-30", TOTAL, "supply")]),
        # § 13b (2) and (4) S. 2: reverse charge likewise, but what is paid before is taxed then.
        ("reverse", [paid("2026-02-10", "190"), supplied("2026-03-05"), invoiced("2026-03-20")],
         [("2026-02-10", D("190"), "payment"), ("2026-03-20", D("1000"), "invoice")]),
    ],
)  # fmt: skip
def test_germany_by_agreed_consideration(kind, deeds, expected):
    assert found("DE", kind, *deeds) == expected


def test_germany_by_consideration_received():
    deeds = [supplied("2026-03-05"), invoiced("2026-03-06"), paid("2026-04-10", "400"), paid("2026-05-10", "790")]

    assert found("DE", "goods", *deeds, basis="cash") == [
        ("2026-04-10", D("400"), "payment"),
        ("2026-05-10", D("790"), "payment"),
    ]
    assert found("DE", "goods", supplied("2026-03-05"), basis="cash") == []


@pytest.mark.parametrize(
    ("kind", "deeds", "expected"),
    [
        # 实施细则 第三十八条（四）: an advance for goods is taxed when they are dispatched.
        ("goods", [paid("2026-01-20", "400"), supplied("2026-03-05")], [("2026-03-05", TOTAL, "supply")]),
        # 第十九条: whoever issues the invoice first is taxed on its day.
        ("goods", [paid("2026-01-20", "400"), invoiced("2026-02-25"), supplied("2026-03-05")],
         [("2026-02-25", TOTAL, "invoice")]),
        # （四）: large machinery that takes over twelve months to build: when the advance comes.
        ("long_build", [paid("2026-01-20", "400"), supplied("2027-06-05")],
         [("2026-01-20", D("400"), "payment"), ("2027-06-05", D("790"), "supply")]),
        # 财税[2016]36号 第四十五条（二）: letting with an advance: when it comes.
        ("lease", [paid("2026-01-20")], [("2026-01-20", TOTAL, "payment")]),
        # 第三十八条（一）: direct payment: when the money comes, whether or not the goods have left.
        ("direct", [paid("2026-03-10", "400"), supplied("2026-03-05"), paid("2026-04-02", "790")],
         [("2026-03-10", D("400"), "payment"), ("2026-04-02", D("790"), "payment")]),
        ("direct", [paid("2026-03-10", "400"), invoiced("2026-03-20"), paid("2026-04-02", "790")],
         [("2026-03-10", D("400"), "payment"), ("2026-03-20", D("790"), "invoice")]),
        # （三）: on credit or in instalments: the days that the contract names; without one, the dispatch.
        ("instalments", [supplied("2026-03-05"), agreed("2026-04-01", "590"), agreed("2026-05-01", "600")],
         [("2026-04-01", D("590"), "contract"), ("2026-05-01", D("600"), "contract")]),
        ("instalments", [supplied("2026-03-05")], [("2026-03-05", TOTAL, "supply")]),
        ("instalments", [supplied("2026-03-05"), invoiced("2026-03-06", "600"), agreed("2026-04-01", "590"),
                         agreed("2026-05-01", "600")],
         [("2026-03-06", D("600"), "invoice"), ("2026-05-01", D("590"), "contract")]),
    ],
)  # fmt: skip
def test_china(kind, deeds, expected):
    assert found("CN", kind, *deeds) == expected


def test_no_more_is_taxed_than_the_supply_is_worth():
    assert found("DE", "goods", paid("2026-01-20", "2000"), supplied("2026-03-05")) == [
        ("2026-01-20", TOTAL, "payment")
    ]


def test_where_nobody_has_said_it_is_refused():
    with pytest.raises(PointRuleUnknown):
        found("US", "goods", supplied("2026-03-05"))


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(points).failed == 0
