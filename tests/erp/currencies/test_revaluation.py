"""Revaluing at a period's end: once, stored per item, counted from there, taken back whole."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from base.refusals import NotAllowed
from erp.bills import services as bills
from erp.bills.models import Bill
from erp.invoices import reports
from erp.invoices import services as invoices
from erp.invoices.models import Allocation, OpenItem
from erp.invoices.statement import statement
from erp.ledger import closing
from erp.ledger.models import JournalEntry, Period
from erp.ledger.refusals import PeriodClosed
from erp.ledger.reports import account_balance
from erp.ledger.services import set_period
from erp.rates.refusals import RateMissing, RevaluedSince
from erp.revaluation import refusals
from erp.revaluation.models import Revaluation
from erp.revaluation.services import due, revalue, take_back
from tests.erp.currencies.makers import dollar_bill, dollars, stands
from tests.erp.currencies.test_documents import holds
from tests.erp.invoices.makers import invoice_of, rivals
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY
from tests.erp.rates.makers import rate

D = Decimal
END = TODAY + timedelta(days=1)
LATER = TODAY + timedelta(days=2)


def by(*roles):
    return user(*(roles or ("accountant",)))


def worth():
    """What the invoice and the bill are worth."""
    return OpenItem.objects.get(house_open__isnull=False).house_open, Bill.objects.get().house_open


@pytest.mark.django_db
class TestRevaluing:
    def test_each_item_is_worth_what_the_day_says_with_one_entry(self):
        dollars(), dollar_bill("50.00"), invoice_of(("SOAP", "1", "10.00"))
        rate("1.00", END)

        found = due(END)
        made = revalue(END, by())

        assert [(one.before, one.after, one.effect) for one in found] == [
            (D("107.10"), D("119.00"), D("11.90")),
            (D("53.55"), D("59.50"), D("-5.95")),
        ]
        assert stands(made.entry) == [
            ("payable", D("-5.95"), D("0.00")),
            ("receivable", D("11.90"), D("0.00")),
            ("exchange_loss", D("5.95"), D("0.00")),
            ("exchange_gain", D("-11.90"), D("0.00")),
        ]
        assert (made.entry.date, made.gain, made.loss, worth()) == (
            END, D("11.90"), D("5.95"), (D("119.00"), D("59.50")),
        )  # fmt: skip
        holds()

    def test_the_same_day_twice_changes_nothing(self):
        dollars()
        rate("1.00", END)
        revalue(END, by())
        entries = JournalEntry.objects.count()

        assert (revalue(END, by()), JournalEntry.objects.count(), Revaluation.objects.count()) == (None, entries, 1)
        assert due(END) == []

    def test_what_comes_after_counts_from_there_only(self):
        invoice, bill = dollars(), dollar_bill()
        rate("1.00", END)
        revalue(END, by())
        rate("0.95", LATER)
        receipt = invoices.take_payment(invoice, D("119.00"), LATER)
        paid = bills.pay(bill, D("119.00"), LATER, by())

        assert stands(receipt.entry)[2] == ("exchange_loss", D("5.95"), D("0.00"))
        assert stands(paid.entry)[2] == ("exchange_gain", D("-5.95"), D("0.00"))
        assert worth() == (D("0.00"), D("0.00"))
        assert (account_balance("receivable"), account_balance("payable")) == (D(0), D(0))
        holds()

    def test_a_credit_note_that_is_set_off_then_books_the_difference(self):
        invoice = dollars()
        rate("1.00", END)
        revalue(END, by())
        invoices.credit(invoice.order, [(invoice.order.lines.get(), D(5))], "Broken", date=LATER)

        allocation = Allocation.objects.get()
        assert (allocation.house_amount, allocation.credit_house) == (D("119.00"), D("107.10"))
        assert stands(allocation.entry) == [
            ("receivable", D("-11.90"), D("0.00")),
            ("exchange_loss", D("11.90"), D("0.00")),
        ]
        assert account_balance("receivable") == 0
        holds()

    def test_only_what_is_open_now_is_revalued_and_reports_of_the_day_agree(self):
        invoice = dollars()
        rate("1.00", END)
        invoices.take_payment(invoice, D("60.00"), LATER)  # before the books of the day are closed
        revalue(END, by())

        assert OpenItem.objects.get().house_open == D("59.00")
        for day in (TODAY, END, LATER):
            assert reports.receivables_check(day).difference == 0, day
            (row,) = reports.aging(day)
            told = statement(invoice.party, TODAY, day)
            assert (told.difference, told.closing) == (D(0), row.total), day
        holds()

    def test_a_closed_period_takes_none_and_a_missing_rate_is_named(self):
        invoice = dollars()
        with pytest.raises(RateMissing):
            due(TODAY - timedelta(days=1)) or revalue(_no_rate(invoice), by())
        rate("1.00", END)
        set_period(Period.objects.get(starts_on__lte=END, ends_on__gte=END), "closing", "anna")
        set_period(Period.objects.get(starts_on__lte=END, ends_on__gte=END), "closed", "anna")
        with pytest.raises(PeriodClosed):
            revalue(END, by())
        assert OpenItem.objects.get().house_open == D("107.10")

    def test_no_day_before_the_last_one_and_nobody_but_accountants(self):
        dollars()
        rate("1.00", LATER)
        revalue(LATER, by())
        rate("0.95", END)
        with pytest.raises(refusals.RevaluedLater):
            revalue(END, by())
        with pytest.raises(NotAllowed):
            revalue(LATER, by("auditor"))

    def test_nothing_dated_before_settles_what_was_revalued(self):
        invoice, bill = dollars(), dollar_bill()
        rate("1.00", LATER)
        revalue(LATER, by())
        for pay in (
            lambda: invoices.take_payment(invoice, D("1.00"), END),
            lambda: bills.pay(bill, D("1.00"), END, by()),
        ):
            with pytest.raises(RevaluedSince), transaction.atomic():
                pay()


def _no_rate(invoice):
    """A day on which the invoice stands and its currency has no rate any more."""
    from erp.rates.models import ExchangeRate

    ExchangeRate.objects.all().delete()
    return invoice.date


@pytest.mark.django_db
class TestTakingBack:
    def test_items_are_worth_what_they_were_and_reports_of_any_day_agree(self):
        dollars(), dollar_bill()
        rate("1.00", END)
        made = revalue(END, by())
        mirror = take_back(made, by(), "Wrong rate", LATER)

        assert (mirror.reverses, mirror.date, worth()) == (made.entry, LATER, (D("107.10"), D("107.10")))
        for day in (TODAY, END, LATER):
            assert reports.receivables_check(day).difference == 0, day
        with pytest.raises(refusals.TakenBack):
            take_back(made, by(), "Again")
        assert revalue(END, by()) is not None
        holds()

    def test_not_when_something_of_it_was_settled_or_revalued_since(self):
        invoice = dollars()
        rate("1.00", END)
        rate("0.95", LATER)
        first = revalue(END, by())
        second = revalue(LATER, by())
        with pytest.raises(refusals.RevaluedLater), transaction.atomic():
            take_back(first, by(), "Wrong")
        invoices.take_payment(invoice, D("19.00"), LATER)
        with pytest.raises(refusals.ItemMoved, match=invoice.number), transaction.atomic():
            take_back(second, by(), "Wrong")
        holds()


LINE = """INSERT INTO public.revaluation_revaluationline
  (revaluation_id, position, invoice_id, currency, open_amount, rate, before, after)
  SELECT %s, 9, id, currency, %s, %s, %s, %s FROM public.invoices_invoice WHERE rate IS NOT NULL"""


@pytest.mark.django_db
class TestTheDatabase:
    def test_what_was_written_stays(self):
        dollars()
        rate("1.00", END)
        made = revalue(END, by())
        for statement_, state in (
            ("UPDATE public.revaluation_revaluation SET day = day - 1 WHERE id = %s", "42501"),
            ("DELETE FROM public.revaluation_revaluation WHERE id = %s", "42501"),
            ("UPDATE public.revaluation_revaluation SET reversal_id = entry_id WHERE id = %s", "HM112"),
            ("UPDATE public.revaluation_revaluationline SET after = 1 WHERE revaluation_id = %s", "42501"),
            ("DELETE FROM public.revaluation_revaluationline WHERE revaluation_id = %s", "42501"),
        ):
            with refused(state):
                as_app(statement_, made.pk)

    def test_an_item_gets_the_worth_of_the_days_rate_and_no_other(self):
        dollars()
        rate("1.00", END)
        made = revalue(END, by())
        rate("0.95", LATER)
        for told in (("119.00", "0.95", "119.00", "113.05"), ("119.00", "1.00", "107.10", "119.00"),
                     ("100.00", "1.00", "119.00", "100.00"), ("119.00", "1.00", "119.00", "118.00")):  # fmt: skip
            with refused("HM112"):
                as_app(LINE, made.pk, *told)
        with refused("HM112"):
            as_app(LINE.replace("9, id", "9, NULL::uuid"), made.pk, "119.00", "1.00", "119.00", "118.00")

    def test_no_revaluation_without_its_entry(self):
        invoice = dollars()
        put = """INSERT INTO public.revaluation_revaluation (id, company_id, day, entry_id, recorded_by, recorded_at)
          SELECT uuidv7(), company_id, %s, %s, '', now() FROM public.invoices_invoice"""
        with refused("HM112"):
            as_app(put, TODAY, invoice.entry_id)

    def test_its_entry_moves_what_its_items_changed(self):
        dollars()
        rate("1.00", END)
        with refused("HM112"), transaction.atomic():
            made = revalue(END, by())
            other = Revaluation.objects.get(pk=made.pk)
            assert other.lines.count() == 1
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM public.revaluation_differences(%s)", [made.pk])
                assert cursor.fetchone() == (0,)
            rate("2.00", LATER)
            _posted_without_lines()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _posted_without_lines():
    """An entry of a revaluation that revalues nothing."""
    from base.ids import uuid7
    from erp.ledger.services import Line, Posting, post

    pk = uuid7()
    entry = post(
        Posting("general", LATER, "by hand", f"by-hand:{pk}", [Line("bank", debit=D(1)), Line("6200", credit=D(1))],
                source=("revaluation", pk))
    )  # fmt: skip
    Revaluation.objects.create(id=pk, company=company(), day=LATER, entry=entry)


@pytest.mark.django_db(transaction=True)
def test_of_rivals_one_revalues_and_a_payment_meanwhile_finds_one_worth_or_the_other():
    invoice, somebody = dollars(), by()
    rate("1.00", END)

    def work(number):
        if number == 3:
            return invoices.take_payment(invoice, D("19.00"), LATER)
        return revalue(END, somebody)

    told = rivals(4, work)

    assert Revaluation.objects.count() == 1
    assert sum(isinstance(one, Revaluation) for one in told) == 1
    assert OpenItem.objects.get().house_open == D("100.00")
    assert OpenItem.objects.get().open_amount == D("100.00")
    holds()


@pytest.mark.django_db
class TestTheCloseChecklist:
    def test_it_counts_what_the_periods_end_would_change(self):
        dollars()
        period = Period.objects.get(starts_on__lte=TODAY, ends_on__gte=TODAY)

        def left():
            return next(one for one in closing.checklist(period) if one.check.code == "revaluation").found.count

        assert left() == 0
        rate("1.00", period.ends_on)
        assert left() == 1
        with pytest.raises(closing.ReasonMissing, match="revalued"):
            _closed(period)


def _closed(period):
    closing.close(period, by(), "closing")
    period.refresh_from_db()
    closing.close(period, by(), "closed")
