"""The demo's judge: every kind of loss, doubling and straying is found and said."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest

from deploy.demo import checks, northwind, play
from deploy.demo.facts import Facts
from deploy.demo.northwind import Fate
from deploy.demo.story import Told

KEYS = [
    "orders", "accepted", "held", "refused", "shipped", "invoiced", "paid", "returned", "lost", "doubled",
    "trial_balance_difference", "stock_ledger_difference", "net_sales", "won_to_order_ms", "shipped_to_crm_ms",
    "seconds",
]  # fmt: skip
ORDER = replace(northwind.orders()[0], fate=Fate())
GOOD = Told(ORDER, deal="d1", erp_order="o1")


def facts(**changes) -> Facts:
    """One order that went as it should."""
    lines = [{"sku": line.sku, "quantity": str(line.quantity)} for line in ORDER.lines]
    invoiced = [{"kind": "goods", "net": str(line.net)} for line in ORDER.lines]
    shipment = {"id": "s1", "number": "SH-1", "lines": lines}
    invoice = {"id": "i1", "number": "INV-1", "kind": "invoice", "lines": [*invoiced, {"kind": "freight", "net": "9"}]}
    receipt = {"id": "r1", "number": "RC-1", "kind": "payment"}
    times = {"dispatched_at": "2026-11-23T10:00:01Z", "received_at": "2026-11-23T10:00:01.050000Z"}
    deal = {
        "number": "D-1",
        "won_at": "2026-11-23T10:00:00Z",
        "order": {"state": "completed"},
        "shipments": [{**shipment, **times}],
        "invoices": [invoice],
        "payments": [receipt],
    }
    told = {
        "deals": {"d1": deal},
        "tickets": {},
        "orders": {"d1": [{"status": "completed", "created_at": "2026-11-23T10:00:00.120000Z"}]},
        "shipments": {"d1": [shipment]},
        "invoices": {"d1": [invoice]},
        "receipts": {"d1": [receipt]},
        "returns": {},
        "free_receipts": [],
        "trial_balance_difference": Decimal("0.00"),
        "receivables_difference": Decimal("0.00"),
        "stock_difference": Decimal("0.00"),
        "balances_off_their_moves": 0,
        "queues": {},
    }
    return Facts(**deepcopy({**told, **changes}))


def test_when_all_is_well_nothing_is_said():
    assert checks.failures([GOOD], facts()) == []
    assert play.verdict([]).startswith("Nothing lost, nothing doubled")


def test_the_summary_has_the_agreed_keys_in_their_order():
    summary = checks.summary([GOOD], facts(), 12.34)

    assert list(summary) == KEYS
    assert summary == {
        "orders": 1, "accepted": 1, "held": 0, "refused": 0, "shipped": 1, "invoiced": 1, "paid": 1, "returned": 0,
        "lost": 0, "doubled": 0, "trial_balance_difference": "0.00", "stock_ledger_difference": "0.00",
        "net_sales": f"{ORDER.net}", "won_to_order_ms": {"p50": 120, "p99": 120},
        "shipped_to_crm_ms": {"p50": 50, "p99": 50}, "seconds": 12.3,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "number"), [("shipments", "SH-1"), ("invoices", "INV-1"), ("payments", "RC-1")])
def test_a_document_the_crm_has_not_heard_of_is_lost(name, number):
    known = facts()
    known.deals["d1"][name] = []

    assert f"Deal D-1 does not know {number} of the ERP's {name}." in checks.lost([GOOD], known)


def test_a_won_deal_without_an_order_is_lost():
    assert checks.lost([GOOD], facts(orders={}))[0] == "Deal D-1 was won and became no order."


def test_a_deal_that_could_not_even_be_won_is_lost():
    broken = Told(ORDER, trouble="nancy (rep, crm): POST deals/: 500")

    assert checks.lost([broken], facts()) == [f"Order {ORDER.number} was never won: nancy (rep, crm): POST deals/: 500"]


def test_two_orders_of_one_deal_are_a_doubling():
    twice = facts()
    twice.orders["d1"] *= 2

    assert checks.doubled([GOOD], twice) == [f"Order {ORDER.number} stands in the ERP 2 times."]


def test_a_second_parcel_with_the_same_goods_is_a_doubling():
    twice = facts()
    twice.shipments["d1"] *= 2

    found = checks.doubled([GOOD], twice)

    assert found[0] == f"Order {ORDER.number} has 2 shipments, not 1."
    assert f"Order {ORDER.number}: 24 of {ORDER.lines[0].sku} left, 12 were ordered." in found


def test_what_the_two_sides_tell_differently_is_said():
    differs = facts()
    differs.deals["d1"]["order"]["state"] = "accepted"

    assert checks.failures([GOOD], differs) == [f"Order {ORDER.number}: the CRM shows it accepted, the ERP completed."]


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        (Fate(cancelled=True), "it is completed in the ERP and should be cancelled."),
        (Fate(unknown_product=True), "it is completed in the ERP and should be refused."),
        (Fate(credit_hold=True), "it was not held."),
        (Fate(deposit=True), "there are 1 payments and should be 2."),
        (Fate(returned=True), "its returns are []."),
    ],
)
def test_a_fate_that_did_not_befall_is_said(fate, said):
    strayed = Told(replace(ORDER, fate=fate), deal="d1", erp_order="o1")

    assert f"Order {ORDER.number}: {said}" in checks.failures([strayed], facts())


def test_differences_in_the_books_are_failures():
    found = checks.failures(
        [GOOD],
        facts(
            trial_balance_difference=Decimal("0.01"),
            receivables_difference=Decimal("7.00"),
            stock_difference=Decimal("-3.00"),
            free_receipts=["RC-9"],
            balances_off_their_moves=1,
            queues={"crm inbox_incoming parked": 2},
        ),
    )

    assert found == [
        "Events are stuck: {'crm inbox_incoming parked': 2}.",
        "1 stock balances are not the sum of their moves.",
        "Receipt RC-9 belongs to no deal.",
        "The trial balance is out by 0.01.",
        "Open items and receivables account differ by 7.00.",
        "Stock and inventory account differ by -3.00.",
    ]


def test_net_sales_must_be_what_northwind_sold():
    less = facts()
    del less.invoices["d1"][0]["lines"][0]

    assert checks.failures([GOOD], less)[-1] == (
        f"Net sales are {ORDER.net - ORDER.lines[0].net}, the delivered orders come to {ORDER.net}."
    )


def test_a_long_list_of_findings_is_cut_and_counted():
    assert play.verdict([f"no {number}" for number in range(25)]).splitlines()[-1] == "… and 5 more"
