"""An invoice in instalments: one document and one open item, judged day by day as its parts are due."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.einvoice import reading
from erp.einvoice import services as einvoice
from erp.invoices import electronic, reports, services, statement
from erp.invoices.models import Instalment, Invoice
from erp.parties.services import class_party, open_party
from erp.terms.schedule import Step
from integration.contracts.invoices import InvoiceIssued
from tests.erp.currencies.makers import dollars
from tests.erp.invoices.makers import invoice_of, reported, ship, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, customer, make_order
from tests.erp.proof.test_proof import missed_of
from tests.erp.rates.makers import rate
from tests.erp.terms.makers import terms, written
from tests.helpers import emitted

D = Decimal
SECOND = TODAY + timedelta(days=30)
pytestmark = pytest.mark.django_db


def on(days: int):
    return TODAY + timedelta(days=days)


def halves(code: str = "HALF", *lines) -> Invoice:
    """1,000 and 19 % tax: a half at once, the other one in 30 days."""
    order = shipped_order(*(lines or [("CHAI", "50", "20.00")]))
    class_party(order.party, payment_terms=terms(code))
    return services.issue(order, date=TODAY)


def told(invoice: Invoice) -> list[tuple[object, Decimal, Decimal]]:
    fresh = Invoice.objects.select_related("item").get(pk=invoice.pk)
    return [(one.due, one.amount, one.open_amount) for one in fresh.instalments.all()]


def bands(day) -> list[Decimal]:
    (row,) = reports.aging(day)
    return row.bands


def test_the_plan_is_made_with_the_invoice_and_its_first_day_is_the_due_day():
    invoice = halves()

    assert told(invoice) == [(TODAY, D("595.00"), D("595.00")), (SECOND, D("595.00"), D("595.00"))]
    assert (invoice.due, invoice.payable, invoice.open_amount) == (TODAY, D("1190.00"), D("1190.00"))
    assert [fact.due_on for fact in emitted(InvoiceIssued)] == [TODAY]


def test_one_day_makes_no_instalments():
    order = shipped_order(("CHAI", "5", "20.00"))
    class_party(order.party, payment_terms=terms("EOM30"))

    invoice = services.issue(order, date=TODAY)

    assert (invoice.due.isoformat(), Instalment.objects.count()) == ("2026-12-30", 0)


def test_aging_puts_each_instalment_where_it_belongs_on_any_day():
    invoice = halves()
    services.take_payment(invoice, D("700.00"), on(2))

    assert bands(TODAY) == [D("1190.00"), 0, 0, 0, 0]
    assert bands(on(1)) == [D("595.00"), D("595.00"), 0, 0, 0]
    assert bands(on(2)) == [D("490.00"), 0, 0, 0, 0]
    assert bands(on(31)) == [0, D("490.00"), 0, 0, 0]
    assert bands(on(90)) == [0, 0, D("490.00"), 0, 0]
    assert told(invoice) == [(TODAY, D("595.00"), D("0.00")), (SECOND, D("595.00"), D("490.00"))]
    assert reports.receivables_check() == reports.Check(D("490.00"), D("490.00"))


def test_the_statement_lists_what_is_open_of_each():
    invoice = halves()
    services.take_payment(invoice, D("100.00"), on(3))

    first = statement.statement(invoice.party, TODAY, on(3))
    last = statement.statement(invoice.party, TODAY, on(31))

    assert [(one.due, one.amount, one.days_late) for one in first.open_items] == [
        (TODAY, D("495.00"), 3),
        (SECOND, D("595.00"), 0),
    ]
    assert first.open_items[1].what.endswith("instalment 2 of 2")
    assert (first.overdue, last.overdue, first.difference, last.difference) == (D("495.00"), D("1090.00"), 0, 0)


def test_it_is_overdue_as_long_as_an_instalment_is():
    invoice = halves()

    def late(day):
        return [one.next_due for one in Invoice.objects.overdue(day)]

    assert (late(TODAY), late(on(1))) == ([], [TODAY])
    services.take_payment(invoice, D("595.00"), on(1))
    assert (late(on(1)), late(on(30)), late(on(31))) == ([], [], [SECOND])
    assert Invoice.objects.for_list().get().next_due == Invoice.objects.get().next_due == SECOND
    services.take_payment(Invoice.objects.get(), D("595.00"), on(1))
    assert late(on(400)) == []


def test_a_credit_note_takes_off_what_is_due_first():
    invoice = halves()
    services.credit(invoice.order, [(invoice.order.lines.get(), D(10))], "Broken", date=on(1))

    assert told(invoice) == [(TODAY, D("595.00"), D("357.00")), (SECOND, D("595.00"), D("595.00"))]
    assert bands(on(1)) == [D("595.00"), D("357.00"), 0, 0, 0]
    assert Invoice.objects.credit_notes().get().instalments.count() == 0


def test_deposits_are_taken_off_before_it_is_shared_out():
    from erp.banking import services as banking

    order = make_order_of_tea()
    class_party(order.party, payment_terms=terms("THIRDS"))
    deposit = banking.report_deposit(reported(order, "119.00"))
    banking.book_deposit(deposit, D("119.00"), TODAY)
    ship(order)

    invoice = services.issue(order, date=TODAY)

    assert [amount for _due, amount, _open in told(invoice)] == [D("357.00"), D("357.00"), D("357.00")]


def make_order_of_tea():
    from tests.erp.orders.makers import offer

    offer("CHAI", "20.00", tax_class="standard")
    return make_order(("CHAI", "50", "20.00"))


def test_foreign_instalments_are_worth_their_part_in_the_books():
    company()
    who = customer()
    class_party(open_party(who), payment_terms=terms("HALF"))
    invoice = dollars(customer=who)

    assert told(invoice) == [(TODAY, D("59.50"), D("59.50")), (SECOND, D("59.50"), D("59.50"))]
    assert bands(on(1)) == [D("53.55"), D("53.55"), 0, 0, 0]
    rate("0.90", on(1))
    services.take_payment(invoice, D("20.00"), on(1), booked=D("18.00"))
    assert bands(on(1)) == [D("53.55"), D("35.55"), 0, 0, 0]
    assert bands(TODAY) == [D("107.10"), 0, 0, 0, 0]
    shown = statement.statement(invoice.party, TODAY, on(1))
    assert [one.amount for one in shown.open_items] == [D("35.55"), D("53.55")]
    assert "39.50 USD" in shown.open_items[0].what
    assert shown.difference == 0


def test_the_document_tells_the_plan_in_words():
    invoice = halves()
    document = electronic.document_of(invoice)

    with translation.override("zh-hans"):
        chinese = electronic.plan_told(invoice, invoice.instalments.all())

    words = "To be paid in 2 instalments: 595.00 EUR by 2026-11-23; 595.00 EUR by 2026-12-23."
    assert (document.due_date, document.payment_terms) == (TODAY, words)
    assert "2026-12-23" in chinese
    assert chinese != words
    for syntax in ("ubl", "cii"):
        assert reading.read(einvoice.write(document, syntax)).invoice.payment_terms == words
    assert electronic.document_of(invoice_of(("SOAP", "1", "5.00"))).payment_terms == ""


def test_page_list_desk_and_api_tell_it():
    invoice = halves()
    services.take_payment(invoice, D("595.00"), TODAY)
    page, api = Client(), APIClient()
    page.force_login(user("accountant"))
    api.force_authenticate(user("accountant"))

    shown = page.get(f"/invoices/{invoice.pk}/").content.decode()
    answer = api.get(f"/api/v1/invoices/{invoice.pk}/").json()

    assert 'id="plan"' in shown
    assert [(one["due"], one["open_amount"]) for one in answer["instalments"]] == [
        ("2026-11-23", "0.00"),
        ("2026-12-23", "595.00"),
    ]
    assert (answer["due"], answer["next_due"]) == ("2026-11-23", "2026-12-23")
    (row,) = api.get("/api/v1/invoices/?status=unsettled").json()["results"]
    assert row["next_due"] == "2026-12-23"
    assert page.get("/invoices/?status=overdue").status_code == page.get("/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_nobody_changes_a_plan(as_owner):
    halves()
    for statement_ in (
        "UPDATE invoices_instalment SET amount = amount + 1",
        "DELETE FROM invoices_instalment",
        "TRUNCATE invoices_instalment",
        "INSERT INTO invoices_instalment (id, invoice_id, position, due, amount, until)"
        " SELECT uuidv7(), id, 3, due + 60, 1, payable + 1 FROM invoices_invoice",
    ):
        with pytest.raises(psycopg.Error) as refused:
            as_owner.execute(statement_)
        assert refused.value.sqlstate in {"HM010", "HM071"}, statement_


@pytest.mark.parametrize(
    "parts",
    [
        [(0, "595.00", "595.00"), (30, "594.99", "1189.99")],
        [(0, "595.00", "595.00"), (30, "595.00", "1190.01")],
        [(0, "600.00", "600.00"), (30, "590.00", "1189.00")],
        [(5, "595.00", "595.00"), (5, "595.00", "1190.00")],
        [(0, "1190.01", "1190.01"), (30, "-0.01", "1190.00")],
    ],
)
def test_the_database_refuses_a_plan_that_is_not_the_document(parts):
    body = told_of_another()
    issue_by_sql(body)  # as it is it would be taken
    wrong = [
        {**body["instalments"][0], "position": position, "due": str(on(days)), "amount": amount, "until": until}
        for position, (days, amount, until) in enumerate(parts, 1)
    ]

    with pytest.raises(DatabaseError) as refused:
        issue_by_sql({**body, "instalments": wrong})

    assert refused.value.__cause__.sqlstate in {"HM141", "23514"}
    connection.set_rollback(False)


def told_of_another() -> dict[str, Any]:
    """What the function was told of an invoice in halves, as if it were to issue the like once more."""
    with CaptureQueriesContext(connection) as asked:
        halves()
    (statement_,) = (one["sql"] for one in asked if "invoice_issue" in one["sql"])
    found = re.search(r"invoice_issue\('(.*)'::jsonb\)", statement_, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1].replace("''", "'"))
    return told


def issue_by_sql(body: dict[str, Any]) -> None:
    """The same with keys of its own; its goods are invoiced already."""
    key, part = str(uuid7()), Invoice.objects.count() + 1
    invoice = {**body["invoice"], "id": key, "part": part, "key": None, "digest": key}
    parts = [{**row, "id": str(uuid7()), "invoice_id": key} for row in body["instalments"]]
    told = {"invoice": invoice, "lines": [], "instalments": parts}
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.invoice_issue(%s::jsonb)", [json.dumps(told)])


def test_shares_that_come_to_nothing_are_left_out():
    order = shipped_order(("CHAI", "1", "0.01"))
    class_party(order.party, payment_terms=written("TINY", Step(D(10), 5), Step(None, 20)))

    invoice = services.issue(order, date=TODAY)

    assert (invoice.payable, invoice.due, told(invoice)) == (D("0.01"), on(20), [])


@pytest.mark.parametrize(
    ("open_amount", "worth"), [("1190.00", "1190.00"), ("700.00", "631.17"), ("0.01", "0.01"), ("0.00", "0.00")]
)
def test_the_database_shares_out_what_is_open_as_we_do(open_amount, worth):
    invoice = halves("THIRDS")
    invoice.open_then, invoice.worth_then, invoice.rate = D(open_amount), D(worth), D(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.position, public.instalment_open(n.until, n.amount, %s, %s, %s, 2) FROM invoices_instalment n"
            " ORDER BY n.position",
            [invoice.payable, D(open_amount), D(worth)],
        )
        asked = [(position, amount) for position, amount in cursor.fetchall() if amount]

    parts = reports.parts_then(invoice) if D(open_amount) else []
    assert [(one.instalment.position, one.worth_then) for one in parts] == asked
    assert sum(amount for _position, amount in asked) == D(worth)


@pytest.mark.django_db(transaction=True)
def test_the_proof_finds_a_plan_that_is_not_its_document():
    halves()

    assert missed_of({
        "I10 instalments": ["UPDATE invoices_instalment SET amount = amount - 1 WHERE position = 2"],
    }) == []  # fmt: skip
    assert missed_of({"I10 instalments": ["UPDATE invoices_instalment SET due = due + 1 WHERE position = 1"]}) == []
