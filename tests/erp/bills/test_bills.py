"""Bills: written once, posted with their input tax, paid up to what is open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import NotAllowed, Refused
from erp.bills import refusals, services
from erp.bills.models import Bill, BillLine, BillPayment
from erp.ledger.reports import account_balance
from erp.proof.services import prove
from erp.tax import returns
from erp.tax.boxes import draw_up
from tests.erp.bills.makers import DAY, bill_of, line, posted, supplier
from tests.erp.invoices.makers import rivals
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.orders.makers import make_order, offer
from tests.helpers import page_queries

D = Decimal
TAKE = "INSERT INTO public.bills_billpayment (id, bill_id, receipt_id, amount) VALUES (uuidv7(), %s, %s, %s)"


def booked(bill):
    rows = bill.entry.lines.select_related("account").order_by("position")
    return [(one.account.role or one.account.code, one.amount, one.tax_code) for one in rows]


@pytest.mark.django_db
class TestWriting:
    def test_a_bill_is_posted_with_its_input_tax_and_owed(self):
        bill = posted(line("100.00"), line("50.00", "reduced", text="Books"))

        assert (bill.net, bill.tax, bill.payable, bill.open_amount) == (D("150"), D("22.50"), D("172.50"), D("172.50"))
        assert booked(bill) == [
            ("6200", D("100.00"), "standard:19"),
            ("6200", D("50.00"), "reduced:7"),
            ("vat_input", D("19.00"), "standard:19"),
            ("vat_input", D("3.50"), "reduced:7"),
            ("payable", D("-172.50"), ""),
        ]
        assert bill.due == DAY + timedelta(days=30)
        assert services.post(bill, user("accountant")).entry == bill.entry

    def test_what_its_lines_said_before_is_kept_and_shown(self):
        bill = bill_of(line("100.00", text="Pens"))
        services.change(bill, bill.party, bill.number, bill.date, [line("80.00", text="Ink")], user("accountant"))

        kept = BillLine.history.filter(bill_id=bill.pk).order_by("history_id")
        assert [(one.history_type, one.amount) for one in kept] == [("+", D(100)), ("-", D(100)), ("+", D(80))]
        client = Client()
        client.force_login(user("accountant"))
        page = client.get(f"/history/bills.bill/{bill.pk}/").content.decode()
        assert "<del>Pens</del> → <ins>Ink</ins>" in " ".join(page.split())

    def test_amounts_may_include_the_tax(self):
        bill = posted(line("119.00"), line("0.99", "reduced"), inclusive=True)

        assert [(one.net, one.tax) for one in bill.lines.all()] == [(D("100.00"), D("19.00")), (D("0.93"), D("0.06"))]
        assert bill.payable == D("119.99")

    def test_tax_is_rounded_by_line_or_by_document(self):
        lines = [line("0.33")] * 4
        assert posted(*lines).tax == D("0.24")

        returns.set_profile(company(), user("accountant"), rounding="document")

        assert posted(*lines, number="R-2").tax == D("0.25")

    @pytest.mark.parametrize(("tax_class", "box"), [("reverse", "T85"), ("acquisition", "T89")])
    def test_where_we_owe_the_tax_both_sides_of_it_are_booked(self, tax_class, box):
        bill = posted(line("1000.00", tax_class))

        assert (bill.payable, bill.tax) == (D("1000.00"), D("190.00"))
        assert booked(bill)[1:] == [
            ("vat_input", D("190.00"), f"{tax_class}:19"),
            ("vat_output", D("-190.00"), f"{tax_class}:19"),
            ("payable", D("-1000.00"), ""),
        ]
        drawn = draw_up(returns.form_of(company()), company(), date(2026, 11, 1), date(2026, 11, 30))
        assert (drawn.figure(box).amount, drawn.payable, drawn.left_out) == (D("190.00"), D("0.00"), [])

    def test_a_suppliers_number_is_taken_once_until_it_is_discarded(self):
        first = bill_of(number="R-7")
        with pytest.raises(refusals.BillKnown):
            bill_of(number=" r-7 ")
        bill_of(number="R-7", party=supplier("Other"))

        services.discard(first, user("accountant"))

        assert bill_of(number="R-7").status == "draft"

    def test_a_draft_is_changed_and_a_posted_bill_is_not(self):
        bill = bill_of()
        by = user("accountant")
        changed = services.change(bill, bill.party, "R-2", DAY, [line("10.00")], by, due=DAY)
        assert (changed.number, changed.payable, changed.due) == ("R-2", D("11.90"), DAY)
        done = services.post(changed, by)
        for act in (
            lambda: services.change(done, done.party, "R-3", DAY, [line("1.00")], by),
            lambda: services.discard(done, by),
        ):
            with pytest.raises(refusals.BillStays):
                act()

    @pytest.mark.parametrize(
        ("lines", "refusal"),
        [
            ([], refusals.NoLines),
            ([("10.00", "standard", "1200")], refusals.NotForBills),
            ([("10.00", "standard", "2200")], refusals.NotForBills),
            ([("0.00", "standard", "6200")], Refused),
            ([("1.00", "luxury", "6200")], Refused),
        ],
    )
    def test_what_cannot_be_a_bill_is_refused_and_leaves_nothing(self, lines, refusal):
        supplier()
        made = [line(amount, tax_class, code) for amount, tax_class, code in lines]
        with pytest.raises(refusal), transaction.atomic():
            services.write(supplier(), "R-1", DAY, made, user("accountant"))

        assert Bill.objects.count() == 0

    def test_customers_send_no_bills_and_auditors_write_none(self):
        offer()
        customer = make_order(("CHAI", "2", "18.00")).party
        with pytest.raises(refusals.NotASupplier):
            bill_of(party=customer)
        with pytest.raises(NotAllowed):
            bill_of(by=user("auditor"))

    def test_large_bills_are_posted_by_a_second_person(self):
        bill = bill_of(line("10000.00"), by=user("accountant", name="margaret"))
        with pytest.raises(refusals.SecondPersonPosts):
            services.post(bill, user("accountant", name="margaret"))

        assert services.post(bill, user("accountant", name="peter")).posted_by.username == "peter"


@pytest.mark.django_db
class TestPaying:
    def test_parts_of_it_are_paid_until_nothing_is_open(self):
        bill, by = posted(), user("accountant")

        first = services.pay(bill, D("19.00"), DAY, by, key="k")
        again = services.pay(bill, D("19.00"), DAY, by, key="k")
        services.pay(bill, D("100.00"), DAY, by)

        assert first == again
        assert (first.number[:3], first.signed_amount) == ("PY-", D("-19.00"))
        assert Bill.objects.get().open_amount == 0
        assert account_balance("payable") == 0
        assert account_balance("bank") == D("-119.00")

    def test_no_more_is_paid_than_is_open_and_nothing_before_it_is_posted(self):
        with pytest.raises(refusals.BillStays):
            services.pay(bill_of(number="R-9"), D("1.00"), DAY, user("accountant"))
        with pytest.raises(refusals.MoreThanOpen):
            services.pay(posted(), D("119.01"), DAY, user("accountant"))

    def test_the_proof_holds(self):
        services.pay(posted(), D("19.00"), DAY, user("accountant"))
        bill_of(number="draft")

        assert [one.code for one in prove().findings.all() if one.rows or one.error] == []


@pytest.mark.django_db
class TestTheDatabase:
    def test_keeps_what_is_posted(self):
        bill = posted()
        services.pay(bill, D("19.00"), DAY, user("accountant"))

        for statement, sqlstate in (
            ("UPDATE public.bills_bill SET payable = 1", "HM088"),
            ("UPDATE public.bills_bill SET open_amount = 1", "HM088"),
            ("UPDATE public.bills_bill SET status = 'draft'", "HM088"),
            ("DELETE FROM public.bills_bill", "42501"),
            ("UPDATE public.bills_billline SET net = 1", "HM088"),
            ("DELETE FROM public.bills_billline", "HM088"),
            ("UPDATE public.bills_billpayment SET amount = 1", "42501"),
            ("DELETE FROM public.bills_billpayment", "42501"),
        ):
            with refused(sqlstate):
                as_app(statement)

    def test_takes_a_number_once_and_posts_nothing_without_its_entry(self):
        one = bill_of()
        other = bill_of(number="R-2")

        with refused("23505"):
            as_app("UPDATE public.bills_bill SET number = 'r-1' WHERE id = %s", other.pk)
        with refused("HM089"):
            as_app("UPDATE public.bills_bill SET status = 'posted', open_amount = payable WHERE id = %s", one.pk)
        done = services.post(one, user("accountant"))
        with refused("HM089"):
            as_app(
                "UPDATE public.bills_bill SET status = 'posted', open_amount = payable, entry_id = %s, posted_by_id ="
                " created_by_id WHERE id = %s", done.entry_id, other.pk,
            )  # fmt: skip

    def test_a_payment_is_not_used_for_another_bill(self):
        first, second = posted(), posted(number="R-2")
        receipt = services.pay(first, D("19.00"), DAY, user("accountant"))

        with refused("23505"):
            as_app(TAKE, second.pk, receipt.pk, 19)
        with refused("HM077"):
            as_app(TAKE, second.pk, receipt.pk, 1)


@pytest.mark.django_db(transaction=True)
def test_of_rivals_who_enter_the_same_bill_one_does():
    party, by = supplier(), user("accountant")
    lines = [line("100.00")]

    told = rivals(4, lambda _number: services.write(party, "R-77", DAY, lines, by))

    assert sum(isinstance(one, refusals.BillKnown) for one in told) == 3
    assert Bill.objects.count() == 1
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_rivals_pay_a_bill_once():
    bill, by = posted(), user("accountant")

    told = rivals(4, lambda number: services.pay(bill, D("100.00"), DAY, by, key=f"k{number}"))

    assert sum(not isinstance(one, Refused) for one in told) == 1
    assert (Bill.objects.get().open_amount, BillPayment.objects.count()) == (D("19.00"), 1)
    connection.close()


def browser(*roles, name=""):
    client = Client()
    client.force_login(user(*roles, name=name))
    return client


@pytest.mark.django_db
class TestFaces:
    def test_a_bill_on_its_pages(self, django_assert_max_num_queries):
        party, page = supplier(), browser("accountant")
        grid = {"line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0", "line-0-account": "6200 Office supplies",
                "line-0-amount": "100.00", "line-0-tax_class": "standard", "line-1-tax_class": "standard"}  # fmt: skip
        head = {"party": party.code, "number": "R-1", "date": "2026-11-20"}
        wrong = page.post("/bills/new/", {**head, **grid, "line-0-amount": ""})
        assert (wrong.status_code, Bill.objects.count()) == (422, 0)
        assert page.post("/bills/new/", {**head, **grid, "line-0-account": "9999"}).status_code == 422
        page.post("/bills/new/", {**head, **grid})
        bill = Bill.objects.get()
        assert bill.payable == D("119.00")
        assert page.post("/bills/new/", {**head, **grid}).status_code == 422
        page.post(f"/bills/{bill.pk}/edit/", {**head, **grid, "line-0-amount": "200.00", "version": bill.version})
        page.post(f"/bills/{bill.pk}/post/")
        assert (
            page.post(f"/bills/{bill.pk}/pay/", {"amount": "999", "date": "2026-11-20", "method": "bank"}).status_code
            == 422
        )
        page.post(f"/bills/{bill.pk}/pay/", {"amount": "38.00", "date": "2026-11-20", "method": "bank"})
        bill = Bill.objects.get()
        assert (bill.status, bill.payable, bill.open_amount) == ("posted", D("238.00"), D("200.00"))
        page.get(bill.get_absolute_url())
        with django_assert_max_num_queries(page_queries(9)):
            shown = page.get(bill.get_absolute_url()).content.decode()
        assert bill.entry.number in shown
        assert "R-1" in page.get(party.get_absolute_url()).content.decode()
        assert browser("auditor").get(bill.get_absolute_url()).status_code == 200
        assert browser("auditor").get("/bills/new/").status_code == 403

    def test_the_same_over_rest(self):
        party, api = supplier(), APIClient()
        api.force_authenticate(user("accountant"))
        told = {"party": party.code, "number": "R-1", "date": "2026-11-20",
                "lines": [{"account": "6200", "amount": "100.00", "text": "Pens"}]}  # fmt: skip

        made = api.post("/api/v1/bills/", told, format="json")
        assert (made.status_code, made.json()["payable"]) == (201, "119.00")
        again = api.post("/api/v1/bills/", told, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "bill-known")
        address = f"/api/v1/bills/{made.json()['id']}/"
        assert api.put(address, {**told, "inclusive": True}, format="json").json()["payable"] == "100.00"
        assert api.post(f"{address}post/").json()["status"] == "posted"
        assert api.post(f"{address}discard/").json()["code"] == "bill-stays"
        paid = api.post(f"{address}payments/", {}, format="json")
        assert (paid.status_code, paid.json()["amount"], api.get(address).json()["open_amount"]) == (
            201,
            "100.00",
            "0.00",
        )
        unknown = {**told, "number": "R-2", "lines": [{"account": "nothing", "amount": "1"}]}
        assert api.post("/api/v1/bills/", unknown, format="json").status_code == 404
        assert api.post("/api/v1/bills/", {**told, "number": "R-3", "lines": []}, format="json").status_code == 422
