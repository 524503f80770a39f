"""Statements tie, to each other and to every line; each figure leads to its accounts."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader
from rest_framework.test import APIClient

from base.refusals import BadInput, Refused
from erp.ledger import sealing
from erp.ledger.models import JournalLine
from erp.ledger.services import post, save_account
from erp.statements import services
from erp.statements.expressions import Accounts, read_terms
from erp.statements.models import Layout
from tests.erp.ledger.makers import TODAY, line, rent, sale
from tests.erp.makers import company, user
from tests.helpers import page_queries

D = Decimal


@pytest.fixture
def books(db):
    """Two years: capital, sales, rent, each in both."""
    made = company()
    services.seed(made)
    capital = [line("bank", "5000"), line("3000", credit="5000")]
    post(rent(key="capital", text="Capital", date=date(2025, 1, 2), lines=capital))
    for year in (2025, 2026):
        post(sale("1190.00", f"sale:{year}", date=date(year, 3, 1)))
        post(rent("300.00", f"rent:{year}", date=date(year, 3, 31)))
    post(rent("50.00", "rent:now", date=TODAY))
    return made


def drawn(made, code, end=TODAY, **asked):
    layout = services.layout(made, code)
    known = asked.pop("known", None)
    return services.draw_up(layout, services.columns(layout, end, **asked), known)


def test_the_balance_sheet_ties_and_contains_the_result(books):
    found = drawn(books, "balance-sheet")

    assert found.broken == found.left_out == []
    assert found.figure("AS").amounts == found.figure("LE").amounts == [D("6730.00")]
    both_years = drawn(books, "profit-and-loss", start=date(2025, 1, 1)).figure("NI").amounts
    assert found.figure("E2").amounts == both_years == [D("1692.00")]


def test_the_figures_are_those_of_all_lines(books):
    sealing.fold()
    post(rent("1.00", "behind the mark"))
    lines = JournalLine.objects.filter(account__type="expense", date__year=2026)

    found = drawn(books, "profit-and-loss")

    assert found.figure("OS").amounts == [lines.aggregate(all=Sum("debit"))["all"]]
    assert [(one.account.code, one.amounts) for one in found.figure("O2").accounts] == [("6100", [D("351.00")])]


def test_beside_the_year_and_the_span_before(books):
    by_year = drawn(books, "profit-and-loss", end=date(2026, 3, 31), compare="year")
    assert [(one.start, one.end) for one in by_year.columns] == [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2025, 1, 1), date(2025, 3, 31)),
    ]
    assert by_year.figure("NI").amounts == [D("871.00"), D("871.00")]
    by_span = drawn(books, "profit-and-loss", start=date(2026, 3, 1), end=date(2026, 3, 31), compare="span")
    assert (by_span.columns[1].start, by_span.columns[1].end) == (date(2026, 2, 1), date(2026, 2, 28))
    assert by_span.figure("NI").amounts == [D("871.00"), D("0.00")]
    odd = drawn(books, "profit-and-loss", start=date(2026, 3, 10), end=date(2026, 3, 19), compare="span")
    assert (odd.columns[1].start, odd.columns[1].end) == (date(2026, 2, 28), date(2026, 3, 9))
    leap = services.columns(odd.layout, date(2024, 2, 29), compare="year")
    assert leap[1].end == date(2023, 2, 28)


def test_as_it_was_known_then(books):
    known = post(rent("10.00", "late", date=date(2025, 5, 1))).posted_at
    post(rent("20.00", "later", date=date(2025, 5, 1)))

    assert drawn(books, "profit-and-loss", end=date(2025, 12, 31)).figure("O2").amounts == [D("330.00")]
    assert drawn(books, "profit-and-loss", end=date(2025, 12, 31), known=known).figure("O2").amounts == [D("310.00")]


def test_an_account_that_no_row_counts_is_named(books):
    from erp.ledger.models import Account

    heading = Account.objects.get(code="6")
    odd = Account(company=books, code="9999", name="Elsewhere", type="expense", parent=heading)
    save_account(odd, user("accountant"))
    post(rent("7.00", "odd", lines=[line("9999", "7.00"), line("bank", credit="7.00")]))

    assert [one.account.code for one in drawn(books, "profit-and-loss").left_out] == ["9999"]
    assert drawn(books, "balance-sheet").broken == []


def test_a_sheet_that_does_not_tie_says_so(books):
    layout = services.layout(books, "balance-sheet")
    layout.rows.filter(code="L3").update(counts="23")

    found = drawn(books, "balance-sheet")

    assert [one.row.code for one in found.broken] == ["X"]
    assert [one.account.code for one in found.left_out] == ["2200"]


@pytest.mark.parametrize("text", ["", "10-9", "10-199", "1,,2", "1;2", "!", "10 - 12 - 14", "'"])
def test_accounts_that_make_no_sense_are_refused(text):
    with pytest.raises(BadInput):
        Accounts.read(text)


@pytest.mark.parametrize("text", ["", "A +", "A B", "a", "A * B", "1", "+"])
def test_sums_that_make_no_sense_are_refused(text):
    with pytest.raises(BadInput):
        read_terms(text)


def test_a_layout_half_understood_changes_nothing(books):
    layout = services.layout(books, "balance-sheet")
    before = list(layout.rows.values_list("code", flat=True))
    row = {"kind": "sum", "name": "x", "name_zh": "", "credit": False, "level": 0}

    with pytest.raises(Refused):
        services.replace_rows(layout, [{**row, "code": "A", "counts": "B"}])

    assert list(layout.rows.values_list("code", flat=True)) == before


def test_seeding_again_changes_nothing(books):
    layout = services.layout(books, "balance-sheet")
    layout.rows.filter(code="A1").update(name="Ours")
    out = StringIO()

    call_command("seed_statements", stdout=out)

    assert Layout.objects.count() == 2
    assert layout.rows.get(code="A1").name == "Ours"


def accountant():
    client = Client()
    client.force_login(user("accountant"))
    return client


def test_the_page_leads_to_accounts_and_lines(books):
    client = accountant()

    page = client.get("/statements/", follow=True).content.decode()
    assert "/statements/balance-sheet/A1/" in page
    row = client.get("/statements/profit-and-loss/O2/?start=2026-01-01&end=2026-11-30").content.decode()

    assert "/ledger/accounts/6100/?start=2026-01-01&amp;end=2026-11-30" in row


def test_the_page_takes_few_queries_however_many_rows(books, django_assert_max_num_queries):
    client = accountant()
    client.get("/statements/balance-sheet/")

    with django_assert_max_num_queries(page_queries(7)):
        client.get("/statements/balance-sheet/?compare=year")


@pytest.mark.parametrize("asked", ["end=never", "start=2026-12-01&end=2026-01-01", "compare=moon", "known=x"])
def test_a_question_that_makes_no_sense_is_answered_at_its_field(books, asked):
    answer = accountant().get(f"/statements/profit-and-loss/?{asked}")

    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_as_a_file(books):
    client = accountant()

    lines = b"".join(client.get("/statements/profit-and-loss/?format=csv")).decode().splitlines()
    assert any(line.startswith("O2,6100,Rent,350") for line in lines)
    book = b"".join(client.get("/statements/profit-and-loss/?format=xlsx"))
    rows = list(load_workbook(BytesIO(book)).active.iter_rows(values_only=True))
    assert [row[2:4] for row in rows if row[0] == "NI"] == [("Result", 821)]
    page = PdfReader(BytesIO(b"".join(client.get("/statements/profit-and-loss/?format=pdf")))).pages[0].extract_text()
    assert re.search(r"Result\s+821\.00", page)
    assert re.search(r"6100\s*Rent\s+350\.00", page)
    assert client.get("/statements/profit-and-loss/?format=odt").status_code == 422


def test_over_rest(books):
    client = APIClient()
    client.force_authenticate(user("auditor"))

    told = client.get("/api/v1/ledger/statements/balance-sheet/figures/?end=2026-11-23&compare=year").json()

    assert [column["end"] for column in told["columns"]] == ["2026-11-23", "2025-11-23"]
    assert next(one["amounts"] for one in told["figures"] if one["row"] == "AS") == ["6730.00", "5890.00"]
    assert client.get("/api/v1/ledger/statements/no/figures/").status_code == 404
    assert client.get("/api/v1/ledger/statements/balance-sheet/figures/?end=x").status_code in (400, 422)


def test_who_keeps_no_books_sees_none(books):
    client = Client()
    client.force_login(user("warehouse"))

    assert client.get("/statements/balance-sheet/").status_code == 403
