"""Journals become entries: once, in the right accounts, balances checked; and our own export comes back whole."""

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import convert, data
from django.core.management import call_command
from django.test import Client

from erp.ledger import services
from erp.ledger.models import Account, Company, JournalEntry, JournalLine, Period
from erp.ledger.plaintext import DIALECTS, books
from erp.ledger.reports import trial_balance
from erp.ledger.seeding import JOURNALS, open_year
from erp.ledger.services import post, reverse
from tests.erp.ledger.makers import line, rent, sale
from tests.erp.makers import company, user
from tests.importing import imported, media, ran, reasons, tried, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
D = Decimal

TEXT = """\
2026-01-01 open Assets:Bank EUR
  code: "1010"
2026-01-02 * "Rent of January"
  Expenses:Rent  900.00 EUR
  Assets:Bank
2026-01-03 * "Coffee"
  Expenses:Coffee  3.50 EUR
  Assets:Bank
2026-01-03 * "Coffee"
  Expenses:Coffee  3.50 EUR
  Assets:Bank
2026-01-04 * "Dollars"
  Assets:1000-Cash  (90 + 1) EUR
  Assets:Bank  -91.00 EUR
2026-01-05 * "Dollars"
  Assets:1000-Cash  100 USD @ 0.91 EUR
  Assets:Bank
2026-02-01 balance Assets:Bank  -998.00 EUR
"""


@pytest.fixture
def books_open() -> Company:
    return company()


@pytest.fixture
def anna() -> object:
    return user("accountant", name="anna")


def test_transactions_are_posted_once_and_what_is_not_says_its_line(books_open, anna):
    again = {"replacements": {"account": {"Expenses:Coffee": "6200"}}}
    imp = imported("journal", TEXT, anna, name="books.beancount", **again)

    assert imp.counts == {"new": 4, "error": 1}
    assert reasons(imp) == [
        (
            12,
            [
                [
                    "",
                    "Line 13: “(90 + 1) EUR” is not an amount that is read here: a "
                    "number (not a computation) and its currency.",
                ]
            ],
        )
    ]
    rows = JournalEntry.objects.filter(source_type="journal").order_by("date", "number")
    assert [(one.text, one.total) for one in rows] == [
        ("Rent of January", D("900.00")), ("Coffee", D("3.50")), ("Coffee", D("3.50")), ("Dollars", D("91.00")),
    ]  # fmt: skip
    dollars = JournalLine.objects.get(entry=rows[3], account__code="1000")
    assert (dollars.debit, dollars.currency, dollars.foreign_amount) == (D("91.00"), "USD", D("100.00"))
    assert dollars.text == "100 USD @ 0.91 EUR"
    assert imp.report["checked"] == {"held": 1, "failed": [], "left_out": []}

    second = imported("journal", TEXT, anna, name="books.beancount", **again)

    assert second.counts == {"unchanged": 4, "error": 1}
    assert JournalEntry.objects.count() == 4


def test_unknown_accounts_are_asked_about_and_opened_only_when_told_so(books_open, anna):
    first = tried("journal", TEXT, anna)

    assert first.counts == {"new": 2, "error": 3}
    assert first.report["unknown"] == [{"field": "account", "word": "Expenses:Coffee", "near": "", "count": 2}]
    assert not Account.objects.filter(name__contains="Coffee").exists()

    told = imported("journal", TEXT, anna, constants={"open_accounts": "yes"})

    made = Account.objects.get(code="COFFEE")
    assert (told.counts, made.name, made.type) == ({"new": 4, "error": 1}, "Expenses:Coffee", "expense")
    assert imported("journal", TEXT, anna).counts == {
        "unchanged": 4,
        "error": 1,
    }


def test_the_next_file_is_asked_anew_whether_accounts_are_opened(books_open, anna):
    tried("journal", TEXT, anna, constants={"open_accounts": "yes"})

    assert tried("journal", TEXT, anna).counts == {"new": 2, "error": 3}


