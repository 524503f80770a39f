"""Invoices: issued once, with the tax of the day, deposits taken off; paid, credited, refunded to the cent."""

import doctest
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from base.refusals import BadInput
from erp.banking import services as banking
from erp.banking.models import Deposit, Receipt
from erp.invoices import drafting, refusals, services
from erp.invoices.models import Allocation, Invoice, InvoiceLine
from erp.ledger.models import JournalEntry
from erp.ledger.reports import account_balance, trial_balance
from erp.orders.models import Order
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderCompleted
from tests.erp.invoices.makers import booked, invoice_of, reported, ship, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.helpers import emitted

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_books_are_sound_after_each_test(db):
    yield
    connection.check_constraints()
    assert trial_balance(company(), date(2027, 12, 31)).difference == 0
    owed = sum((i.item.open_amount * (-1 if i.is_credit_note else 1) for i in Invoice.objects.all()), D("0.00"))
    assert owed == account_balance("receivable")


def lines(invoice):
    return list(invoice.lines.values_list("kind", "sku", "quantity", "net", "tax_class", "rate", "tax"))


def test_the_arithmetic_says_what_it_does():
    assert doctest.testmod(drafting).failed == 0


def test_everything_shipped_is_invoiced_with_the_freight_and_told_to_the_sales_side():
    offer("CHAI", "18.00", tax_class="reduced")
    order = shipped_order(("SOAP", "3", "9.99"), freight=D("12.50"))
    order = shipped_order(("CHANG", "2", "19.00"), ("TOFU", "3", "23.25"), freight=D("12.50"), tax_class="reduced")

    invoice = services.issue(order, user("accountant"), date=TODAY)

    assert (invoice.number, invoice.part, invoice.status) == ("INV-2026-000001", 1, "open")
    assert lines(invoice) == [
        ("goods", "CHANG", 2, D("38.00"), "reduced", D("0.07"), D("2.66")),
        ("goods", "TOFU", 3, D("69.75"), "reduced", D("0.07"), D("4.88")),
        ("freight", "", 1, D("12.50"), "standard", D("0.19"), D("2.38")),
    ]
    assert (invoice.net, invoice.tax, invoice.gross) == (D("120.25"), D("9.92"), D("130.17"))
    assert (invoice.due, invoice.issued_by) == (TODAY + timedelta(days=30), "accountant")
    assert booked(invoice.entry) == [
        ("receivable", D("130.17")),
        ("freight_income", D("-12.50")),
        ("sales", D("-107.75")),
        ("vat_output", D("-7.54")),
        ("vat_output", D("-2.38")),
    ]
    assert emitted(InvoiceIssued) == [
        InvoiceIssued(
            order=order.pk,
            deal=order.deal,
            customer=order.party.customer,
            currency="EUR",
            invoice=invoice.pk,
            number="INV-2026-000001",
            issued_on=TODAY,
            due_on=invoice.due,
            net=D("120.25"),
            tax=D("9.92"),
            gross=D("130.17"),
            deposits_used=D("0.00"),
        )
    ]
    assert [line.quantity_to_invoice for line in order.lines.all()] == [0, 0]


def test_the_document_keeps_its_addressee():
    invoice = invoice_of()

    assert invoice.addressee == {
        "code": invoice.party.code,
        "name": "Alfreds Futterkiste",
        "tax_id": "",
        "address": [],
    }


def test_a_second_issue_finds_nothing_and_the_same_key_gets_the_same_invoice():
    order = shipped_order(("CHAI", "5", "20.00"))
    first = services.issue(order, date=TODAY, key="k1")

    assert services.issue(order, date=TODAY, key="k1") == first
    with pytest.raises(refusals.NothingToInvoice):
        services.issue(order, date=TODAY)
    assert (Invoice.objects.count(), JournalEntry.objects.filter(source_type="invoice").count()) == (1, 1)


def test_nothing_is_invoiced_before_it_is_shipped():
    offer("CHAI", "20.00")

    with pytest.raises(refusals.NothingToInvoice):
        services.issue(make_order(("CHAI", "5", "20.00")), date=TODAY)


def test_parts_add_up_to_the_promise_to_the_cent_and_freight_comes_once():
    offer("CHAI", "3.333", tax_class="standard")
    order = make_order(("CHAI", "3", "3.333"), freight=D("5.00"))
    parts = []
    for _part in range(3):
        ship(order, CHAI="1")
        parts.append(services.issue(order, date=TODAY))

    assert [part.net for part in parts] == [D("8.33"), D("3.34"), D("3.33")]
    assert [part.part for part in parts] == [1, 2, 3]
    assert [part.number for part in parts] == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]
    assert sum(line.net for line in InvoiceLine.objects.filter(kind="goods")) == order.net_total == D("10.00")


