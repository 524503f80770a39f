"""Money of customers and to suppliers from files: booked once, and held against what was entered by hand."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from base.refusals import NotFound
from erp.banking import services as banking
from erp.banking.models import Deposit, Receipt
from erp.bills.models import Bill
from erp.invoices import services
from erp.invoices.models import Invoice
from erp.ledger.reports import account_balance
from erp.parties.services import open_supplier
from tests.erp.bills.makers import bill_of, posted
from tests.erp.invoices.makers import invoice_of, reported
from tests.erp.makers import company, user
from tests.erp.openings.makers import broken, items
from tests.erp.orders.makers import customer, make_order
from tests.erp.test_step_up import sent_to, stale
from tests.importing import ENCODINGS, encoded, imported, media, reasons, tried, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

D = Decimal
NOTHING_OPEN = "Other had nothing open on 2026-11-24. Say the order that it is a deposit for."
TWO_FILES = "It must be above zero: money that came and money that went are two files."


@pytest.fixture
def anna() -> Any:
    company()
    return user("accountant", name="anna")


def told(*rows: str, head: str = "date,customer,amount,reference,invoice") -> str:
    return "\n".join([head, *rows]) + "\n"


def open_of(*documents: Any) -> list[Decimal]:
    return [type(one).objects.get(pk=one.pk).open_amount for one in documents]


class TestReceipts:
    def test_money_for_an_invoice_is_booked_once(self, anna: Any) -> None:
        invoice = invoice_of()
        text = told(
            f"2026-11-23,,19.00,first,{invoice.number}", f"24.11.2026,{invoice.party.code},50,,{invoice.number}"
        )
        plan = tried("receipts", text, anna)
        assert (plan.counts, Receipt.objects.count(), open_of(invoice)) == ({"new": 2}, 0, [D("119.00")])

        imp = imported("receipts", text, anna)
        again = imported("receipts", text.replace("19.00", "19"), anna)

        assert (imp.counts, again.counts) == ({"new": 2}, {"unchanged": 2})
        assert open_of(invoice) == [D("50.00")]
        assert [
            (one.date, one.amount, one.reference, one.method, one.recorded_by) for one in Receipt.objects.order_by("pk")
        ] == [
            (date(2026, 11, 23), D("19.00"), "first", "bank", "anna"),
            (date(2026, 11, 24), D("50.00"), invoice.number, "bank", "anna"),
        ]
        assert account_balance("bank") == D("69.00")
        assert broken() == []

    def test_without_a_document_it_settles_what_is_due_first(self, anna: Any) -> None:
        first = invoice_of()
        second = invoice_of(("MINT", "1", "10.00"), customer=promise_of(first))
        assert second.party == first.party
        items(f"Customer,Invoice,Date,Due,Open\n{first.party.code},OLD,2025-11-20,2025-12-20,40.00\n", by=anna)

        imp = imported("receipts", told(f"2026-11-24,{first.party.name},160,all,"), anna)
        much = imported("receipts", told(f"2026-11-24,{first.party.name},500,more,"), anna)

        assert (imp.counts, open_of(first, second)) == ({"new": 1}, [D("0.00"), D("10.90")])
        assert reasons(much)[0][1][0][0] == "amount"
        kept = told(f"2026-11-24,{first.party.name},500,more,")
        assert imported("receipts", kept, anna, constants={"keep_rest": "yes"}).counts == {"new": 1}
        assert (open_of(second), Receipt.objects.order_by("pk").last().rest) == ([D("0.00")], D("489.10"))
        assert imported("receipts", kept, anna, constants={"keep_rest": "yes"}).counts == {"unchanged": 1}
        assert broken() == []

    def test_money_for_an_order_is_its_deposit_and_the_reported_one_if_it_is_that(self, anna: Any) -> None:
        order, other = make_order(("CHAI", "5", "18.00")), make_order(("CHAI", "5", "18.00"))
        heard = banking.report_deposit(reported(order, "50.00"))
        text = told(f"2026-11-23,,50.00,,{order.number}", f"2026-11-23,,30.00,,{other.number}")

        imp = imported("receipts", text, anna)

        heard.refresh_from_db()
        assert (imp.counts, heard.status, Deposit.objects.count()) == ({"new": 2}, "booked", 2)
        assert imported("receipts", text, anna).counts == {"unchanged": 2}
        banking.report_deposit(reported(order, "7.00"))
        late = imported("receipts", told(f"2026-11-24,,8.00,,{order.number}"), anna)
        assert reasons(late) == [(2, [["document", (
            f"A deposit of 7.00 EUR for {order.number} waits to be booked. Book it at its task, or dismiss it."
        )]])]  # fmt: skip
        assert broken() == []

    def test_what_was_entered_by_hand_is_a_look_alike(self, anna: Any) -> None:
        invoice = invoice_of()
        by_hand = services.take_payment(invoice, D("19.00"), date(2026, 11, 24), by=anna)
        text = told(f"2026-11-24,,19.00,from the bank,{invoice.number}")

        imp = imported("receipts", text, anna)

        words = f"It looks like {by_hand.number}, which is booked."
        assert (imp.counts, reasons(imp)) == ({"duplicate": 1}, [(2, [["amount", words]])])
        assert imported("receipts", text, anna, keep_lookalikes=True).counts == {"new": 1}
        assert imported("receipts", text, anna).counts == {"unchanged": 1}

    def test_two_equal_rows_are_one_unless_the_bank_tells_them_apart(self, anna: Any) -> None:
        invoice = invoice_of()
        row = f"2026-11-24,,19.00,,{invoice.number}"
        assert imported("receipts", told(row, row), anna).counts == {"new": 1, "duplicate": 1}

        head = "date,customer,amount,reference,invoice,transaction id"
        text = told(f"{row},T1", f"{row},T2", head=head)
        imp = imported("receipts", text, anna)
        bent = imported("receipts", text.replace("19.00,,", "20.00,,", 1), anna)

        assert (imp.counts, open_of(invoice)) == ({"new": 2}, [D("62.00")])
        assert [one.reference for one in Receipt.objects.order_by("pk")][1:] == ["T1", "T2"]
        assert (bent.counts, reasons(bent)[0][1][0][0]) == ({"error": 1, "unchanged": 1}, "amount")

    @pytest.mark.parametrize(
        ("row", "field", "text"),
        [
            ("2026-11-24,,5,,{0}9", "document", "Nothing to pay has the number “{0}9”."),
            ("2026-11-24,,5,,", "party", "Say whose money it is, or what it pays."),
            ("2026-11-24,Somebody,5,,", "party", "“Somebody” is not known here."),
            ("2026-11-24,Other,5,,{0}", "document", "“{0}” is of Alfreds Futterkiste."),
            ("2026-11-24,Other,5,,", "party", NOTHING_OPEN),
            ("2026-11-24,,0,,{0}", "amount", TWO_FILES),
            ("2026-11-24,,-5,,{0}", "amount", TWO_FILES),
            ("2026-11-22,,5,,{0}", "date", "{0} is dated 2026-11-23: money that came before is a deposit."),
            ("2027-11-24,,5,,{0}", "date", "2027-11-24 is still to come. Give the day it happened."),
            (
                "2026-11-24,,500,,{0}", "amount",
                "{0} has 119.00 open, 500.00 is more. Ask what the rest is for, or keep it as credit.",
            ),
        ],
    )  # fmt: skip
    def test_what_is_wrong_with_a_row_is_said(self, anna: Any, row: str, field: str, text: str) -> None:
        invoice = invoice_of()
        imported("customers", "Reference,Name\nX,Other\n", anna)

        imp = imported("receipts", told(row.format(invoice.number)), anna)

        assert (imp.counts, reasons(imp)) == ({"error": 1}, [(2, [[field, text.format(invoice.number)]])])
        assert Receipt.objects.count() == 0

    def test_money_of_another_currency_or_account_is_refused(self, anna: Any) -> None:
        invoice, head = invoice_of(), "date,amount,invoice,currency,account"
        rows = [f"2026-11-24,{amount},{invoice.number},{rest}" for amount, rest in (
            (1, "USD,"), (2, "EUR,1000"), (3, "EUR,1010"), (4, ","),
        )]  # fmt: skip

        imp = imported("receipts", told(*rows, head=head), anna)

        assert [row for row, _why in reasons(imp)] == [2, 3]
        assert [why[0][0] for _row, why in reasons(imp)] == ["currency", "account"]
        assert sorted(Receipt.objects.values_list("amount", flat=True)) == [D(3), D(4)]

    def test_booked_money_stays_when_the_import_is_undone(self, anna: Any) -> None:
        invoice = invoice_of()
        imp = imported("receipts", told(f"2026-11-24,,19.00,,{invoice.number}"), anna)

        undone(imp)

        number = Receipt.objects.get().number
        note = f"{number} stays: money that moved is never taken out of the books."
        assert imp.rows.get().undo_note == note
        assert open_of(invoice) == [D("100.00")]

    def test_only_accountants_bring_money(self) -> None:
        company()
        for role in ("order_desk", "auditor", "warehouse"):
            with pytest.raises(NotFound):
                uploaded("receipts", told(), user(role))

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_in_every_encoding_by_the_command(self, anna: Any, encoding: str, tmp_path: Path) -> None:
        invoice = invoice_of()
        header = ["收款日期", "付款方", "收款金额", "附言", "发票号码"]
        name, data = encoded(encoding, tmp_path, header, [["2026-11-24", "", "19.00", "货款 䶮 ü", invoice.number]])
        path, said = tmp_path / name, io.StringIO()
        path.write_bytes(data)

        call_command("import", "receipts", str(path), user="anna", stdout=said, dry_run=True)
        assert ("1 new" in said.getvalue(), Receipt.objects.count()) == (True, 0)
        call_command("import", "receipts", str(path), user="anna", stdout=said)
        call_command("import", "receipts", str(path), user="anna", stdout=said)

        assert "Imported: 1 unchanged" in said.getvalue()
        assert Receipt.objects.get().reference == "货款 䶮 ü"


class TestPaymentsToSuppliers:
    HEAD = "date,supplier,amount,reference,bill"

    def test_each_row_pays_a_bill_or_an_opening_item_once(self, anna: Any) -> None:
        bill = posted(number="R-1")
        items("Customer,Invoice,Date,Due,Open\nPens & Paper,R-77,2025-12-01,2025-12-31,595.00\n", by=anna)
        text = told("2026-11-24,,19.00,,r-1", f"2026-11-24,{bill.party.code},595,,R-77", head=self.HEAD)

        imp = imported("bill-payments", text, anna)

        assert (imp.counts, open_of(bill)) == ({"new": 2}, [D("100.00")])
        assert sorted(Receipt.objects.values_list("kind", "amount")) == [("paid", D("19.00")), ("paid", D("595.00"))]
        assert imported("bill-payments", text, anna).counts == {"unchanged": 2}
        undone(imp)
        assert open_of(bill) == [D("100.00")]
        assert broken() == []

    def test_a_number_of_several_suppliers_needs_the_supplier(self, anna: Any) -> None:
        posted(number="R-1")
        other = posted(number="R-1", party=open_supplier("Müller"))
        bill_of(number="R-2")  # a draft
        text = told("2026-11-24,,19.00,,R-1", "2026-11-24,Müller,19.00,,R-1", "2026-11-24,,200,,R-2", head=self.HEAD)

        imp = imported("bill-payments", text, anna)

        assert reasons(imp) == [
            (2, [["party", "“R-1” is a number of several; say whose."]]),
            (4, [["document", "Nothing to pay has the number “R-2”."]]),
        ]
        assert open_of(other) == [D("100.00")]

    def test_no_more_than_is_open(self, anna: Any) -> None:
        posted(number="R-1")

        imp = imported("bill-payments", told("2026-11-24,,200,,R-1", head=self.HEAD), anna)

        assert reasons(imp) == [(2, [["amount", "R-1 has 119.00 open, 200.00 is more."]])]

    def test_paying_asks_for_a_fresh_proof_as_the_page_does(self, anna: Any) -> None:
        posted(number="R-1")
        page = stale(name="anna")
        imp = tried("bill-payments", told("2026-11-24,,19.00,,R-1", head=self.HEAD), anna)

        answer = page.post(f"/import/{imp.pk}/start/")

        assert sent_to(answer)[0] == "/account/confirm/"
        assert Bill.objects.get().open_amount == D("119.00")


def promise_of(invoice: Invoice) -> Any:
    """The same customer as the CRM tells them."""
    return customer(invoice.party.name).model_copy(update={"customer": invoice.party.customer})
