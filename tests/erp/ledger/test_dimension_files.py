"""Cost centres and projects in files: their list, lines of vouchers, and the books as plain text, out and in again."""

from datetime import date
from decimal import Decimal

import pytest

from erp.ledger import vouchers
from erp.ledger.models import Account, Dimension, JournalEntry, Voucher
from erp.ledger.plaintext import DIALECTS, books
from erp.ledger.services import post
from erp.recurring import services as recurring
from tests.erp.ledger.bearers import bearing, named, on_lines
from tests.erp.ledger.makers import line
from tests.erp.makers import company, user
from tests.erp.recurring.makers import pattern
from tests.importing import imported, media, reasons, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TEXT = """Kind,Code,Name,Belongs to,Initials
cost centre,S10,Sales,,sal
成本中心,S11,Shops,S10,
project,P7,New hall,,
"""


def told():
    return list(Dimension.objects.order_by("kind", "code").values_list("kind", "code", "name", "parent__code"))


def test_they_come_once_change_and_are_taken_back():
    company()
    first = imported("dimensions", TEXT, user("accountant"))
    again = imported("dimensions", TEXT, user("accountant"))
    changed = imported("dimensions", TEXT.replace("Shops", "Outlets"), user("accountant"))

    assert (first.counts, again.counts, changed.counts) == ({"new": 3}, {"unchanged": 3}, {"update": 1, "unchanged": 2})
    assert told() == [
        ("cost_centre", "S10", "Sales", None),
        ("cost_centre", "S11", "Outlets", "S10"),
        ("project", "P7", "New hall", None),
    ]
    undone(changed)
    assert told()[1] == ("cost_centre", "S11", "Shops", "S10")


def test_they_are_taken_back_those_below_first():
    company()
    undone(imported("dimensions", TEXT, user("accountant")))

    assert told() == []


def test_a_chart_says_what_accounts_ask_for():
    company()
    text = "Code,Name,Type,Cost centre required from\n6100,Rent,expense,2026-12-01\n1200,Receivables,asset,2026-12-01\n"

    imp = imported("chart", text, user("accountant"))

    assert Account.objects.get(code="6100").cost_centre_from == date(2026, 12, 1)
    assert [row for row, _why in reasons(imp)] == [3]


def test_lines_of_vouchers_name_them_or_are_refused():
    named("S10")
    text = (
        "Voucher,Date,Text,Account,Debit,Credit,Cost centre\nA,2026-11-23,Rent,6100,5,,{}\nA,2026-11-23,Rent,1010,,5,\n"
    )

    wrong = imported("vouchers", text.format("S99"), user("accountant"))
    imported("vouchers", text.format("S10"), user("accountant"))

    assert reasons(wrong)[0][1] == [["cost_centre", "There is no cost centre “S99” in use."]]
    assert list(Voucher.objects.get().lines.values_list("cost_centre__code", flat=True)) == ["S10", None]


def test_what_comes_again_names_them_each_time():
    named("S10")
    named("P7", "project")
    alice = user("accountant", name="alice")
    lines = [line("6100", "900.01", cost_centre="S10", project="P7"), line("1010", credit="900.01")]

    recurring.write(alice, pattern(times=2, spread=True), lines, today=date(2026, 12, 31))

    assert [
        (one.debit, one.cost_centre.code, one.project.code)
        for voucher in Voucher.objects.order_by("date") for one in voucher.lines.exclude(debit=0)
    ] == [(Decimal("450.00"), "S10", "P7"), (Decimal("450.01"), "S10", "P7")]  # fmt: skip
    assert on_lines(vouchers.post(Voucher.objects.first(), alice).entry) == [("S10", "P7"), (None, None)]


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_the_books_as_plain_text_come_back_with_them(dialect):
    named("S10")
    named("P7", "project")
    post(bearing(cost_centre="S10", project="P7"))
    text = "".join(books(company(), DIALECTS[dialect]()))
    assert ('cost_centre: "S10"' if dialect == "beancount" else "cost_centre: S10, project: P7") in text
    anew = text.replace("rent:1", "")  # as if it were of other books

    imp = imported("journal", anew, user("accountant"))

    assert imp.counts == {"new": 1}
    assert on_lines(JournalEntry.objects.get(source_type="journal")) == [("S10", "P7"), (None, None)]


def test_a_file_that_names_what_is_not_here_says_its_line():
    named("S10")
    text = """2026-01-01 open Expenses:6100-Rent EUR
2026-01-02 * "Rent"
  Expenses:6100-Rent  900.00 EUR
    cost_centre: "S99"
  Assets:1010-Bank
"""

    imp = imported("journal", text, user("accountant"), name="books.beancount")

    assert reasons(imp) == [(2, [["cost_centre", "Line 3: There is no cost centre “S99” in use."]])]
