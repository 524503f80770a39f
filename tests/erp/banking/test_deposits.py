"""Money heard of becomes a task, a liability with its tax, and in the end part of an invoice or goes back."""

import doctest
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from base.refusals import BadInput
from erp.banking import services, taxing
from erp.banking.models import Deposit, Receipt
from erp.banking.refusals import DepositDone, DepositNotFree, ForeignCurrency, FutureDate
from erp.invoices import services as invoices
from erp.ledger.models import Company
from erp.ledger.reports import account_balance
from erp.ledger.services import forget
from erp.orders import services as orders
from integration.contracts.invoices import PaymentReceived
from integration.contracts.parties import PartyOpened
from tests.erp.invoices.makers import booked, reported, ship, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer, promise
from tests.helpers import deliver, emitted

D = Decimal
pytestmark = pytest.mark.django_db


def heard_of(*args, **more) -> Deposit:
    company()
    return services.report_deposit(reported(*args, **more))


def test_the_arithmetic_says_what_it_does():
    assert doctest.testmod(taxing).failed == 0


def test_a_report_opens_a_task_due_the_same_working_day_even_before_its_order_is_known():
    company()
    told = reported(amount="119.00")

    deliver(told)
    deliver(told)

    deposit = Deposit.objects.get()
    assert (deposit.pk, deposit.deal, deposit.order, deposit.status) == (told.deposit, told.deal, None, "reported")
    assert (deposit.party.customer, deposit.reported_amount) == (told.customer.customer, D("119.00"))
    assert deposit.due_at == taxing.due_by(deposit.created_at)
    assert len(emitted(PartyOpened)) == 1


def test_booking_splits_the_tax_off_where_it_is_due_on_receipt():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = heard_of(order)

    services.book_deposit(deposit, D("119.00"), TODAY, user("accountant"))

    deposit = Deposit.objects.get()
    assert (deposit.status, deposit.tax_class, deposit.rate) == ("booked", "standard", D("0.19"))
    assert (deposit.net, deposit.tax, deposit.booked_by) == (D("100.00"), D("19.00"), "accountant")
    assert booked(deposit.receipt.entry) == [
        ("bank", D("119.00")),
        ("customer_deposits", D("-100.00")),
        ("vat_output", D("-19.00")),
    ]
    assert emitted(PaymentReceived) == [
        PaymentReceived(
            order=order.pk,
            deal=order.deal,
            customer=order.party.customer,
            currency="EUR",
            receipt=deposit.receipt.pk,
            number=deposit.receipt.number,
            kind="deposit",
            amount=D("119.00"),
            received_on=TODAY,
            deposit=deposit.pk,
        )
    ]


def test_the_rate_is_that_of_the_one_class_all_lines_share():
    offer("CHAI", "20.00", tax_class="reduced")
    deposit = heard_of(make_order(("CHAI", "5", "20.00")), amount="107.00")

    deposit = services.book_deposit(deposit, D("107.00"), TODAY)

    assert (deposit.tax_class, deposit.net, deposit.tax) == ("reduced", D("100.00"), D("7.00"))


def test_lines_of_different_classes_make_it_the_standard_rate():
    offer("CHAI", "20.00", tax_class="reduced")
    offer("SOAP", tax_class="standard")
    deposit = heard_of(make_order(("CHAI", "5", "20.00"), ("SOAP", "1", "18.00")))

    assert services.book_deposit(deposit, D("119.00"), TODAY).tax_class == "standard"


def test_the_rate_is_the_one_of_the_day_the_money_came():
    deposit = heard_of(amount="116.00", reported_on=date(1998, 3, 1))

    deposit = services.book_deposit(deposit, D("116.00"), date(1998, 3, 2))

    assert (deposit.rate, deposit.tax) == (D("0.15"), D("15.13"))


def test_where_the_supply_is_taxed_the_whole_deposit_is_a_liability():
    deposit = heard_of()
    Company.objects.update(jurisdiction="CN")
    forget()

    deposit = services.book_deposit(deposit, D("119.00"), TODAY)

    assert (deposit.net, deposit.tax, deposit.rate) == (D("119.00"), D("0.00"), D("0"))
    assert booked(deposit.receipt.entry) == [("bank", D("119.00")), ("customer_deposits", D("-119.00"))]
    forget()


def test_a_deposit_booked_before_its_deal_is_won_is_told_once_the_order_is_here():
    offer("CHAI")
    told = promise(("CHAI", "5", "18.00"))
    deposit = services.report_deposit(reported(deal=told.deal, customer=told.customer))
    services.book_deposit(deposit, D("119.00"), TODAY)
    assert emitted(PaymentReceived) == []

    order = orders.receive_promise(told)

    assert Deposit.objects.get().order == order
    assert [(fact.order, fact.deposit) for fact in emitted(PaymentReceived)] == [(order.pk, deposit.pk)]


