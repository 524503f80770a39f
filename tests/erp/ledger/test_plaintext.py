"""Independent programs read our books and come to the same balances."""

import doctest
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core import data
from django.core.management import call_command
from django.test import Client

from erp.ledger import plaintext
from erp.ledger.plaintext import Beancount, Hledger, books
from erp.ledger.reports import trial_balance
from erp.ledger.services import post, reverse
from tests.erp.ledger.makers import line, rent, sale
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def busy():
    """A company with a sale, rent with awkward words, its reversal, and a foreign amount."""
    made = company()
    post(sale())
    odd = post(rent(text='Rent; "north" | 50 % (Müller & Söhne) 房租', key="rent:odd"))
    reverse(odd, odd.date, "typo")
    dollars = {"currency": "USD", "foreign_amount": D("110.00")}
    lines = [line("bank", "100.00", **dollars), line("4800", credit="100.00")]
    post(rent(key="rent:usd", text="Dollars", lines=lines))
    return made


def ours(company):
    """Balances that are not zero, by the account's code."""
    rows = trial_balance(company, as_of=date(2026, 12, 31)).rows
    return {row.account.code: row.closing for row in rows if row.closing}


def test_beancount_finds_no_fault_and_the_same_balances(busy):
    text = "".join(books(busy, Beancount()))

    entries, errors, _options = loader.load_string(text)

    assert [error.message for error in errors] == []
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            theirs[posting.account.split(":")[1].split("-")[0]] += posting.units.number
    assert {code: amount for code, amount in theirs.items() if amount} == ours(busy)
    assert sum(isinstance(entry, data.Balance) for entry in entries) > 30
    assert 'foreign: "110.00 USD"' in text


def test_beancount_sees_when_a_balance_is_not_what_we_say(busy):
    text = "".join(books(busy, Beancount()))
    bent = text.replace("balance Expenses:6100-Rent  0.00", "balance Expenses:6100-Rent  1.00")

    _entries, errors, _options = loader.load_string(bent)

    assert len(errors) == 1


def test_until_a_day_later_entries_are_left_out(busy):
    before = "".join(books(busy, Hledger(), date(2026, 11, 1)))

    assert before.split("\n") == ["; Northwind Traders", "commodity 1000.00 EUR", "", ""]


def test_the_command_and_the_page_hand_out_the_same(busy, tmp_path):
    told, stranger, file = Client(), Client(), tmp_path / "books.journal"
    told.force_login(user("auditor"))
    stranger.force_login(user("warehouse"))

    call_command("export_books", "hledger", out=file)
    answer = told.get("/ledger/plain-text/hledger/")

    assert b"".join(answer.streaming_content).decode() == file.read_text() == "".join(books(busy, Hledger()))
    assert answer["Content-Disposition"].endswith('.journal"')
    assert told.get("/ledger/plain-text/gnucash/").status_code == 404
    assert stranger.get("/ledger/plain-text/hledger/").status_code == 403


def test_names_are_made_as_shown():
    assert doctest.testmod(plaintext).failed == 0


def test_a_program_gets_the_same_books(busy):
    reader, stranger = Client(), Client()
    reader.force_login(user("auditor"))
    stranger.force_login(user("order_desk"))

    for dialect in ("beancount", "hledger"):
        page, told = (reader.get(f"{place}/{dialect}/") for place in ("/ledger/plain-text", "/api/v1/ledger/books"))
        assert (told.status_code, told["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert b"".join(told) == b"".join(page)
    assert stranger.get("/api/v1/ledger/books/hledger/").status_code == 403
    assert reader.get("/api/v1/ledger/books/gnucash/").status_code == 404
    assert reader.get("/api/v1/ledger/books/hledger/?until=2026").json()["code"] == "unknown-parameter"
