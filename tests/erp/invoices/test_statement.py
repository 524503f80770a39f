"""A customer's statement is the books' own lines; what is open at its end comes to what stands there."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from base.refusals import BadInput
from erp.invoices import services, statement
from erp.ledger.reports import account_balance
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY

D = Decimal
pytestmark = pytest.mark.django_db
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def busy():
    """An invoice of 119.00; 19.00 paid; then a credit note of 23.80 and 90.00 paid, 13.80 of it too much."""
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, D("19.00"), TODAY)
    services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TOMORROW)
    services.take_payment(invoice, D("90.00"), TOMORROW, by=user("accountant"), keep_rest=True)
    return invoice


def test_opening_movements_and_closing_are_the_books(busy):
    first = statement.statement(busy.party, TODAY, TODAY)
    second = statement.statement(busy.party, TOMORROW, TOMORROW)

    assert [(one.debit, one.credit, one.balance) for one in first.movements] == [
        (D("119.00"), D(0), D("119.00")),
        (D(0), D("19.00"), D("100.00")),
    ]
    assert (first.opening, first.closing, second.opening, second.closing) == (D(0), D(100), D(100), D("-13.80"))
    assert second.closing == account_balance("receivable", busy.party.code)
    assert statement.statement(busy.party, YESTERDAY, YESTERDAY).movements == []


def test_what_is_open_comes_to_the_closing_balance_on_every_day(busy):
    told = [statement.statement(busy.party, TODAY, day) for day in (TODAY, TOMORROW, busy.due + timedelta(days=5))]

    assert [one.difference for one in told] == [0, 0, 0]
    assert [(one.amount, one.days_late) for one in told[0].open_items] == [(D("100.00"), 0)]
    assert [one.amount for one in told[1].open_items] == [D("-13.80")]
    assert [one.overdue for one in told] == [0, 0, 0]


def test_days_late_are_counted_from_the_due_date():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    told = statement.statement(invoice.party, TODAY, invoice.due + timedelta(days=5))

    assert [(one.amount, one.days_late) for one in told.open_items] == [(D("119.00"), 5)]
    assert told.overdue == D("119.00")


def test_a_span_ends_after_it_begins(busy):
    with pytest.raises(BadInput, match="The span ends before it begins"):
        statement.statement(busy.party, TOMORROW, TODAY)


def test_the_page_and_its_files_say_the_same(busy):
    client, stranger = Client(), Client()
    client.force_login(user("accountant", name="anna"))
    stranger.force_login(user("warehouse"))
    url, span = f"/invoices/statement/{busy.party.pk}/", f"?start={TODAY}&end={TOMORROW}"

    page = client.get(url + span).content.decode()
    book = load_workbook(io.BytesIO(client.get(f"{url}xlsx/{span}").content)).active
    printed = client.get(f"{url}pdf/{span}&language=zh-hans")

    assert "agrees with the books" in page
    assert page.count(f'href="{busy.get_absolute_url()}"') >= 1
    rows = [list(row) for row in book.iter_rows(values_only=True)]
    assert [row[6] for row in rows[1:-2]] == [0, 119, 100, 76.2, -13.8, -13.8]
    assert [row[2] for row in rows if row[2] in ("Opening balance", "Closing balance")] == [
        "Opening balance", "Closing balance",
    ]  # fmt: skip
    assert next(row[6] for row in rows if row[2] == "Closing balance") == -13.8
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(printed.content)).pages)
    assert "对账单" in text
    assert "13.80" in text
    assert printed["Content-Disposition"] == f'attachment; filename="{busy.party.code}-{TOMORROW}.pdf"'
    assert client.get(f"{url}?start=2026-02-01&end=2026-01-01").status_code == 422
    assert client.get(f"{url}xlsx/?start=2026-02-01&end=2026-01-01").status_code == 422
    assert client.get(f"{url}?start=soon").status_code == 422
    assert client.get(f"{url}doc/").status_code == 404
    assert [stranger.get(url).status_code, stranger.get(f"{url}pdf/").status_code] == [403, 403]


def test_the_api_tells_it_too(busy):
    client = Client()
    client.force_login(user("auditor"))

    told = client.get(f"/api/v1/receivables/statement/?party={busy.party.pk}&start={TODAY}&end={TODAY}").json()
    bad = client.get(f"/api/v1/receivables/statement/?party={busy.party.pk}&start={TOMORROW}&end={TODAY}")
    nobody = client.get("/api/v1/receivables/statement/?party=00000000-0000-7000-8000-000000000000")

    assert (told["opening"], told["closing"], told["difference"]) == ("0.00", "100.00", "0.00")
    assert [one["balance"] for one in told["movements"]] == ["119.00", "100.00"]
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "end")
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "party")


def test_the_customers_page_leads_there(busy):
    client = Client()
    client.force_login(user("accountant", name="anna"))

    assert f"/invoices/statement/{busy.party.pk}/" in client.get(busy.party.get_absolute_url()).content.decode()
