"""What customers paid too much, and how old what they owe is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import Refused
from erp.banking.models import Receipt
from erp.invoices import credits, refusals, reports, services
from erp.invoices.models import Invoice
from erp.ledger.reports import account_balance
from erp.proof.services import prove
from tests.erp.invoices.makers import invoice_of, rivals, ship
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, make_order, offer

D = Decimal


def overpaid(amount="150.00"):
    """An invoice of 119.00 that somebody paid 150.00 for."""
    invoice = invoice_of()
    return services.take_payment(invoice, D(amount), TODAY, keep_rest=True)


def another(party_of):
    """Another invoice of 23.80 for the same customer."""
    order = make_order(("CHAI", "1", "20.00"), customer=party_of)
    ship(order)
    return services.issue(order, date=TODAY)


@pytest.fixture
def same():
    from tests.erp.orders.makers import customer

    return customer()


@pytest.mark.django_db
class TestRests:
    def test_too_much_is_refused_unless_it_is_kept(self):
        invoice = invoice_of()
        with pytest.raises(refusals.MoreThanOpen):
            services.take_payment(invoice, D("150.00"), TODAY)

        receipt = services.take_payment(invoice, D("150.00"), TODAY, keep_rest=True)

        assert (receipt.excess, receipt.rest) == (D("31.00"), D("31.00"))
        assert Invoice.objects.get().status == "paid"
        assert account_balance("receivable") == D("-31.00")
        assert reports.receivables_check() == reports.Check(D("-31.00"), D("-31.00"))
        assert [(row.bands[0], row.total) for row in reports.aging(TODAY)] == [(D("-31.00"), D("-31.00"))]
        with pytest.raises(refusals.MoreThanOpen):
            services.take_payment(Invoice.objects.get(), D("1.00"), TODAY, keep_rest=True)

    def test_it_settles_later_invoices_the_oldest_first(self, same):
        order = make_order_of(same)
        receipt = services.take_payment(order, D("150.00"), TODAY, keep_rest=True)
        first, second = another(same), another(same)

        settled = credits.use_rest(receipt)

        assert [one.number for one in settled] == [first.number, second.number]
        assert [one.open_amount for one in Invoice.objects.order_by("id")] == [D("0"), D("0"), D("16.60")]
        assert Receipt.objects.get().rest == 0
        assert reports.receivables_check().difference == 0
        with pytest.raises(refusals.NoRest):
            credits.use_rest(Receipt.objects.get())

    def test_it_is_paid_back_once(self):
        receipt = overpaid()

        back = credits.refund_rest(receipt, TODAY, user("accountant"), key="k")

        assert (back.amount, back.refunds, back.kind) == (D("31.00"), receipt, "refund")
        assert credits.refund_rest(receipt, TODAY, key="k") == back
        assert account_balance("receivable") == 0
        assert account_balance("bank") == D("119.00")
        with pytest.raises(refusals.NoRest):
            credits.refund_rest(Receipt.objects.get(pk=receipt.pk), TODAY)
        assert [one.code for one in prove().findings.all() if one.rows or one.error] == []

    def test_nothing_to_settle_says_so(self):
        with pytest.raises(refusals.NothingOpen):
            credits.use_rest(overpaid())

    def test_the_database_takes_no_more_of_it_than_came(self, same):
        invoice = make_order_of(same)
        receipt = services.take_payment(invoice, D("150.00"), TODAY, keep_rest=True)
        later = another(same)
        credits.refund_rest(receipt, TODAY)

        with refused("HM086"):
            as_app(
                "INSERT INTO public.invoices_allocation (id, invoice_id, receipt_id, amount, date, recorded_at)"
                " VALUES (uuidv7(), %s, %s, 1, %s, now())", later.pk, receipt.pk, TODAY,
            )  # fmt: skip

    def test_on_its_pages_and_over_rest(self, same):
        invoice, page = make_order_of(same), Client()
        page.force_login(user("accountant"))
        money = {"amount": "150.00", "date": TODAY.isoformat(), "method": "bank"}
        assert page.post(f"/invoices/{invoice.pk}/payment/", money).status_code == 422
        page.post(f"/invoices/{invoice.pk}/payment/", {**money, "keep_rest": "on"})
        receipt = Receipt.objects.get()
        assert "31.00" in page.get(receipt.get_absolute_url()).content.decode()
        assert receipt.number in page.get("/banking/receipts/?has_rest=true").content.decode()
        later = another(same)
        page.post(f"/invoices/rest/{receipt.pk}/use/")
        assert Invoice.objects.get(pk=later.pk).open_amount == 0
        api = APIClient()
        api.force_authenticate(user("accountant"))
        listed = api.get("/api/v1/customer-credits/").json()["results"]
        assert [(one["number"], one["excess"], one["rest"]) for one in listed] == [(receipt.number, "31.00", "7.20")]
        assert (
            api.post(f"/api/v1/customer-credits/{receipt.pk}/use/", {}, format="json").json()["code"] == "nothing-open"
        )
        back = api.post(f"/api/v1/customer-credits/{receipt.pk}/refund/", {}, format="json")
        assert (back.status_code, back.json()["amount"]) == (201, "7.20")
        assert api.get("/api/v1/customer-credits/").json()["results"] == []


def make_order_of(customer):
    """An invoice of 119.00 for this customer."""
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"), customer=customer)
    ship(order)
    return services.issue(order, date=TODAY)


@pytest.mark.django_db(transaction=True)
def test_rivals_take_a_rest_once():
    receipt = overpaid()

    told = rivals(4, lambda number: credits.refund_rest(receipt, TODAY, key=f"k{number}"))

    assert sum(not isinstance(one, Refused) for one in told) == 1
    assert account_balance("receivable") == 0


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_settles_less_than_it_says_is_refused(as_owner):
    services.take_payment(invoice_of(), D("119.00"), TODAY)
    as_owner.execute("ALTER TABLE public.banking_receipt DISABLE TRIGGER banking_receipt_guard")

    with refused("HM087"):  # at COMMIT
        as_owner.execute(
            "INSERT INTO public.banking_receipt SELECT (jsonb_populate_record(r,"
            " jsonb_build_object('id', uuidv7(), 'number', 'X', 'key', 'x', 'entry_id', e.id))).*"
            " FROM public.banking_receipt r JOIN public.ledger_journalentry e ON e.id <> r.entry_id LIMIT 1"
        )


@pytest.mark.django_db(transaction=True)
def test_a_payment_whose_allocations_are_gone_is_found_by_the_proof(as_owner):
    receipt = services.take_payment(invoice_of(), D("119.00"), TODAY)
    as_owner.execute("ALTER TABLE public.invoices_allocation DISABLE TRIGGER USER")
    as_owner.execute("DELETE FROM public.invoices_allocation")
    as_owner.execute("ALTER TABLE public.invoices_allocation ENABLE TRIGGER USER")

    broken = {one.code for one in prove().findings.all() if one.rows}

    assert "I10 receipts" in broken
    assert receipt.excess == 0


@pytest.mark.django_db
def test_the_aging_of_a_day_is_what_was_known_of_that_day():
    invoice = invoice_of()
    late = invoice.due + timedelta(days=40)
    assert [row.bands for row in reports.aging(late)] == [[D("0.00"), D("0.00"), D("119.00"), D("0.00"), D("0.00")]]
    services.take_payment(invoice, D("19.00"), TODAY)

    assert [row.total for row in reports.aging(TODAY)] == [D("100.00")]
    assert reports.aging(TODAY - timedelta(days=1)) == []


@pytest.mark.django_db(transaction=True)
def test_many_open_items_are_aged_by_the_database(as_owner, django_assert_max_num_queries):
    invoice_of()
    as_owner.execute("ALTER TABLE public.invoices_invoice DISABLE TRIGGER USER")
    as_owner.execute("ALTER TABLE public.invoices_openitem DISABLE TRIGGER USER")
    as_owner.execute(
        "INSERT INTO public.invoices_invoice SELECT (jsonb_populate_record(i, jsonb_build_object('id', uuidv7(),"
        " 'number', 'X' || n, 'part', n + 1, 'digest', n::text, 'key', null))).* FROM public.invoices_invoice i,"
        " generate_series(1, 10000) n"
    )
    as_owner.execute(
        "INSERT INTO public.invoices_openitem SELECT id, payable FROM public.invoices_invoice WHERE number LIKE 'X%'"
    )

    with django_assert_max_num_queries(2):
        (row,) = reports.aging(TODAY)

    assert row.total == 119 * 10001