@pytest.mark.parametrize(
    ("day", "rate"),
    [(date(1996, 7, 4), "0.15"), (date(1998, 4, 1), "0.16"), (TODAY, "0.19")],
)
def test_the_rate_is_the_one_of_the_invoice_date(day, rate):
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"), ordered_on=day)
    ship(order, on=TODAY)

    assert services.issue(order, date=day).lines.get().rate == D(rate)


def test_dates_come_in_the_order_of_numbers_within_a_year():
    offer("CHAI", "20.00")
    first, second, third = (make_order(("CHAI", "5", "20.00")) for _order in range(3))
    for order in (first, second, third):
        ship(order)
    services.issue(first, date=TODAY)

    assert services.issue(second, date=date(2025, 12, 31)).number == "INV-2025-000001"
    with pytest.raises(refusals.DatesOutOfOrder):
        services.issue(third, date=TODAY - timedelta(days=1))


def test_a_deposit_is_taken_off_by_a_negative_line_with_its_tax():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = banking.book_deposit(banking.report_deposit(reported(order, "50.00")), D("50.00"), TODAY)
    ship(order)

    invoice = services.issue(order, date=TODAY)

    assert lines(invoice)[1] == ("deposit", "", 1, D("-42.02"), "standard", D("0.19"), D("-7.98"))
    assert (invoice.gross, invoice.deposits_used, invoice.payable) == (D("119.00"), D("50.00"), D("69.00"))
    assert booked(invoice.entry) == [
        ("receivable", D("69.00")),
        ("customer_deposits", D("42.02")),
        ("sales", D("-100.00")),
        ("vat_output", D("-11.02")),
    ]
    assert Deposit.objects.get(pk=deposit.pk).status == "consumed"
    assert account_balance("customer_deposits") == 0
    assert account_balance("vat_output") == D("-19.00")
    assert emitted(InvoiceIssued)[0].deposits_used == D("50.00")


def test_deposits_are_used_oldest_first_over_several_invoices_and_their_tax_comes_out_exact():
    offer("CHAI", "33.33", tax_class="standard")
    order = make_order(("CHAI", "3", "33.33"))
    newer = banking.book_deposit(banking.report_deposit(reported(order, "30.00")), D("30.00"), TODAY)
    older = banking.book_deposit(
        banking.report_deposit(reported(order, "50.01")), D("50.01"), TODAY - timedelta(days=9)
    )
    for _part in range(3):
        ship(order, CHAI="1")
        services.issue(order, date=TODAY)

    used = InvoiceLine.objects.filter(kind="deposit").order_by("invoice__part", "position")
    assert [(line.deposit_id, line.gross) for line in used] == [
        (older.pk, D("-39.66")),
        (older.pk, D("-10.35")),
        (newer.pk, D("-29.31")),
        (newer.pk, D("-0.69")),
    ]
    assert sum(line.tax for line in used) == -(older.tax + newer.tax)
    assert [invoice.payable for invoice in Invoice.objects.order_by("part")] == [D("0.00"), D("0.00"), D("38.97")]
    assert account_balance("customer_deposits") == 0


def test_a_deposit_taxed_higher_than_the_goods_gives_the_difference_back():
    company()
    told = reported(amount="107.00")
    deposit = banking.book_deposit(banking.report_deposit(told), D("107.00"), TODAY)
    offer("CHAI", "20.00", tax_class="reduced")
    order = make_order(("CHAI", "5", "20.00"), deal=told.deal, customer=told.customer)
    ship(order)

    invoice = services.issue(order, date=TODAY)

    assert (deposit.tax, invoice.payable, invoice.status) == (D("17.08"), D("0.00"), "paid")
    assert account_balance("vat_output") == D("-7.00")
    assert account_balance("customer_deposits") == 0


def test_an_order_whose_deposit_covers_all_is_done_when_invoiced():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    banking.book_deposit(banking.report_deposit(reported(order, "119.00")), D("119.00"), TODAY)
    ship(order)

    services.issue(order, date=TODAY)

    assert Order.objects.get().status == "completed"


def test_goods_given_away_make_an_invoice_without_an_entry():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"), discount="1")
    if order.status == "held":
        from erp.orders import services as orders

        orders.release(order, "A gift")
    ship(order)

    invoice = services.issue(order, date=TODAY)

    assert (invoice.gross, invoice.entry, invoice.status) == (D("0.00"), None, "paid")


def test_payments_settle_the_invoice_and_close_the_order():
    invoice = invoice_of(("CHAI", "5", "20.00"))

    first = services.take_payment(invoice, D("19.00"), TODAY, "bank 1", user("accountant"))
    half = Invoice.objects.select_related("item").get()
    second = services.take_payment(invoice, D("100.00"), TODAY)

    assert (half.status, half.open_amount) == ("partly_paid", D("100.00"))
    assert Invoice.objects.get().status == "paid"
    assert booked(first.entry) == [("bank", D("19.00")), ("receivable", D("-19.00"))]
    assert (first.reference, second.reference, first.recorded_by) == ("bank 1", invoice.number, "accountant")
    assert [(fact.kind, fact.amount, fact.open_amount) for fact in emitted(PaymentReceived)] == [
        ("payment", D("19.00"), D("100.00")),
        ("payment", D("100.00"), D("0.00")),
    ]
    assert Order.objects.get().status == "completed"
    assert len(emitted(OrderCompleted)) == 1


