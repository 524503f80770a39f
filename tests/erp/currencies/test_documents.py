"""Invoices and bills in another currency: booked at a rate beside their own amounts, paid at another, gone in both."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from base.ids import uuid7
from base.refusals import Refused
from erp.banking.models import Receipt
from erp.banking.receipts import record_receipt
from erp.banking.refusals import BookedDiffers
from erp.bills import services as bills
from erp.bills.models import Bill, BillPayment
from erp.bills.refusals import SecondPersonPosts
from erp.invoices import refusals, reports
from erp.invoices import services as invoices
from erp.invoices.figures import monthly_sales
from erp.invoices.models import Allocation, Invoice, OpenItem
from erp.ledger.reports import account_balance
from erp.ledger.services import Line, Posting, post
from erp.orders import services as orders
from erp.orders.reports import exposure
from erp.orders.services import create_order
from erp.parties.models import Party
from erp.proof.services import prove
from erp.rates.refusals import RateMissing
from integration.outbox.models import Message
from tests.erp.bills.makers import line, supplier
from tests.erp.currencies.makers import dollar_bill, dollars, stands
from tests.erp.invoices.makers import invoice_of, rivals
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.erp.rates.makers import rate

D = Decimal
LATER = TODAY + timedelta(days=2)


def holds() -> None:
    run = prove()
    assert run.holds, [(one.code, one.sample) for one in run.findings.all() if not one.holds]


@pytest.mark.django_db
class TestInvoices:
    def test_its_lines_are_booked_at_the_rate_beside_their_own_amounts(self):
        invoice = dollars()

        assert (invoice.currency, invoice.rate, invoice.payable, invoice.house_payable) == (
            "USD", D("0.90"), D("119.00"), D("107.10"),
        )  # fmt: skip
        assert stands(invoice.entry) == [
            ("receivable", D("107.10"), D("119.00")),
            ("sales", D("-90.00"), D("-100.00")),
            ("vat_output", D("-17.10"), D("-19.00")),
        ]
        assert set(invoice.entry.lines.values_list("currency", flat=True)) == {"USD"}
        assert (invoice.item.open_amount, OpenItem.objects.get().house_open) == (D("119.00"), D("107.10"))
        holds()

    def test_what_rounding_leaves_has_an_account(self):
        invoice = dollars("1", "0.33", worth="0.913")

        assert stands(invoice.entry) == [
            ("receivable", D("0.36"), D("0.39")),
            ("sales", D("-0.30"), D("-0.33")),
            ("vat_output", D("-0.05"), D("-0.06")),
            ("rounding", D("-0.01"), D("0.00")),
        ]
        holds()

    def test_without_a_rate_it_is_not_issued_and_the_order_not_taken(self):
        offer()
        order = make_order(("CHAI", "1", "18.00"), currency="USD")

        assert (order.status, order.reason) == ("refused", "We sell in EUR, not in USD.")
        with pytest.raises(RateMissing):
            create_order(order.party, [], ordered_on=TODAY, currency="GBP")

    def test_posting_in_our_own_currency_says_nothing_foreign(self):
        invoice = invoice_of()

        assert {amount for _role, _worth, amount in stands(invoice.entry)} == {None}
        assert (invoice.rate, invoice.house_payable, OpenItem.objects.get().house_open) == (None, None, None)


@pytest.mark.django_db
class TestPayments:
    @pytest.mark.parametrize(
        ("worth", "booked", "money", "role", "gain"),
        [("0.95", None, "113.05", "exchange_gain", "-5.95"), ("0.85", None, "101.15", "exchange_loss", "5.95"),
         ("0.95", "111.00", "111.00", "exchange_gain", "-3.90")],
    )  # fmt: skip
    def test_another_rate_is_a_gain_or_a_loss_and_the_item_is_gone_in_both(self, worth, booked, money, role, gain):
        invoice = dollars()
        rate(worth, LATER)
        told = {} if booked is None else {"booked": D(booked)}
        receipt = invoices.take_payment(invoice, D("119.00"), LATER, **told)

        assert stands(receipt.entry) == [
            ("bank", D(money), None),
            ("receivable", D("-107.10"), D("-119.00")),
            (role, D(gain), D("0.00")),
        ]
        assert (receipt.amount, receipt.currency, receipt.house_amount) == (D("119.00"), "USD", D(money))
        item = OpenItem.objects.get()
        assert (item.open_amount, item.house_open, Invoice.objects.get().status) == (D(0), D(0), "paid")
        assert account_balance("receivable") == 0
        holds()

    def test_parts_take_their_share_and_the_last_one_what_is_left(self):
        invoice = dollars("1", "100.00", worth="0.3333")  # 119.00, worth 39.66
        for amount in ("40.00", "40.00", "39.00"):
            invoices.take_payment(invoice, D(amount), LATER)

        assert list(Allocation.objects.values_list("house_amount", flat=True)) == [D("13.33"), D("13.33"), D("13.00")]
        item = OpenItem.objects.get()
        assert (item.open_amount, item.house_open, account_balance("receivable")) == (D(0), D(0), D(0))
        holds()

    def test_more_than_open_is_refused_and_ours_is_booked_as_it_is(self):
        invoice, ours = dollars(), invoice_of(("SOAP", "1", "10.00"))
        with pytest.raises(refusals.MoreThanOpen):
            invoices.take_payment(invoice, D("500.00"), LATER, keep_rest=True)
        with pytest.raises(BookedDiffers):
            invoices.take_payment(ours, D("1.00"), LATER, booked=D("0.90"))

    def test_of_many_payments_at_once_no_more_than_is_open_goes(self):
        invoice = dollars()
        with refused("HM078"):
            invoices.take_payment(invoice, D("119.00"), LATER)
            receipt = Receipt.objects.get()
            as_app(
                "INSERT INTO public.invoices_allocation (id, invoice_id, receipt_id, amount, house_amount, date, "
                "recorded_at) VALUES (uuidv7(), %s, %s, 1, 1, %s, now())",
                invoice.pk, receipt.pk, LATER,
            )  # fmt: skip


@pytest.mark.django_db
class TestCreditNotes:
    def test_it_takes_back_at_its_invoices_rate_and_is_set_off_without_a_difference(self):
        invoice = dollars()
        rate("0.99", LATER)
        note = invoices.credit(invoice.order, [(invoice.order.lines.get(), D(2))], "Broken", date=LATER)

        assert (note.rate, note.payable, note.house_payable) == (D("0.90"), D("47.60"), D("42.84"))
        assert stands(note.entry) == [
            ("receivable", D("-42.84"), D("-47.60")),
            ("sales_returns", D("36.00"), D("40.00")),
            ("vat_output", D("6.84"), D("7.60")),
        ]
        allocation = Allocation.objects.get()
        assert (allocation.house_amount, allocation.credit_house, allocation.entry) == (D("42.84"), D("42.84"), None)
        assert account_balance("receivable") == D("64.26")
        holds()

    def test_what_is_paid_back_at_another_rate_is_a_loss(self):
        invoice = dollars()
        invoices.take_payment(invoice, D("119.00"), TODAY)
        note = invoices.credit(invoice.order, [(invoice.order.lines.get(), D(5))], "Broken", date=LATER)
        rate("1.00", LATER)
        back = invoices.refund(note, LATER)

        assert stands(back.entry) == [
            ("bank", D("-119.00"), None),
            ("receivable", D("107.10"), D("119.00")),
            ("exchange_loss", D("11.90"), D("0.00")),
        ]
        holds()


@pytest.mark.django_db
class TestBills:
    def test_a_bill_is_posted_and_paid_at_two_rates(self):
        bill = dollar_bill()
        rate("0.95", LATER)

        assert stands(bill.entry) == [
            ("6200", D("90.00"), D("100.00")),
            ("vat_input", D("17.10"), D("19.00")),
            ("payable", D("-107.10"), D("-119.00")),
        ]
        assert (bill.rate, bill.house_payable, bill.house_open) == (D("0.90"), D("107.10"), D("107.10"))
        first = bills.pay(bill, D("19.00"), LATER, user("accountant"))
        second = bills.pay(bill, D("100.00"), LATER, user("accountant"), booked=D("89.00"))
        assert stands(first.entry) == [
            ("bank", D("-18.05"), None),
            ("payable", D("17.10"), D("19.00")),
            ("exchange_loss", D("0.95"), D("0.00")),
        ]
        assert stands(second.entry)[1:] == [
            ("payable", D("90.00"), D("100.00")),
            ("exchange_gain", D("-1.00"), D("0.00")),
        ]
        bill.refresh_from_db()
        assert (bill.open_amount, bill.house_open, account_balance("payable")) == (D(0), D(0), D(0))
        holds()

    def test_a_draft_needs_a_rate_and_takes_that_of_its_day_when_it_is_posted(self):
        with pytest.raises(RateMissing):
            bills.write(supplier(), "X-1", TODAY, [line("10.00")], user("accountant"), currency="GBP")
        bill = dollar_bill(post=False)
        assert (bill.rate, bill.house_open) == (None, None)
        rate("0.80", TODAY + timedelta(days=1))

        assert bills.post(bill, user("accountant")).rate == D("0.90")

    def test_two_people_are_needed_by_what_it_is_worth_here(self):
        author = user("accountant")
        bill = dollar_bill("10000.00", worth="0.01", post=False)
        assert bills.post(bill, author).house_payable == D("119.00")
        large = dollar_bill("100.00", worth="0.01", number="U-2", post=False)
        rate("100", TODAY, "GBP")
        bills.change(large, large.party, "U-2", TODAY, [line("100.00")], author, currency="GBP")
        with pytest.raises(SecondPersonPosts):
            bills.post(Bill.objects.get(number="U-2"), author)


@pytest.mark.django_db
class TestReportsInOurs:
    def test_aging_the_check_and_the_credit_of_a_customer_count_what_it_is_worth(self):
        invoice = dollars()
        Party.objects.update(credit_limit=D("150.00"))

        (row,) = reports.aging(TODAY)
        check = reports.receivables_check()
        assert (row.total, check.open_items, check.difference) == (D("107.10"), D("107.10"), D(0))
        assert exposure(invoice.party) == D("107.10")
        rate("0.80", LATER)
        invoices.take_payment(invoice, D("60.00"), LATER)
        (then,), (now,) = reports.aging(TODAY), reports.aging(LATER)
        assert (then.total, now.total, reports.receivables_check().difference) == (D("107.10"), D("53.10"), D(0))
        assert reports.receivables_check(TODAY).difference == 0

    def test_sales_and_margins_are_told_in_ours(self):
        invoice = dollars()
        events = Message.objects.filter(type="erp.margin.booked.v1")
        told = [json.loads(bytes(one.body))["data"] for one in events]

        assert (reports.net_sales(), sum(one.invoiced for one in monthly_sales())) == (D("90.00"), D("90.00"))
        assert [(one["currency"], one["revenue"], one["cost"]) for one in told] == [("EUR", "90.00", "50.00")]
        assert invoice.net == D("100.00")

    def test_what_is_promised_counts_at_the_rate(self):
        rate("0.90", TODAY)
        offer("CHAI", "20.00", tax_class="standard")
        order = make_order(("CHAI", "5", "20.00"), currency="USD")
        assert order.status == "held"  # there is no list price in dollars

        orders.release(order, "ok")
        assert exposure(order.party) == D("107.10")


PAID = """INSERT INTO public.bills_billpayment (id, bill_id, receipt_id, amount, house_amount)
  VALUES (uuidv7(), %s, %s, %s, %s)"""


def paid_by_hand(bill: Bill, amount: str, worth: str) -> Receipt:
    """A payment whose entry moves what we say on the payables."""
    against = [Line("payable", debit=D(worth), party=bill.party.code, currency="USD", foreign_amount=D(amount))]
    return record_receipt("paid", bill.party, D(amount), LATER, against, currency="USD", house_amount=D(worth))


@pytest.mark.django_db
class TestTheDatabase:
    def test_keeps_the_worth_of_open_items(self):
        invoice, bill = dollars(), dollar_bill()
        with refused("42501"):
            as_app("UPDATE public.invoices_openitem SET house_open = 1 WHERE invoice_id = %s", invoice.pk)
        with refused("HM088"):
            as_app("UPDATE public.bills_bill SET house_open = 1 WHERE id = %s", bill.pk)
        with refused("HM088"):
            as_app("UPDATE public.bills_bill SET rate = 1 WHERE id = %s", bill.pk)

    def test_takes_no_other_part_of_the_worth_than_the_amounts(self):
        bill = dollar_bill()
        wrong, right = paid_by_hand(bill, "60.00", "53.00"), paid_by_hand(bill, "60.00", "54.00")
        with refused("HM111"):
            as_app(PAID, bill.pk, wrong.pk, "60.00", "53.00")
        with refused("HM111"):
            as_app(PAID, bill.pk, wrong.pk, "60.00", "54.00")
        with refused("HM111"):
            as_app(PAID, bill.pk, right.pk, "60.00", None)
        as_app(PAID, bill.pk, right.pk, "60.00", "54.00")
        assert Bill.objects.get().house_open == D("53.10")

    def test_takes_no_receipt_that_says_no_worth_or_another_than_its_entry(self):
        bill = dollar_bill()
        receipt = paid_by_hand(bill, "60.00", "54.00")
        copy = """INSERT INTO public.banking_receipt (id, company_id, number, kind, party_id, amount, house_amount,
          currency, date, method, reference, entry_id, recorded_by, recorded_at, excess)
          SELECT e.source_id, r.company_id, 'PY-X', r.kind, r.party_id, %s, %s, %s, e.date, r.method, '',
                 e.id, '', now(), 0
            FROM public.banking_receipt r, public.ledger_journalentry e WHERE e.id = %s LIMIT 1"""
        entry = post(
            Posting("cash", LATER, "by hand", "by-hand", [Line("bank", credit=D("54")), Line("6200", debit=D("54"))],
                    source=("receipt", uuid7()))
        )  # fmt: skip
        for amount, worth, currency, state in (
            ("60.00", None, "USD", "HM060"), ("54.00", None, "USD", "HM111"), ("54.00", "54.00", "EUR", "HM111"),
            ("60.00", "55.00", "USD", "HM060"),
        ):  # fmt: skip
            with refused(state):
                as_app(copy, amount, worth, currency, entry.pk)
        assert receipt.house_amount == D("54.00")

    def test_posts_no_foreign_bill_that_its_entry_does_not_say(self):
        bill = dollar_bill(post=False)
        entry = post(
            Posting("purchases", TODAY, "by hand", "by-hand",
                    [Line("6200", debit=D("107.10")), Line("payable", credit=D("107.10"), party=bill.party.code)],
                    source=("bill", bill.pk))
        )  # fmt: skip
        put = """UPDATE public.bills_bill SET status = 'posted', entry_id = %s, posted_by_id = created_by_id,
          open_amount = 119, rate = %s, house_payable = %s, house_open = %s WHERE id = %s"""
        with refused("HM111"):
            as_app(put, entry.pk, "0.9", "107.10", "107.10", bill.pk)
        with refused("HM089"):
            as_app(put, entry.pk, None, None, None, bill.pk)
        with refused("HM089"):
            as_app(put, entry.pk, "0.9", "107.10", "100", bill.pk)


@pytest.mark.django_db(transaction=True)
def test_rivals_pay_an_item_once_and_its_worth_with_it():
    bill, somebody = dollar_bill(worth="0.3333"), user("accountant")
    rate("0.9", LATER)

    told = rivals(5, lambda number: bills.pay(bill, D("40.00"), LATER, somebody))

    assert sum(isinstance(one, Receipt) for one in told) == 2
    assert sum(isinstance(one, Refused) for one in told) == 3
    bill.refresh_from_db()
    paid = sum(BillPayment.objects.values_list("house_amount", flat=True))
    assert (bill.open_amount, bill.house_open + paid) == (D("39.00"), bill.house_payable)
    holds()