def test_balances_are_checked_in_the_file_and_in_the_books(books_open, anna):
    post(rent("10.00", key="rent:before", date=date(2026, 1, 1)))
    wrong = TEXT + "2026-02-02 balance Assets:Bank  -1.00 EUR\n"

    dry = tried("journal", wrong, anna, constants={"open_accounts": "yes"})
    run = ran(dry)

    for imp in (dry, run):
        assert [(one["row"], one["text"]) for one in imp.report["checked"]["failed"]] == [
            (18, "Assets:Bank is said to have -998.00 EUR on 2026-02-01; the books come to -1008.00: they have other "
                 "entries there, or transactions of the file were not taken over."),
            (19, "Assets:Bank is said to have -1.00 EUR on 2026-02-02; the file's transactions come to -998.00."),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("legs", "why"),
    [
        ("Expenses:6100 1 EUR\n  Assets:1200  -1 EUR",
         "Account 1200 is kept by documents (invoices, receipts, goods); a voucher cannot post there."),
        ("Expenses:6 1 EUR\n  Assets:1010  -1 EUR", "Account 6 takes no entries: it is a heading or no longer in use."),
        ("Expenses:6100 10000 EUR\n  Assets:1010",
         "From 10000.00 EUR on a second person is needed: an admin imports it."),
    ],
)  # fmt: skip
def test_what_the_books_would_refuse_is_refused(books_open, anna, legs, why):
    imp = imported("journal", f'2026-01-01 * "x"\n  {legs}\n', anna)

    assert (imp.counts, reasons(imp)[0][1][0][1]) == ({"error": 1}, why)
    assert not JournalEntry.objects.exists()


def test_closed_and_missing_periods_are_named(books_open, anna):
    services.set_period(Period.objects.get(starts_on="2026-01-01"), "closed", "carl")
    legs = "  Expenses:6100 1 EUR\n  Assets:1010\n"
    imp = imported("journal", f'2026-01-01 * "x"\n{legs}2011-01-01 * "x"\n{legs}', anna)

    assert [told[0] for _row, told in reasons(imp)] == [
        ["date", "The period 2026-01 is closed: no entry can be dated 2026-01-01."],
        ["date", "The books have no period for 2011-01-01."],
    ]


def test_an_import_is_taken_back_by_reversals_and_stays_out(books_open, anna):
    text = '2026-01-01 * "x"\n  Expenses:6100 1 EUR\n  Assets:1010\n'
    undone(imported("journal", text, anna))

    assert trial_balance(books_open, date(2026, 12, 31)).debit == D("2.00")
    assert not any(row.closing for row in trial_balance(books_open, date(2026, 12, 31)).rows)
    assert imported("journal", text, anna).counts == {"error": 1}


def busy() -> None:
    post(sale())
    odd = post(rent(text='Rent; "north" | 50 % (Müller & Söhne) 房租', key="rent:odd"))
    reverse(odd, odd.date, "typo")
    dollars = {"currency": "USD", "foreign_amount": D("110.00")}
    post(rent(key="rent:usd", lines=[line("bank", "100.00", **dollars), line("4800", credit="100.00")]))
    post(rent("12345.67", key="rent:much", text=""))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_our_own_books_come_back_whole(books_open, dialect):
    busy()
    text = "".join(books(books_open, DIALECTS[dialect]()))
    theirs = {row.account.code: (row.account.type, row.closing) for row in trial_balance(books_open, date.max).rows}
    claims = text.count(" balance ") if dialect == "beancount" else text.count(" = ")
    admin = user("admin", name="root")

    here = tried("journal", text, admin)  # into the same books: everything is there already
    other = empty_books(before=books_open)
    imp = imported("journal", text, admin, constants={"open_accounts": "yes"})

    assert here.counts == {"unchanged": 5}
    assert imp.counts == {"new": 5}
    assert (imp.report["checked"]["held"], imp.report["checked"]["failed"]) == (claims, [])
    ours = {row.account.code: (row.account.type, row.closing) for row in trial_balance(other, date.max).rows}
    assert ours == theirs


