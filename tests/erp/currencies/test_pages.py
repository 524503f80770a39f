"""Currencies on pages, over the API, by command and from files."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from erp.banking.models import Receipt
from erp.bills.models import Bill
from erp.invoices.electronic import document_of
from erp.invoices.models import OpenItem
from erp.orders.models import Order
from erp.revaluation.models import Revaluation
from tests.erp.bills.makers import supplier
from tests.erp.currencies.makers import dollar_bill, dollars
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.erp.rates.makers import rate
from tests.importing import imported, media, reasons

__all__ = ["media"]
pytestmark = pytest.mark.django_db

D = Decimal
END = TODAY + timedelta(days=1)
LATER = TODAY + timedelta(days=2)


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def api(*roles):
    company()
    client = APIClient()
    client.force_authenticate(user(*roles))
    return client


class TestDocuments:
    def test_nobody_is_asked_for_a_currency_until_one_has_a_rate(self):
        page = browser("accountant", "order_desk")
        assert 'name="currency"' not in page.get("/bills/new/").content.decode()
        assert 'name="currency"' not in page.get("/orders/new/").content.decode()
        rate("0.90", TODAY)
        assert '<option value="USD">' in page.get("/bills/new/").content.decode()
        assert '<option value="USD">' in page.get("/orders/new/").content.decode()

    def test_a_bill_in_dollars_is_written_posted_and_paid_on_its_pages(self):
        party, page = supplier(), browser("accountant")
        rate("0.90", TODAY)
        told = {
            "party": party.code, "number": "U-1", "date": TODAY.isoformat(), "currency": "USD",
            "line-TOTAL_FORMS": 1, "line-INITIAL_FORMS": 0, "line-0-account": "6200", "line-0-amount": "100.00",
            "line-0-tax_class": "standard",
        }  # fmt: skip
        page.post("/bills/new/", told)
        bill = Bill.objects.get()
        page.post(f"/bills/{bill.pk}/post/")
        rate("0.95", LATER)
        shown = page.get(bill.get_absolute_url()).content.decode()
        paid = page.post(
            f"/bills/{bill.pk}/pay/",
            {"amount": "119.00", "date": LATER.isoformat(), "method": "bank", "booked": "113.00"},
        )
        receipt = Receipt.objects.get()

        assert all(
            words in shown for words in ("Exchange rate", "0.9", "107.10", "Booked by the bank, EUR", "Amount, USD")
        )
        assert (paid.status_code, receipt.house_amount) == (302, D("113.00"))
        assert "113.00" in page.get(receipt.get_absolute_url()).content.decode()
        assert "119.00" in page.get(receipt.entry.get_absolute_url()).content.decode()

    def test_an_invoice_in_dollars_shows_its_worth_and_takes_what_the_bank_booked(self):
        invoice, page = dollars(), browser("accountant")
        shown = page.get(invoice.get_absolute_url()).content.decode()
        told = {"amount": "119.00", "date": LATER.isoformat(), "method": "bank", "booked": "110.00"}
        page.post(reverse("invoices:pay", args=[invoice.pk]), told)

        assert "keep_rest" not in shown
        assert "107.10" in shown
        assert OpenItem.objects.get().house_open == 0
        assert page.get("/lists/invoices/export/csv/?view=all&columns=number,worth").status_code == 200

    def test_in_our_own_currency_nothing_is_asked(self):
        shown = browser("accountant").get(invoice_of().get_absolute_url()).content.decode()
        assert ("booked" in shown, "Open in the books" in shown) == (False, False)

    def test_the_api_tells_rate_and_worth_and_takes_what_was_booked(self):
        invoice, bill, client = dollars(), dollar_bill(), api("accountant")
        told = client.get(f"/api/v1/invoices/{invoice.pk}/").json()
        paid = client.post(f"/api/v1/invoices/{invoice.pk}/payments/", {"booked": "110.00"}, "json").json()

        assert (told["rate"], told["house_payable"], told["house_open"]) == ("0.9000000000", "107.10", "107.10")
        assert (paid["amount"], paid["currency"], paid["house_amount"]) == ("119.00", "USD", "110.00")
        assert client.get(f"/api/v1/bills/{bill.pk}/").json()["house_open"] == "107.10"
        made = client.post(
            "/api/v1/bills/",
            {"party": bill.party.code, "number": "U-2", "date": TODAY.isoformat(), "currency": "GBP",
             "lines": [{"account": "6200", "amount": "1.00"}]},
            "json",
        )  # fmt: skip
        assert (made.status_code, made.json()["code"]) == (422, "rate-missing")

    def test_an_order_of_our_own_is_written_in_dollars(self):
        rate("0.90", TODAY)
        offer()
        party = make_order(("CHAI", "1", "18.00")).party
        made = api("order_desk").post(
            "/api/v1/orders/",
            {"party": party.code, "ordered_on": TODAY.isoformat(), "currency": "USD",
             "lines": [{"sku": "CHAI", "quantity": "1", "unit_price": "20.00"}]},
            "json",
        )  # fmt: skip
        assert (made.status_code, made.json()["currency"]) == (201, "USD")
        assert Order.objects.filter(currency="USD").count() == 1

    def test_the_e_invoice_says_its_tax_in_the_currency_of_the_books(self):
        document = document_of(dollars())
        ours = document_of(invoice_of(("SOAP", "1", "10.00")))

        assert (document.currency, document.tax_currency, document.total_tax_accounting) == ("USD", "EUR", D("17.10"))
        assert (ours.tax_currency, ours.total_tax_accounting) == ("", None)


@pytest.mark.usefixtures("media")
class TestFiles:
    def test_bills_come_in_another_currency_if_it_has_a_rate(self):
        supplier()
        text = (
            "Supplier,Invoice,Invoice date,Account,Net amount,Currency\nPens & Paper,U-9,2026-11-24,6200,100.00,usd\n"
        )
        refused = imported("bills", text, user("accountant"))
        rate("0.90", TODAY)
        taken = imported("bills", text, user("accountant"))

        assert (refused.counts, taken.counts) == ({"error": 1}, {"new": 1})
        assert imported("bills", text, user("accountant")).counts == {"unchanged": 1}
        assert Bill.objects.get().currency == "USD"

    def test_a_payment_of_a_foreign_bill_is_entered_at_the_bill(self):
        dollar_bill()
        text = "Supplier,Bill,Date,Amount\nPens & Paper,U-1,2026-11-25,119.00\n"

        assert "U-1 is in USD" in reasons(imported("bill-payments", text, user("accountant")))[0][1][0][1]


class TestRevaluing:
    def test_it_is_looked_at_done_and_taken_back_on_its_pages(self):
        dollars(), dollar_bill("50.00")
        rate("1.00", END)
        page = browser("accountant")
        assert "Nothing was revalued yet" in page.get("/revaluation/").content.decode()
        shown = page.get(f"/revaluation/?day={END}").content.decode()
        done = page.post("/revaluation/", {"day": END.isoformat()})
        made = Revaluation.objects.get()
        again = page.post("/revaluation/", {"day": END.isoformat()}, follow=True).content.decode()
        detail = page.get(made.get_absolute_url()).content.decode()

        assert all(words in shown for words in ("107.10", "119.00", "11.90", "5.95"))
        assert (done.status_code, Revaluation.objects.count()) == (302, 1)
        assert "has the worth of that day already" in again
        assert all(words in detail for words in ("U-1", "59.50", made.entry.number))
        assert page.post(f"{made.get_absolute_url()}take-back/", {"reason": ""}).status_code == 422
        page.post(f"{made.get_absolute_url()}take-back/", {"reason": "Wrong rate"})
        assert OpenItem.objects.get().house_open == D("107.10")
        assert "taken back" in page.get(made.get_absolute_url()).content.decode()

    def test_a_missing_rate_and_a_later_day_are_said_on_the_page(self):
        dollars()
        page = browser("accountant")
        rate("1.00", LATER)
        page.post("/revaluation/", {"day": LATER.isoformat()})
        refused = page.post("/revaluation/", {"day": END.isoformat()})

        assert (refused.status_code, "take that back first" in refused.content.decode()) == (422, True)
        assert page.post("/revaluation/", {"day": "nonsense"}).status_code == 422

    def test_auditors_look_and_others_do_not(self):
        dollars()
        rate("1.00", END)
        auditor = browser("auditor")
        assert auditor.get(f"/revaluation/?day={END}").status_code == 200
        assert auditor.post("/revaluation/", {"day": END.isoformat()}).status_code == 403
        assert browser("order_desk").get("/revaluation/").status_code == 403
        assert api("auditor").post("/api/v1/revaluations/", {"day": END.isoformat()}, "json").status_code == 403

    def test_over_the_api(self):
        dollars()
        rate("1.00", END)
        client = api("accountant")
        due = client.get(f"/api/v1/revaluations/due/?day={END}").json()
        made = client.post("/api/v1/revaluations/", {"day": END.isoformat()}, "json")
        again = client.post("/api/v1/revaluations/", {"day": END.isoformat()}, "json")
        pk = made.json()["revaluation"]["id"]
        back = client.post(f"/api/v1/revaluations/{pk}/take-back/", {"reason": "Wrong"}, "json")

        assert [(one["before"], one["after"], one["effect"], one["role"]) for one in due] == [
            ("107.10", "119.00", "11.90", "receivable")
        ]
        assert (made.status_code, made.json()["revaluation"]["gain"]) == (201, "11.90")
        assert (again.status_code, again.json()) == (200, {"revaluation": None})
        assert back.json()["reversal"] is not None

    def test_by_command(self):
        dollars()
        rate("1.00", END)
        accountant, told = user("accountant"), StringIO()
        call_command("revalue", END.isoformat(), "--dry-run", stdout=told)
        call_command("revalue", END.isoformat(), "--by", accountant.username, stdout=told)
        call_command("revalue", END.isoformat(), "--by", accountant.username, stdout=told)

        lines = told.getvalue().splitlines()
        assert "119.00 USD at 1, 107.10 → 119.00 EUR" in lines[0]
        assert lines[1] == "1 items would change"
        assert lines[2].startswith("1 items changed: 11.90 EUR gained, 0.00 EUR lost, entry GEN-2026-")
        assert lines[3] == "0 items changed"
        with pytest.raises(CommandError, match="Say who"):
            call_command("revalue", END.isoformat(), stdout=told)
