"""What is open and how old, whether the books agree, what was sold."""

import doctest
from datetime import timedelta
from decimal import Decimal

import pytest

from erp.invoices import reports, services
from erp.invoices.models import Invoice
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import company
from tests.erp.orders.makers import TODAY

D = Decimal
pytestmark = pytest.mark.django_db


def test_the_arithmetic_says_what_it_does():
    assert doctest.testmod(reports).failed == 0


def test_open_items_are_those_of_the_day_asked_for():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, D("19.00"), TODAY)
    services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    today = [(item.number, item.open_then) for item in reports.open_items(TODAY)]
    before = list(reports.open_items(TODAY - timedelta(days=1)))

    assert today == [(invoice.number, D("76.20"))]
    assert before == []


def test_a_credit_that_is_not_set_off_counts_against_the_customer_debt():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, invoice.payable, TODAY)
    note = services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    assert [(item.number, item.open_then) for item in reports.open_items(TODAY)] == [(note.number, D("-23.80"))]
    assert reports.receivables_check() == reports.Check(D("-23.80"), D("-23.80"))


def test_aging_sums_by_party_and_days_overdue():
    first, second = invoice_of(("CHAI", "5", "20.00")), invoice_of(("SOAP", "5", "10.00"))

    today = reports.aging(TODAY)
    later = reports.aging(first.due + timedelta(days=31))

    assert [(row.party, row.bands[0]) for row in today] == [(first.party, D("119.00")), (second.party, D("59.50"))]
    assert [row.bands for row in later] == [[0, 0, D("119.00"), 0, 0], [0, 0, D("59.50"), 0, 0]]
    assert reports.totals(later) == [0, 0, D("178.50"), 0, 0, D("178.50")]
    assert reports.totals([]) == [0, 0, 0, 0, 0, 0]


def test_net_sales_are_goods_before_returns():
    invoice = invoice_of(("CHAI", "5", "20.00"), freight=D("9.00"))
    services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    assert reports.net_sales() == reports.net_sales(TODAY, TODAY) == D("100.00")
    assert reports.net_sales(end=TODAY - timedelta(days=1)) == 0


def test_the_sums_under_a_list_are_of_the_whole_list():
    company()
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.credit(invoice.order, [(invoice.order.lines.get(), D(1))], "Broken", date=TODAY)

    assert reports.list_totals(Invoice.objects.all()) == {
        "net": D("80.00"),
        "tax": D("15.20"),
        "gross": D("95.20"),
        "payable": D("95.20"),
        "open_amount": D("95.20"),
    }
    assert reports.list_totals(Invoice.objects.none())["gross"] == 0
