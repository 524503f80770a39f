"""The pages of invoices."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from base.ids import uuid7
from erp.banking import services as banking
from erp.invoices import panels, services
from erp.invoices.models import Invoice
from tests.erp.invoices.makers import invoice_of, reported, ship, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, customer, make_order, offer

D = Decimal
pytestmark = pytest.mark.django_db


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def money(amount, **more):
    facts = {"amount": amount, "date": TODAY.isoformat(), "method": "bank", "reference": "SWIFT 9"}
    return {**facts, "idempotency_key": str(uuid7()), **more}


def test_the_accountant_issues_from_the_waiting_list_once_however_often_it_is_clicked():
    order = shipped_order(("CHAI", "5", "20.00"))
    page, form = browser("accountant"), {"idempotency_key": str(uuid7())}

    waits = page.get("/invoices/waiting/").content.decode()
    answers = [page.post(f"/invoices/issue/{order.pk}/", form) for _again in range(2)]

    invoice = Invoice.objects.get()
    assert order.number in waits
    assert {answer["Location"] for answer in answers} == {f"/invoices/{invoice.pk}/"}
    assert "All that left is invoiced" in page.get("/invoices/waiting/").content.decode()
    again = page.post(f"/invoices/issue/{order.pk}/", {}, follow=True)
    assert "Nothing of" in again.content.decode()


def test_many_orders_are_invoiced_at_once_and_who_may_not_is_not_asked():
    orders = [shipped_order((sku, "5", "20.00"), customer=customer(sku)) for sku in ("CHAI", "SOAP")]
    page = browser("accountant")
    asked = {"all": "1", "state": ""}

    refused = browser("auditor").post("/lists/to_invoice/bulk/issue/", asked)
    offered = page.get("/invoices/waiting/").content.decode()
    done = page.post("/lists/to_invoice/bulk/issue/", {**asked, "told": "1"})

    assert refused.status_code == 403
    assert "/lists/to_invoice/bulk/issue/" in offered
    assert done.status_code == 302
    assert set(Invoice.objects.values_list("order", flat=True)) == {order.pk for order in orders}


def test_the_document_shows_lines_tax_deposits_and_what_is_to_pay():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"), customer=customer("Ernst Handel"))
    banking.book_deposit(banking.report_deposit(reported(order, "50.00")), D("50.00"), TODAY)
    ship(order)
    invoice = services.issue(order, date=TODAY)

    shown = browser("accountant").get(f"/invoices/{invoice.pk}/").content.decode()

    for text in ("Ernst Handel", invoice.number, "CHAI", "100.00", "−42.02", "−7.98", "11.02", "69.00", "D-000001"):
        assert text in shown, text
    assert invoice.entry.number in shown


def test_money_is_taken_at_the_invoice_once():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    page, path, form = browser("accountant"), f"/invoices/{invoice.pk}/", money("19.00")

    answers = [page.post(f"{path}payment/", form) for _again in range(2)]

    assert [answer["Location"] for answer in answers] == [path, path]
    assert Invoice.objects.select_related("item").get().open_amount == 100
    shown = page.get(path).content.decode()
    assert ('value="100.00"' in shown, "RC-" in shown) == (True, True)


def test_too_much_is_refused_at_the_amount_and_what_was_typed_stays():
    invoice = invoice_of(("CHAI", "5", "20.00"))

    answer = browser("accountant").post(f"/invoices/{invoice.pk}/payment/", money("119.01"))

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "119.01 is more" in shown
    assert ('value="119.01"' in shown, "SWIFT 9" in shown) == (True, True)


def test_a_credit_is_paid_back_from_its_page():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, invoice.payable, TODAY)
    note = services.credit(invoice.order, [(invoice.order.lines.get(), D(2))], "Broken glass", date=TODAY)
    page, path = browser("accountant"), f"/invoices/{note.pk}/"
    form = {"date": TODAY.isoformat(), "idempotency_key": str(uuid7())}

    before = page.get(path).content.decode()
    answers = [page.post(f"{path}refund/", form) for _again in range(2)]

    assert ("Broken glass" in before, "were not set off" in before, f"of {invoice.number}" in before) == (True,) * 3
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Invoice.objects.credit_notes().select_related("item").get().open_amount == 0
    assert note.number in page.get(f"/invoices/{invoice.pk}/").content.decode()


def test_the_list_is_filtered_and_sums_the_whole_of_it():
    first = invoice_of(("CHAI", "5", "20.00"), customer=customer("Ernst Handel"))
    second = invoice_of(("SOAP", "1", "10.00"), customer=customer("Blauer See"))
    services.take_payment(first, first.payable, TODAY)
    page = browser("order_desk")

    def shown(query):
        text = page.get(f"/invoices/?{query}").content.decode()
        return [first.number in text, second.number in text]

    assert "130.90" in page.get("/invoices/").content.decode()
    assert shown("q=ernst") == shown("status=paid") == shown(f"q={first.order.number}") == [True, False]
    assert shown("status=unsettled") == shown("status=open&kind=invoice") == [False, True]
    assert shown("status=overdue") == shown("kind=credit_note") == shown("end=2026-01-01") == [False, False]
    assert shown("start=nonsense") == [True, True]


def test_aging_shows_who_owes_what_and_that_the_books_agree():
    invoice = invoice_of(("CHAI", "5", "20.00"), customer=customer("Ernst Handel"))
    page = browser("auditor")

    now = page.get("/invoices/aging/").content.decode()
    later = page.get("/invoices/aging/?as_of=2027-02-15").content.decode()
    before = page.get("/invoices/aging/?as_of=2026-01-01").content.decode()

    assert ("Ernst Handel" in now, "119.00" in now, "agrees with the books" in now) == (True,) * 3
    assert invoice.party.code in later
    assert "Nobody owed anything" in before


def test_aging_can_be_taken_away():
    code = invoice_of(("CHAI", "5", "20.00"), customer=customer("Ernst Handel")).party.code
    page = browser("auditor")

    sheet = b"".join(page.get("/invoices/aging/?format=csv").streaming_content).decode("utf-8-sig").splitlines()
    paper = b"".join(page.get("/invoices/aging/?format=pdf").streaming_content)
    text = PdfReader(BytesIO(paper)).pages[0].extract_text()

    assert sheet[1:] == [
        f"{code},Ernst Handel,119.00,0.00,0.00,0.00,0.00,119.00",
        ",Sum,119.00,0.00,0.00,0.00,0.00,119.00",
    ]
    assert re.search(rf"{code}\s*Ernst Handel\s+119\.00", text)
    assert page.get("/invoices/aging/?format=odt").status_code == 422


@pytest.mark.parametrize(
    ("role", "reads", "writes", "ages"),
    [("accountant", 200, 302, 200), ("admin", 200, 302, 200), ("auditor", 200, 403, 200),
     ("order_desk", 200, 403, 403), ("warehouse", 403, 403, 403)],
)  # fmt: skip
def test_who_may_look_and_who_may_issue(role, reads, writes, ages):
    invoice = invoice_of(("CHAI", "5", "20.00"))
    waits = shipped_order(("SOAP", "1", "10.00"))
    page = browser(role)

    for path in ("/invoices/", "/invoices/waiting/", f"/invoices/{invoice.pk}/"):
        assert page.get(path).status_code == reads
    assert page.get("/invoices/aging/").status_code == ages
    assert page.post(f"/invoices/issue/{waits.pk}/").status_code == writes


def test_the_order_page_offers_to_issue_what_was_shipped(rf):
    order = shipped_order(("CHAI", "5", "20.00"))
    request = rf.get("/")
    request.user = user("accountant")

    offered = panels.issue(request, order)
    invoice = services.issue(order, date=TODAY)

    assert offered is not None
    assert (offered.url, offered.post) == (f"/invoices/issue/{order.pk}/", True)
    assert panels.issue(request, order) is None
    assert invoice.number in panels.invoices_of_order(request, order)
    assert invoice.number in panels.open_items_of_party(request, order.party)
    request.user = user("warehouse")
    assert panels.invoices_of_order(request, order) == ""


@pytest.mark.parametrize("path", ["/invoices/", "/invoices/aging/", "/invoices/waiting/"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(path, django_assert_max_num_queries):
    page = browser("accountant")
    make = shipped_order if path == "/invoices/waiting/" else invoice_of
    make(("CHAI", "5", "20.00"))
    page.get(path)
    with django_assert_max_num_queries(8) as one:
        page.get(path)

    for sku in ("SOAP", "TOFU"):
        make((sku, "5", "20.00"), customer=customer(sku))
    with django_assert_max_num_queries(8) as three:
        page.get(path)

    assert len(one) == len(three)