def empty_books(before: Company) -> Company:
    """Other books, whose company stands first from now on."""
    from erp.ledger.models import Journal

    made = Company.objects.create(code="OTHER", name="Other", base_currency="EUR")
    Company.objects.filter(pk=made.pk).update(created_at=before.created_at - timedelta(days=1))
    for code, prefix, name, name_zh in JOURNALS:
        Journal.objects.create(company=made, code=code, prefix=prefix, name=name, name_zh=name_zh)
    open_year(made, 2026)
    services.forget()
    made.refresh_from_db()
    return made


def test_a_year_that_beancount_makes_itself_comes_to_its_own_sums(books_open, tmp_path):
    """The program's own example: salaries, cards, shares at cost; hours of leave are said to be worth nothing."""
    file = tmp_path / "example.beancount"
    years = ["--date-begin", "2024-01-01", "--date-end", "2025-01-01", "--date-birth", "1990-01-01", "--seed", "7"]
    example = Path(sys.executable).parent / "bean-example"
    subprocess.run([sys.executable, example, *years, "-o", file], check=True, capture_output=True, timeout=120)
    file.write_text(file.read_text() + "2024-01-01 price VACHR 0 USD\n2024-01-01 price IRAUSD 0 USD\n")
    Company.objects.update(base_currency="USD")
    services.forget()
    entries, errors, _options = loader.load_file(str(file))
    transactions = [one for one in entries if isinstance(one, data.Transaction)]
    theirs: Counter[str] = Counter()
    for one in transactions:
        for posting in one.postings:
            weight = convert.get_weight(posting)
            theirs[posting.account] += weight.number if weight.currency == "USD" else 0

    imp = imported("journal", file.read_text(), user("admin"), constants={"open_accounts": "yes"})

    empty = sum(one["count"] for one in imp.report["checked"]["left_out"] if one["what"].startswith("transaction"))
    assert not errors
    assert imp.counts == {"new": len(transactions) - empty}
    assert len(transactions) > 300
    assert (imp.report["checked"]["failed"], imp.report["checked"]["held"]) == (
        [], sum(isinstance(one, data.Balance) for one in entries),
    )  # fmt: skip
    ours = {row.account.name: row.closing for row in trial_balance(books_open, date.max).rows}
    there = {"Equity:Opening-Balances": "Opening balances", "Expenses:Home:Rent": "Rent"}  # in our chart already
    apart = {name: theirs[name] - ours.get(there.get(name, name), 0) for name in theirs}
    assert {name: gap for name, gap in apart.items() if abs(gap) > D("0.05")} == {}


def test_the_command_tells_counts_and_balances(books_open, anna, tmp_path, capsys):
    file = tmp_path / "books.beancount"
    file.write_text(TEXT)

    call_command("import", "journal", file, "--as", "anna", "--read", "account:Expenses:Coffee=6200")

    said = capsys.readouterr().out
    assert "Journal of beancount, UTF-8: 5 transactions, 1 balance assertions, " in said
    assert "Balance assertions: 1 hold, 0 do not" in said
    assert "Imported: 4 new, 1 cannot be read" in said


def test_the_page_takes_a_journal_and_shows_its_balances(books_open, anna):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    client.force_login(anna)
    stranger = Client()
    stranger.force_login(user("warehouse"))

    page = client.get("/import/journal/")
    sent = client.post("/import/journal/", {"file": SimpleUploadedFile("b.beancount", TEXT.encode())}, follow=True)
    bad = client.post("/import/journal/", {"file": SimpleUploadedFile("b.beancount", b"nothing here\n")})
    imp = imported(
        "journal", TEXT + "2026-02-02 balance Assets:Bank  -1.00 EUR\n", anna, constants={"open_accounts": "yes"}
    )
    done = client.get(imp.get_absolute_url())

    assert 'accept=".beancount,' in page.content.decode()
    assert "Journal of beancount" in sent.content.decode()
    assert bad.status_code == 422
    assert "Assets:Bank is said to have -1.00 EUR" in done.content.decode()
    assert stranger.get("/import/journal/").status_code == 404
