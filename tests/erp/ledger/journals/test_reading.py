"""What a journal tells, and what of it is refused with line and reason; no books are needed for that."""

from datetime import date
from decimal import Decimal

import pytest

from erp.ledger.journals.told import Unread
from erp.ledger.journals.weighing import in_base, read, verdicts

D = Decimal

BEANCOUNT = """\
option "title" "Our shop"
option "operating_currency" "EUR"
2026-01-01 open Assets:Bank EUR
  code: "1010"
2026-01-01 open Assets:Shares  ; a comment
2026-01-01 commodity ACME
2026-01-02 price USD 0.9 EUR

* A heading of org-mode
2026-01-02 * "Kiosk" "Coffee; \\"large\\"" #food ^r-1
  receipt: "17"
  Assets:Bank  -3.50 EUR
  Expenses:Food
2026-01-03 txn "Shares"
  Assets:Shares  10 ACME {15.00 EUR, 2026-01-03, "lot"} @ 16 EUR
  Expenses:Fees  1.00 EUR
  Assets:Bank
2026-01-04 * "Dollars"
  Assets:Dollars  100 USD @@ 91.00 EUR
  Assets:Bank  -91.00 EUR
2026-01-05 * "Spent there"
  Expenses:Travel  33.33 USD
  Expenses:Food:Out  33.33 USD
  Assets:Dollars
2026-01-06 balance Assets:Bank  -245.50 EUR
2026-01-06 balance Expenses:Food  33.33 USD
2026-01-06 balance Expenses:Food  1.00 EUR
2026-01-06 balance Assets:Shares  10 ACME
"""

HLEDGER = """\
; our shop
decimal-mark ,
account assets:bank  ; type: C
account einkauf      ; type: X
commodity 1.000,00 EUR
P 2026-01-02 USD 0,9 EUR

2026-01-02 * (R-1) Kiosk | Coffee   ; a comment
    einkauf            1.003,50 EUR
    assets:bank       €-1.003,50 = -1.003,50 EUR

2026/1/3 Shares
    assets:shares      10 "ACME 1" @ 15 EUR  ; text: Ten
    assets:bank

2026.01.04 ! not finished
    einkauf            1 EUR
    assets:bank

comment
2026-01-04 not read
end comment
"""


def booked(text: str, place: int = 0) -> list[tuple[str, Decimal, str]]:
    """Account, amount and the line's text of one transaction."""
    journal = read(text, "EUR")
    lines = in_base(journal, journal.transactions[place], "EUR")
    return [(line.account, line.amount, line.text) for line in lines]


def test_beancount_is_read():
    journal = read(BEANCOUNT, "EUR")

    assert journal.kind == "beancount"
    assert [one.text for one in journal.transactions] == [
        'Kiosk · Coffee; "large"', "Shares", "Dollars", "Spent there",
    ]  # fmt: skip
    assert journal.problems == []
    assert [one.problem for one in journal.transactions] == ["", "", "", ""]
    assert journal.codes["Assets:Bank"] == "1010"
    assert dict(journal.left_out) == {"commodity": 1, "tag": 1, "link": 1, "metadata receipt": 1}


def test_costs_prices_and_open_amounts_come_to_base_currency():
    assert booked(BEANCOUNT) == [("Assets:Bank", D("-3.50"), ""), ("Expenses:Food", D("3.50"), "")]
    assert booked(BEANCOUNT, 1) == [
        ("Assets:Shares", D("150.00"), '10 ACME {15.00 EUR, 2026-01-03, "lot"} @ 16 EUR'),
        ("Expenses:Fees", D("1.00"), ""),
        ("Assets:Bank", D("-151.00"), ""),
    ]
    assert booked(BEANCOUNT, 2)[0] == ("Assets:Dollars", D("91.00"), "100 USD @@ 91.00 EUR")


def test_a_price_of_the_file_values_what_has_none_and_cents_that_stay_over_are_rounding():
    assert booked(BEANCOUNT, 3) == [
        ("Expenses:Travel", D("30.00"), "33.33 USD"),
        ("Expenses:Food:Out", D("30.00"), "33.33 USD"),
        ("Assets:Dollars", D("-59.99"), "-66.66 USD"),
        ("rounding", D("-0.01"), ""),
    ]


def test_assertions_are_held_against_the_file():
    told = {
        (one.assertion.account, one.assertion.amount.commodity): (one.found, one.holds)
        for one in verdicts(read(BEANCOUNT, "EUR"))
    }

    assert told == {
        ("Assets:Bank", "EUR"): (D("-245.50"), True),
        ("Expenses:Food", "USD"): (D("33.33"), True),  # an account stands for all below it
        ("Expenses:Food", "EUR"): (D("3.50"), False),
        ("Assets:Shares", "ACME"): (D(10), True),
    }


def test_a_pad_is_the_transaction_it_stands_for():
    text = """\
2025-12-31 pad Assets:Bank Equity:Opening
2026-01-01 balance Assets:Bank  100.00 EUR
2025-12-01 * "Before"
  Assets:Bank  30.00 EUR
  Income:Sales
2025-01-01 pad Assets:Cash Equity:Opening
"""
    journal = read(text, "EUR")

    assert booked(text) == [("Assets:Bank", D("70.00"), ""), ("Equity:Opening", D("-70.00"), "")]
    assert journal.transactions[0].date == date(2025, 12, 31)
    assert journal.problems == [(6, "No balance of the account follows that it could be filled up to.")]