def test_more_than_is_open_is_refused_in_clear_words():
    invoice = invoice_of()

    with pytest.raises(refusals.MoreThanOpen) as refused:
        services.take_payment(invoice, D("119.01"), TODAY)

    assert str(refused.value) == (
        "INV-2026-000001 has 119.00 open, 119.01 is more. Ask what the rest is for, or keep it as credit."
    )
    assert Receipt.objects.count() == 0


def test_the_same_key_takes_the_money_once():
    invoice = invoice_of()

    first = services.take_payment(invoice, D("50.00"), TODAY, key="k")

    assert services.take_payment(invoice, D("50.00"), TODAY, key="k") == first
    assert Invoice.objects.get().open_amount == D("69.00")


def test_money_from_before_the_invoice_is_a_deposit():
    with pytest.raises(refusals.PaidBeforeInvoice):
        services.take_payment(invoice_of(), D("50.00"), TODAY - timedelta(days=1))


def test_a_credit_note_takes_goods_off_at_the_invoices_price_and_rate_and_is_set_off():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    request = uuid4()

    note = services.credit(
        invoice.order, [(invoice.order.lines.get(), D(2))], "Broken", user("accountant"), request, date=TODAY
    )

    assert (note.number, note.kind, note.gross, note.status) == ("CRN-2026-000001", "credit_note", D("47.60"), "paid")
    assert Invoice.objects.invoices().get().open_amount == D("71.40")
    assert booked(note.entry) == [("receivable", D("-47.60")), ("sales_returns", D("40.00")), ("vat_output", D("7.60"))]
    assert emitted(InvoiceCredited) == [
        InvoiceCredited(
            order=invoice.order_id,
            deal=invoice.order.deal,
            customer=invoice.party.customer,
            currency="EUR",
            credit_note=note.pk,
            number="CRN-2026-000001",
            issued_on=TODAY,
            net=D("40.00"),
            tax=D("7.60"),
            gross=D("47.60"),
            return_request=request,
        )
    ]


def test_what_was_paid_already_becomes_a_credit_that_is_refunded_once():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, D("100.00"), TODAY)
    note = services.credit(invoice.order, [(invoice.order.lines.get(), D(2))], "Broken", date=TODAY)

    assert (note.open_amount, Invoice.objects.invoices().get().open_amount) == (D("28.60"), D("0.00"))
    receipt = services.refund(note, TODAY, user("accountant"))

    assert (receipt.number[:3], receipt.amount, receipt.signed_amount) == ("RF-", D("28.60"), D("-28.60"))
    assert booked(receipt.entry) == [("bank", D("-28.60")), ("receivable", D("28.60"))]
    with pytest.raises(refusals.NothingLeftToRefund):
        services.refund(note, TODAY)


def test_credits_in_parts_come_out_at_what_was_invoiced():
    invoice = invoice_of(("CHAI", "3", "3.33"))
    line = invoice.order.lines.get()

    notes = [services.credit(invoice.order, [(line, D(1))], "Broken", date=TODAY) for _part in range(3)]

    assert sum(note.net for note in notes) == invoice.net == D("9.99")
    assert sum(note.tax for note in notes) == invoice.tax == D("1.90")
    with pytest.raises(refusals.NotInvoiced):
        services.credit(invoice.order, [(line, D(1))], "Broken", date=TODAY)


def test_goods_of_two_invoices_are_credited_from_the_oldest():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    for quantity in ("2", "3"):
        ship(order, CHAI=quantity)
        services.issue(order, date=TODAY)

    note = services.credit(order, [(order.lines.get(), D(3))], "Too many", date=TODAY)

    assert [(line.credits.invoice.part, line.quantity) for line in note.lines.all()] == [(1, 2), (2, 1)]


def test_a_credit_pays_what_is_open_and_so_may_close_the_order():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, D("95.20"), TODAY)

    services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    assert Order.objects.get().status == "completed"
    assert Allocation.objects.filter(credit__isnull=False).get().amount == D("23.80")


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "6"])
def test_what_cannot_be_credited_is_refused(quantity):
    invoice = invoice_of(("CHAI", "5", "20.00"))

    with pytest.raises((BadInput, refusals.NotInvoiced)):
        services.credit(invoice.order, [(invoice.order.lines.get(), D(quantity))], "Broken", date=TODAY)


def test_a_credit_note_cannot_be_paid_nor_an_invoice_refunded():
    invoice = invoice_of()
    note = services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    with pytest.raises(refusals.NotPayable):
        services.take_payment(note, D("1.00"), TODAY)
    with pytest.raises(refusals.NotRefundable):
        services.refund(invoice, TODAY)
