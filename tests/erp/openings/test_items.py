"""Open items of another system: they age, are told, are paid like ours, and are none of our sales."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from base.refusals import NotAllowed
from erp.banking.models import Receipt
from erp.bills import refusals as bill_refusals
from erp.invoices import credits, reports, statement
from erp.invoices import services as invoicing
from erp.invoices.models import Invoice, NumberSeries
from erp.ledger.models import JournalEntry, JournalLine
from erp.ledger.reports import account_balance
from erp.openings import refusals, services
from erp.openings.models import OpeningAllocation, OpeningBalance, OpeningItem
from erp.orders.reports import exposure
from erp.parties.models import Party
from erp.tax import returns
from erp.tax.boxes import draw_up
from integration.contracts.credit import CreditBanded
from integration.contracts.invoices import InvoiceIssued, PaymentReceived
from tests.erp.bills.makers import bill_of, posted
from tests.erp.invoices.makers import rivals, ship
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.openings.makers import DAY, ITEMS, alfreds, anna, balances, broken, item, items, pens, ties
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.helpers import emitted
from tests.importing import media, ran, reasons, tried, undone, workbook

__all__ = ["media"]
D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SETTLE = """INSERT INTO public.openings_openingallocation (id, item_id, receipt_id, amount, date, recorded_at)
  VALUES (uuidv7(), %s, %s, %s, '2026-02-01', now())"""
JUNE = date(2026, 6, 30)


def booked(entry):
    rows = entry.lines.select_related("account").order_by("position")
    return [(one.account.role, one.amount, one.party, one.due) for one in rows]


class TestComing:
    def test_each_stands_on_its_partys_account_with_its_own_number_and_days(self):
        imp = items()
        old, bill = item(), item("R-77")

        assert imp.counts == {"new": 3}
        assert (old.side, old.date, old.due, old.amount, old.open_amount, old.opened_on) == (
            "receivable", date(2025, 11, 20), date(2025, 12, 20), D("1000.00"), D("1000.00"), DAY,
        )  # fmt: skip
        assert booked(old.entry) == [
            ("receivable", D("1000.00"), alfreds().code, date(2025, 12, 20)),
            ("opening_equity", D("-1000.00"), "", None),
        ]
        assert booked(bill.entry)[0] == ("payable", D("-595.00"), pens().code, date(2025, 12, 31))
        assert (old.entry.date, old.entry.journal.code) == (DAY, "opening")
        assert ties(imp) == {"1200": "-1190.00", "2000": "595.00"}  # the balances have not come
        assert broken() == []

    def test_they_take_no_number_send_no_invoice_and_carry_no_tax(self):
        items()

        assert not Invoice.objects.exists()
        assert not NumberSeries.objects.exists()
        services.settle(item(), D("400"), date(2026, 2, 1), anna())
        assert emitted(InvoiceIssued, PaymentReceived) == []
        assert not JournalLine.objects.exclude(tax_code="").exists()
        drawn = draw_up(returns.form_of(company()), company(), date(2026, 1, 1), date(2026, 1, 31))
        assert (drawn.payable, drawn.left_out) == (D("0.00"), [])

    def test_the_same_file_again_changes_nothing_and_other_figures_are_refused(self):
        items()

        assert items().counts == {"unchanged": 3}
        assert items(ITEMS.replace("1000.00", "900.00")).counts == {"unchanged": 2, "error": 1}
        assert (OpeningItem.objects.count(), JournalEntry.objects.count()) == (3, 3)

    def test_a_workbook_in_chinese_by_code_and_without_a_due_day(self, tmp_path):
        file = workbook(
            tmp_path,
            ["往来单位", "发票号码", "开票日期", "未收金额", "期初日期"],
            [[alfreds().code, "26-1", "2025-12-30", 10.5, "2026-01-01"]],
        )

        imp = items(file, name="未清项.xlsx")

        found = item("26-1")
        assert (imp.counts, found.amount, found.due) == (
            {"new": 1},
            D("10.50"),
            date(2025, 12, 30) + timedelta(days=30),
        )

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            ("Nobody,1,2025-11-20,2025-12-20,5", "party"),
            ("Alfreds,1,2026-01-02,2026-02-20,5", "date"),
            ("Alfreds,1,2025-11-20,2025-11-19,5", "due"),
            ("Alfreds,1,2025-11-20,2025-12-20,-5", "amount"),
            ("Alfreds,1,2025-11-20,2025-12-20,0", "amount"),
            ("Alfreds,,2025-11-20,2025-12-20,5", "number"),
        ],
    )
    def test_what_cannot_be_an_open_item_is_refused_with_its_reason(self, row, field):
        imp = items(f"Customer,Invoice,Date,Due,Open\n{row}\n")

        assert (imp.counts, reasons(imp)[0][1][0][0]) == ({"error": 1}, field)
        assert not OpeningItem.objects.exists()

    def test_another_currency_is_refused(self):
        imp = items("Customer,Invoice,Date,Open,Currency\nAlfreds,1,2025-11-20,5,USD\nAlfreds,2,2025-11-20,5,eur\n")

        assert imp.counts == {"error": 1, "new": 1}

    def test_a_suppliers_number_is_a_bill_or_an_item_and_not_both(self):
        items()
        with pytest.raises(bill_refusals.BillKnown):
            bill_of(number="r-77", party=pens())
        posted(number="R-78", party=pens())

        imp = items("Customer,Invoice,Date,Open\nPens & Paper,R-78,2025-12-01,5\n")

        assert (imp.counts, reasons(imp)[0][1][0][1]) == ({"error": 1}, "R-78 of Pens & Paper is here already.")

    def test_auditors_bring_and_settle_nothing(self):
        items()
        with pytest.raises(NotAllowed):
            services.open_items(DAY, [], user("auditor"))
        with pytest.raises(NotAllowed):
            services.settle(item(), D(1), JUNE, user("auditor"))


class TestStanding:
    def test_they_age_by_their_own_due_days_and_agree_with_the_books(self):
        items()
        (row,) = reports.aging(date(2026, 1, 10))

        assert (row.party.name, row.bands) == ("Alfreds", [D("190.00"), D("1000.00"), D(0), D(0), D(0)])
        assert reports.aging(DAY - timedelta(days=1)) == []
        for day in (DAY - timedelta(days=1), DAY, None):
            assert reports.receivables_check(day).difference == 0

    def test_aging_of_a_day_before_the_payment_still_has_it(self):
        items()
        services.settle(item(), D("400"), date(2026, 2, 1), anna())

        assert [row.total for row in reports.aging(date(2026, 1, 31))] == [D("1190.00")]
        assert [row.total for row in reports.aging(date(2026, 2, 1))] == [D("790.00")]
        for day in (date(2026, 1, 31), date(2026, 2, 1)):
            assert reports.receivables_check(day).difference == 0

    def test_a_customers_statement_tells_them(self):
        items()
        services.settle(item(), D("400"), date(2026, 2, 1), anna())

        told = statement.statement(alfreds(), DAY, JUNE)

        assert [(one.what, one.amount, one.days_late) for one in told.open_items] == [
            ("Customer's invoice 2025-0417", D("600.00"), (JUNE - date(2025, 12, 20)).days),
            ("Customer's invoice 2025-0501", D("190.00"), (JUNE - date(2026, 1, 14)).days),
        ]
        assert (told.difference, told.closing, len(told.movements)) == (D("0.00"), D("790.00"), 3)
        assert {one.what for one in told.movements[:2]} == {
            "Opening item · 2025-0417 · Alfreds", "Opening item · 2025-0501 · Alfreds",
        }  # fmt: skip

    def test_they_count_against_the_credit_limit(self):
        Party.objects.filter(pk=alfreds().pk).update(customer=uuid7())  # one that the CRM knows
        items()
        assert (exposure(alfreds()), Party.objects.get(name="Alfreds").credit_band) == (D("1190.00"), "watch")

        services.settle(item(), D("1000"), date(2026, 2, 1), anna())

        assert (exposure(alfreds()), Party.objects.get(name="Alfreds").credit_band) == (D("190.00"), "open")
        assert [one.band for one in emitted(CreditBanded)] == ["watch", "open"]


class TestSettling:
    def test_in_parts_until_nothing_is_open_and_never_beyond(self):
        items()
        by = anna()
        services.settle(item(), D("400"), date(2026, 2, 1), by, key="k1")
        again = services.settle(item(), D("400"), date(2026, 2, 1), by, key="k1")
        with pytest.raises(refusals.MoreThanOpen), transaction.atomic():
            services.settle(item(), D("600.01"), date(2026, 2, 1), by)
        with pytest.raises(refusals.PaidBeforeOpening), transaction.atomic():
            services.settle(item(), D("1"), date(2025, 12, 31), by)

        services.settle(item(), D("600"), date(2026, 2, 2), by)

        assert (item().status, item().open_amount, Receipt.objects.count()) == ("paid", D("0.00"), 2)
        assert booked(again.entry)[1][:3] == ("receivable", D("-400.00"), alfreds().code)
        assert broken() == []

    def test_a_supplier_is_paid_and_has_no_credit(self):
        items()
        with pytest.raises(refusals.MoreThanOpen), transaction.atomic():
            services.settle(item("R-77"), D("600"), date(2026, 2, 1), anna(), keep_rest=True)

        receipt = services.settle(item("R-77"), D("595"), date(2026, 2, 1), anna())

        assert (receipt.kind, account_balance("payable"), item("R-77").status) == ("paid", D("0.00"), "paid")
        assert broken() == []

    def test_what_is_paid_too_much_settles_other_items_and_our_invoices_by_due_days(self):
        items()
        receipt = services.settle(item("2025-0501"), D("1000"), date(2026, 2, 1), anna(), keep_rest=True)
        assert (receipt.excess, receipt.rest) == (D("810.00"), D("810.00"))

        (settled,) = credits.use_rest(receipt, anna())

        assert (settled, item().open_amount) == (item(), D("190.00"))
        fresh = Receipt.objects.get(pk=receipt.pk)
        assert (fresh.rest, Receipt.objects.with_left().get(pk=receipt.pk).left) == (D("0.00"), D("0.00"))
        assert broken() == []
        assert reports.receivables_check().difference == 0

    def test_undo_reverses_what_nobody_paid_and_keeps_the_rest(self):
        imp = items()
        services.settle(item(), D("1"), date(2026, 2, 1), anna())

        undone(imp)

        kept = imp.rows.get(undone=False)
        assert (kept.label, "Settlements of opening items" in kept.undo_note) == ("2025-0417 · Alfreds", True)
        assert account_balance("receivable") == D("999.00")
        assert (account_balance("payable"), OpeningItem.objects.standing().count()) == (D("0.00"), 1)
        assert items().counts == {"new": 2, "unchanged": 1}
        assert broken() == []


class TestRivals:
    @pytest.mark.django_db(transaction=True)
    def test_two_imports_of_the_same_file_at_once_bring_each_item_once(self):
        alfreds(), pens()
        ready = [tried("opening-items", ITEMS, anna(), constants={"opened_on": "2026-01-01"}) for _n in range(2)]

        done = rivals(2, lambda n: ran(ready[n]))

        assert sum(one.counts.get("new", 0) for one in done) == 3
        assert (OpeningItem.objects.count(), JournalEntry.objects.count()) == (3, 3)
        assert broken() == []

    @pytest.mark.django_db(transaction=True)
    def test_of_twelve_who_pay_the_same_item_at_once_no_more_than_it_asks_comes_in(self):
        items()
        one, by = item(), anna()

        rivals(12, lambda _n: services.settle(one, D("300"), date(2026, 2, 1), by))

        assert (item().open_amount, OpeningAllocation.objects.count()) == (D("100.00"), 3)
        assert broken() == []


class TestRawSql:
    def test_settles_no_more_than_is_open(self):
        items()
        receipt = services.settle(item(), D("400"), date(2026, 2, 1), anna(), keep_rest=True)

        with refused("HM078"):
            as_app(SETTLE, item("2025-0501").pk, receipt.pk, "1.00")  # the receipt is used up
        more = services.settle(item("2025-0501"), D("1000"), date(2026, 2, 1), anna(), keep_rest=True)
        with refused("HM078"):
            as_app(SETTLE, item().pk, more.pk, "600.01")
        with refused("HM077"):
            as_app(SETTLE, item("R-77").pk, more.pk, "1.00")  # a customer's money pays no supplier

    def test_a_payment_that_settled_an_item_settles_no_invoice_or_bill_too(self):
        items()
        offer()
        order = make_order(("CHAI", "1", "18.00"))
        ship(order)
        invoice = invoicing.issue(order, date=TODAY)
        told = services.NewItem("receivable", invoice.party, "X-1", DAY, DAY, D("19.26"))
        (old,) = services.open_items(DAY, [told], anna())
        receipt = services.settle(old, D("19.26"), TODAY, anna())
        with refused("HM086"):
            as_app(
                "INSERT INTO public.invoices_allocation (id, invoice_id, receipt_id, amount, date, recorded_at)"
                " VALUES (uuidv7(), %s, %s, 1.00, %s, now())", invoice.pk, receipt.pk, TODAY,
            )  # fmt: skip
        bill = posted(party=pens(), number="B-1")
        paid = services.settle(item("R-77"), D("119"), TODAY, anna())
        with refused("HM077"):
            as_app(
                "INSERT INTO public.bills_billpayment (id, bill_id, receipt_id, amount) VALUES (uuidv7(), %s, %s, %s)",
                bill.pk, paid.pk, "119.00",
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("statement", "sqlstate"),
        [
            ("UPDATE public.openings_openingitem SET amount = amount + 1", "42501"),
            ("UPDATE public.openings_openingitem SET due = due + 1", "42501"),
            ("DELETE FROM public.openings_openingitem", "42501"),
            ("TRUNCATE public.openings_openingitem CASCADE", "42501"),
            ("UPDATE public.openings_openingallocation SET amount = 1", "42501"),
            ("UPDATE public.openings_openingitem SET open_amount = open_amount - 1", "HM091"),
            ("UPDATE public.openings_openingitem SET reversal_id = entry_id, open_amount = 0", "HM091"),
            (
                "INSERT INTO public.openings_openingitem (id, company_id, side, party_id, number, date, due, opened_on,"
                " currency, amount, open_amount, text, entry_id, recorded_by, recorded_at) SELECT uuidv7(), company_id,"
                " side, party_id, number || 'X', date, due, opened_on, currency, amount + 1, amount + 1, '', entry_id,"
                " '', now() FROM public.openings_openingitem LIMIT 1",
                "HM091",
            ),
        ],
    )
    def test_changes_nothing_that_came(self, statement, sqlstate):
        items()

        with refused(sqlstate):
            as_app(statement)

    def test_takes_nothing_back_of_which_something_is_paid(self):
        items()
        services.settle(item(), D("1"), date(2026, 2, 1), anna())

        with refused("HM092"):
            as_app(
                "UPDATE public.openings_openingitem SET reversal_id = entry_id, open_amount = 0"
                " WHERE number = '2025-0417'"
            )
        with pytest.raises(refusals.ItemUsed):
            services.take_back_item(item(), anna(), "Mistake")


class TestPages:
    def test_list_item_payment_and_days(self):
        balances()
        items()
        browser = Client()
        browser.force_login(anna())

        shown = browser.get("/openings/?status=overdue&side=receivable").content.decode()
        assert "2025-0417" in shown
        assert "R-77" not in shown
        page = browser.get(item().get_absolute_url()).content.decode()
        assert "Customer&#x27;s invoice 2025-0417" in page
        assert "Keep what is more" in page
        told = {"amount": "2000", "date": "2026-02-01", "method": "bank"}
        assert browser.post(f"{item().get_absolute_url()}pay/", told).status_code == 422
        assert browser.post(f"{item().get_absolute_url()}pay/", {**told, "amount": "400"}).status_code == 302
        assert item().open_amount == D("600.00")
        receipt = browser.get(Receipt.objects.get().get_absolute_url()).content.decode()
        assert "Settles from before" in receipt
        assert "2025-0417" in receipt
        assert "not all has come" not in browser.get("/openings/balances/").content.decode()
        assert "1,190.00" in browser.get(OpeningBalance.objects.get().get_absolute_url()).content.decode()
        assert browser.post(f"{item('R-77').get_absolute_url()}take-back/").status_code == 302
        assert "not all has come" in browser.get("/openings/balances/").content.decode()
        assert "2025-0417" in browser.get(f"/parties/{alfreds().pk}/").content.decode()
        assert "2025-0417" in browser.get("/").content.decode()  # the desk: overdue

    def test_who_reads_and_who_writes(self):
        items()
        for role, read, written in (("auditor", 200, 403), ("order_desk", 403, 403), ("warehouse", 403, 403)):
            browser = Client()
            browser.force_login(user(role))
            assert browser.get("/openings/").status_code == read
            assert browser.post(f"{item().get_absolute_url()}pay/", {"amount": "1"}).status_code == written

    def test_the_api_lists_settles_and_tells_what_is_to_come(self):
        balances()
        items()
        api = APIClient()
        api.force_authenticate(anna())

        listed = api.get("/api/v1/opening-items/?status=overdue&party_code=" + alfreds().code).json()["results"]
        paid = api.post(f"/api/v1/opening-items/{item().pk}/payments/", {"amount": "400.00", "date": "2026-02-01"})
        too_much = api.post(f"/api/v1/opening-items/{item().pk}/payments/", {"amount": "601.00", "date": "2026-02-01"})
        (day,) = api.get("/api/v1/opening-balances/").json()["results"]

        assert {one["number"] for one in listed} == {"2025-0417", "2025-0501"}
        assert (paid.status_code, too_much.status_code) == (201, 409)
        assert [(one["account"], one["difference"]) for one in day["checks"]] == [("1200", "0.00"), ("2000", "0.00")]