def test_the_same_key_books_once_and_another_booking_is_refused():
    deposit = heard_of()
    services.book_deposit(deposit, D("119.00"), TODAY, key="k1")

    again = services.book_deposit(deposit, D("119.00"), TODAY, key="k1")

    assert again.receipt == Receipt.objects.get()
    with pytest.raises(DepositDone):
        services.book_deposit(deposit, D("119.00"), TODAY)


@pytest.mark.parametrize(
    ("amount", "day", "refusal"),
    [
        ("0.00", TODAY, BadInput),
        ("-5.00", TODAY, BadInput),
        ("10.001", TODAY, BadInput),
        ("NaN", TODAY, BadInput),
        ("10.00", date(2026, 12, 30), FutureDate),
    ],
)
def test_what_cannot_have_come_in_is_refused(amount, day, refusal):
    with pytest.raises(refusal):
        services.book_deposit(heard_of(), D(amount), day)


def test_money_in_another_currency_waits_for_what_the_bank_booked():
    with pytest.raises(ForeignCurrency):
        services.book_deposit(heard_of(currency="USD"), D("119.00"), TODAY)


def test_dismissing_keeps_the_reason():
    deposit = heard_of()

    services.dismiss(deposit, "The customer meant another supplier", user("accountant"))

    deposit = Deposit.objects.get()
    assert (deposit.status, deposit.dismissal) == ("dismissed", "The customer meant another supplier")
    with pytest.raises(DepositDone):
        services.book_deposit(deposit, D("119.00"), TODAY)


def test_a_dismissal_without_a_reason_is_refused():
    with pytest.raises(BadInput):
        services.dismiss(heard_of(), " ")


def test_a_refund_reverses_the_tax_in_its_own_period():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = services.book_deposit(heard_of(order), D("119.00"), date(2026, 10, 5))
    orders.cancel(order, "Changed their mind")

    receipt = services.refund_deposit(deposit, TODAY, user("accountant"))

    deposit.refresh_from_db(fields=["refunded_amount", "refunded_tax", "refund"])
    assert (Deposit.objects.get().status, receipt.number[:3]) == ("refunded", "RF-")
    assert (deposit.refunded_amount, deposit.refunded_tax) == (D("119.00"), D("19.00"))
    assert booked(receipt.entry) == [
        ("bank", D("-119.00")),
        ("customer_deposits", D("100.00")),
        ("vat_output", D("19.00")),
    ]
    assert account_balance("vat_output", as_of=date(2026, 10, 31)) == D("-19.00")
    assert account_balance("vat_output") == account_balance("customer_deposits") == account_balance("bank") == 0


def test_a_deposit_of_an_order_that_is_being_delivered_stays():
    offer("CHAI", "20.00")
    deposit = services.book_deposit(heard_of(make_order(("CHAI", "5", "20.00"))), D("90.00"), TODAY)

    with pytest.raises(DepositNotFree):
        services.refund_deposit(deposit, TODAY)


def test_money_nobody_reported_is_recorded_for_its_order_in_one_step():
    order = shipped_order(("CHAI", "5", "20.00"))

    deposit = services.record_deposit(order, D("59.50"), TODAY, user("accountant"), "found on the statement", "k")

    assert (deposit.status, deposit.order, deposit.tax) == ("booked", order, D("9.50"))
    assert services.record_deposit(order, D("59.50"), TODAY, key="k") == deposit


def test_what_an_invoice_did_not_use_is_refunded_when_the_order_is_done():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = services.book_deposit(heard_of(order), D("150.00"), TODAY)
    ship(order)
    invoices.issue(order, date=TODAY)

    receipt = services.refund_deposit(deposit, TODAY)

    assert receipt.amount == D("31.00")
    assert account_balance("customer_deposits") == account_balance("receivable") == 0
    assert account_balance("vat_output") == D("-19.00")


def test_the_database_keeps_receipts_and_booked_deposits_as_they_are():
    services.book_deposit(heard_of(), D("119.00"), TODAY)

    for change in (
        lambda: Receipt.objects.update(amount=D("1.00")),
        lambda: Receipt.objects.all()._raw_delete("default"),
        lambda: Deposit.objects.update(tax=D("0.00")),
        lambda: Deposit.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_receipt_without_its_entry_is_refused_by_the_database():
    deposit = services.book_deposit(heard_of(), D("119.00"), TODAY)
    copy = Receipt.objects.get()
    copy.pk, copy.number, copy.recorded_at = deposit.pk, "RC-9", timezone.now()

    with pytest.raises(DatabaseError), transaction.atomic():
        copy.save(force_insert=True)