def test_hledger_is_read():
    journal = read(HLEDGER, "EUR")

    assert journal.kind == "hledger"
    assert journal.types["assets:bank"] == "asset"
    assert journal.types["einkauf"] == "expense"
    assert booked(HLEDGER) == [("einkauf", D("1003.50"), ""), ("assets:bank", D("-1003.50"), "")]
    assert booked(HLEDGER, 1) == [("assets:shares", D("150.00"), "Ten"), ("assets:bank", D("-150.00"), "")]
    assert [one.problem for one in journal.transactions] == [
        "", "", "It is marked with “!” and not as complete (*).",
    ]  # fmt: skip
    assert [one.holds for one in verdicts(journal)] == [True]


def test_what_is_claimed_beside_a_posting_is_held_against_the_moment():
    text = "2026-01-02 b\n  a:x  1 EUR = 3 EUR\n  a:y\n\n2026-01-01 a\n  a:x  2 EUR = 2 EUR\n  a:y\n"

    assert [(one.assertion.line, one.holds) for one in verdicts(read(text, "EUR"))] == [(6, True), (2, True)]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('include "other.beancount"\n2026-01-01 open A:B', [(1, "“include” is not read here.")]),
        ('plugin "x"\n2026-01-01 open A:B', [(1, "“plugin” is not read here.")]),
        ("2026-02-30 open Assets:Bank", [(1, "“2026-02-30” is not a day; write it as 2026-03-31.")]),
        ("2026-01-01 open Assets:Bank\n2026-01-01 balance Assets:Bank 1 + 1 EUR",
         [(2, "“Assets:Bank 1 + 1 EUR” is not a balance that is read here.")]),
        ("2026-01-01 open Assets:Bank\n2026-01-01 price USD -1 EUR", [(2, "A price is not below zero.")]),
        ("include x.journal", [(1, "“include” is not read here.")]),
        ("alias a = b", [(1, "“alias” is not read here.")]),
        ("~ monthly\n    a  1 EUR\n    b", [(1, "“~” is not read here.")]),
        ("    a  1 EUR", [(1, "This line belongs to nothing above it.")]),
        ("1/31 coffee", [(1, "“1/31 coffee” is not read here.")]),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told_with_its_line(text, problems):
    assert read(text, "EUR").problems == problems


@pytest.mark.parametrize(
    ("legs", "problem"),
    [
        ("Assets:A  1 EUR\n  Assets:B  -2 EUR", "It does not balance: 1 EUR is missing."),
        ("Assets:A  1 EUR", "It has fewer than two postings."),
        ("Assets:A\n  Assets:B\n  Assets:C 1 EUR", "Line 3: Only one posting may go without an amount."),
        ("Assets:A  1 EUR\n  Assets:B  -1 USD", "It does not balance: -1 EUR, 1 USD is missing."),
        ("Assets:A  10 ACME {}\n  Assets:B  -1 EUR",
         "Line 2: A lot is named without its cost: write it out, as in {12.50 EUR}."),
        ("! Assets:A  1 EUR\n  Assets:B", "Line 2: It is marked with “!” and not as complete (*)."),
        ("Assets:A  (1 + 2) EUR\n  Assets:B",
         "Line 2: “(1 + 2) EUR” is not an amount that is read here: a number (not a computation) and its currency."),
        ("Assets:A  1 EUR @ -2 USD\n  Assets:B", "Line 2: A price is not below zero."),
        ("no account", "Line 2: “no account” is not read here."),
    ],
)  # fmt: skip
def test_a_transaction_that_cannot_be_taken_over_says_why(legs, problem):
    journal = read(f'2026-01-01 * "x"\n  {legs}\n', "EUR")

    assert [one.problem for one in journal.transactions] == [problem]


@pytest.mark.parametrize(
    ("legs", "problem"),
    [
        ("a  1,000 EUR\n  b", "“1,000” can be read in two ways; say “decimal-mark .” or “decimal-mark ,” at the top."),
        ("a  1\n  b", "“1” says no currency."),
        ("a  ¥1\n  b", "“¥” may be CNY or JPY; write the currency's code."),
        ("(a)  1 EUR\n  b  0 EUR",
         "Postings in brackets, which are not balanced as others are, are not read here."),
        ("a  = 1 EUR\n  b", "A balance that is assigned, without an amount before it, is not read here."),
        ("a  1 EUR == 1 EUR\n  b", "Of balance assertions only the plain one (=) is read here."),
        ("a  1 EUR  ; date:2026-01-02\n  b", "A second date is not read here."),
        ("a  1 ACME {2 EUR}\n  b", "Lots in braces are not read in journals of hledger; write a price with @."),
    ],
)  # fmt: skip
def test_so_does_one_of_hledger(legs, problem):
    journal = read(f"2026-01-01 x\n  {legs}\n", "EUR")

    assert [one.problem for one in journal.transactions] == [f"Line 2: {problem}"]


def test_without_a_price_there_is_no_amount_in_base_currency():
    journal = read('2026-01-01 price USD 0.9 EUR\n2025-12-31 * "x"\n  Assets:A  1 USD\n  Assets:B\n', "EUR")

    with pytest.raises(Unread, match=r"The file has no price of USD in EUR on or before 2025-12-31\."):
        in_base(journal, journal.transactions[0], "EUR")
