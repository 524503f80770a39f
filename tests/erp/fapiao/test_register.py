"""Ask for a fapiao, get its number, take it back: what the register allows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from base.ids import uuid7
from base.refusals import MoveRefused, NotAllowed
from erp.banking.refusals import FutureDate
from erp.fapiao import refusals, services
from erp.fapiao.models import Fapiao
from erp.invoices import services as invoicing
from tests.erp.fapiao.makers import (
    BUYER,
    SELLER,
    TEA,
    TEA_TWICE,
    accountant,
    china,
    credited,
    digital,
    invoiced,
    issued,
    requested,
)  # fmt: skip
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, offer

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    return china()


def said(fapiao):
    return [(one.tax_class, one.rate, one.net, one.tax) for one in fapiao.amounts.all()]


class TestRequest:
    def test_it_says_what_the_invoice_says_rate_by_rate(self, books):
        offer("SOAP", "10.00", tax_class="reduced")
        invoice = invoiced(TEA, freight=D("10.00"), tax_id=BUYER)

        made = services.request(invoice, "special", accountant(), remark=" 合同 7 ")

        assert (made.status, made.colour, made.kind, made.remark) == ("requested", "blue", "special", "合同 7")
        assert (made.net, made.tax, made.gross) == (invoice.net, invoice.tax, invoice.gross) == (
            D("110.00"), D("14.30"), D("124.30"),
        )  # fmt: skip
        assert said(made) == [("standard", D("0.13"), D("110.00"), D("14.30"))]
        assert (made.seller_name, made.seller_tax_number) == ("北风贸易有限公司", SELLER)
        assert (made.buyer_name, made.buyer_tax_number) == ("上海客户有限公司", BUYER)

    def test_an_invoice_has_one_that_counts(self, books):
        invoice = invoiced()
        requested(invoice)

        with pytest.raises(refusals.HasFapiao):
            requested(invoice)

    def test_a_doubled_click_asks_once(self, books):
        invoice, key = invoiced(), uuid7()

        assert requested(invoice, id=key) == requested(invoice, id=key)

    def test_a_special_one_needs_a_buyer_with_a_tax_number(self, books):
        invoice = invoiced(tax_id="DE123456789")
        with pytest.raises(refusals.TaxNumberMissing):
            requested(invoice, "special")
        with pytest.raises(refusals.BadTaxNumber) as no:
            requested(invoice, "special", buyer_tax_number="91310115MA1K3L7Y65")

        assert (no.value.status, no.value.field) == (422, "buyer_tax_number")
        assert requested(invoice, "special", buyer_tax_number="9131 0115 ma1k 3l7y 64").buyer_tax_number == BUYER

    def test_only_a_company_in_china_has_them(self):
        with pytest.raises(refusals.NotForFapiao):
            services.request(invoice_of(), "ordinary", accountant())

    def test_a_credit_note_has_none_of_its_own(self, books):
        note = credited(invoiced(), "1")

        with pytest.raises(refusals.NotForFapiao):
            requested(note)

    def test_without_our_own_tax_number_nothing_is_asked(self, books):
        books.letterhead.tax_number = ""
        books.letterhead.save()
        invoice = invoiced()

        with pytest.raises(refusals.SellerUnknown):
            requested(invoice)

        assert services.enter(invoice, "ordinary", digital(), TODAY, accountant()).seller_tax_number == ""

    @pytest.mark.parametrize("role", ["auditor", "order_desk", "warehouse"])
    def test_only_accountants_ask(self, books, role):
        with pytest.raises(NotAllowed):
            services.request(invoiced(), "ordinary", user(role))


class TestNumber:
    @pytest.mark.parametrize(
        ("code", "number"), [("", "25312000000000000001"), ("3100123456", "01234567"), ("031001234567", "01234567")]
    )
    def test_digital_and_older_numbers(self, books, code, number):
        made = services.record(requested(), number, TODAY, accountant(), code=code)

        assert (made.status, made.code, made.number, made.by_hand) == ("issued", code, number, True)

    @pytest.mark.parametrize(
        ("code", "number"),
        [("", "2531200000000000000"), ("1", "25312000000000000001"), ("", "01234567"), ("31001234567", "01234567"),
         ("", "٢5312000000000000001"), ("3100123456", "0123456")],
    )  # fmt: skip
    def test_others_are_none(self, books, code, number):
        with pytest.raises(refusals.BadNumber):
            services.record(requested(), number, TODAY, accountant(), code=code)

    def test_a_number_is_there_once(self, books):
        number = issued().number
        other = requested(invoiced(("SOAP", "1", "10.00")))

        with pytest.raises(refusals.NumberTaken):
            services.record(other, number, TODAY, accountant())

        other.refresh_from_db()
        assert other.status == "requested"

    def test_the_same_answer_again_changes_nothing_and_another_one_is_refused(self, books):
        made = issued()
        before = made.updated_at

        assert services.issue(made, made.number, TODAY).updated_at == before
        with pytest.raises(refusals.AnsweredOtherwise):
            services.issue(made, digital(), TODAY)
        with pytest.raises(refusals.AnsweredOtherwise):
            services.refuse(made, "no")

    def test_nothing_is_issued_tomorrow_and_a_document_lies_on_the_web(self, books):
        made = requested()

        with pytest.raises(FutureDate):
            services.record(made, digital(), TODAY + timedelta(days=4000), accountant())
        with pytest.raises(Exception, match="address"):
            services.record(made, digital(), TODAY, accountant(), link="javascript:alert(1)")

    def test_one_issued_by_hand_is_entered_whole_and_never_sent(self, books):
        made = services.enter(invoiced(), "ordinary", digital(), TODAY, accountant(), link="https://x.cn/1.ofd")

        assert (made.status, made.by_hand, made.link) == ("issued", True, "https://x.cn/1.ofd")
        assert not Fapiao.objects.unsent().exists()


class TestRefusalAndWithdrawal:
    def test_after_a_no_another_one_is_asked(self, books):
        invoice = invoiced()
        first = services.refuse(requested(invoice), "税号不存在")
        assert list(Fapiao.objects.to_mend()) == [first]

        requested(invoice)

        assert not Fapiao.objects.to_mend().exists()

    def test_a_no_that_nobody_wants_to_mend_is_withdrawn(self, books):
        first = services.withdraw(services.refuse(requested(), "no"), accountant())

        assert (first.status, Fapiao.objects.to_mend().count()) == ("withdrawn", 0)

    def test_what_was_sent_is_not_withdrawn(self, books):
        made = requested()
        Fapiao.objects.filter(pk=made.pk).update(sent_at=made.requested_at)

        with pytest.raises(refusals.WithTheProvider):
            services.withdraw(made, accountant())
        with pytest.raises(MoveRefused):
            services.withdraw(services.issue(made, digital(), TODAY), accountant())


class TestRedLetter:
    def test_all_of_it_and_the_invoice_may_have_another_one(self, books):
        blue = issued()

        red = services.request_red(blue, "invoicing_error", accountant())
        blue.refresh_from_db()
        assert (red.colour, red.status, blue.status) == ("red", "requested", "red_requested")
        assert (red.net, red.tax, red.gross) == (-blue.net, -blue.tax, -blue.gross)
        assert said(red) == [("standard", D("0.13"), D("-100.00"), D("-13.00"))]
        with pytest.raises(refusals.HasFapiao):
            requested(blue.invoice)

        services.issue(red, digital(), TODAY)

        blue.refresh_from_db()
        assert blue.status == "reversed"
        assert issued(blue.invoice).status == "issued"

    def test_of_credit_notes_part_by_part_until_nothing_is_left(self, books):
        blue = issued(invoiced(TEA_TWICE))
        first, second = credited(blue.invoice, "3"), credited(blue.invoice, "7")

        red = services.request_red(blue, "sales_return", accountant(), credit_note=first)
        services.issue(red, digital(), TODAY)
        blue.refresh_from_db()
        assert (red.gross, red.credit_note, blue.status) == (-first.gross, first, "issued")
        with pytest.raises(refusals.NoteTaken):
            services.request_red(blue, "sales_return", accountant(), credit_note=first)

        services.issue(services.request_red(blue, "sales_return", accountant(), credit_note=second), digital(), TODAY)

        blue.refresh_from_db()
        assert blue.status == "reversed"

    def test_without_a_credit_note_what_is_left(self, books):
        blue = issued(invoiced(TEA_TWICE))
        services.issue(
            services.request_red(blue, "sales_return", accountant(), credit_note=credited(blue.invoice, "3")),
            digital(),
            TODAY,
        )

        rest = services.issue(services.request_red(blue, "sales_allowance", accountant()), digital(), TODAY)

        blue.refresh_from_db()
        assert (rest.net, blue.status) == (D("-140.00"), "reversed")

    def test_one_at_a_time_and_only_of_what_is_issued(self, books):
        with pytest.raises(MoveRefused):
            services.request_red(requested(), "invoicing_error", accountant())
        blue = issued(invoiced(("SOAP", "1", "10.00")))
        red = services.request_red(blue, "invoicing_error", accountant())
        with pytest.raises(refusals.RedLetterWaits):
            services.request_red(blue, "invoicing_error", accountant())
        with pytest.raises(MoveRefused):
            services.request_red(services.issue(red, digital(), TODAY), "invoicing_error", accountant())

    def test_a_refused_one_leaves_the_blue_one_standing(self, books):
        blue = issued()

        services.refuse(services.request_red(blue, "invoicing_error", accountant()), "no")
        blue.refresh_from_db()
        assert blue.status == "issued"

        services.withdraw(services.request_red(blue, "invoicing_error", accountant()), accountant())
        blue.refresh_from_db()
        assert (blue.status, services.request_red(blue, "invoicing_error", accountant()).status) == (
            "issued", "requested",
        )  # fmt: skip

    def test_an_error_is_taken_back_whole_and_a_note_must_be_of_the_invoice(self, books):
        blue, other = issued(), invoiced(("SOAP", "5", "10.00"))
        note = credited(blue.invoice, "1")
        line = other.order.lines.get()
        strange = invoicing.credit(other.order, [(line, D(1))], "Broken", date=TODAY)

        with pytest.raises(refusals.NotWhole):
            services.request_red(blue, "invoicing_error", accountant(), credit_note=note)
        with pytest.raises(refusals.NotOfThisInvoice):
            services.request_red(blue, "sales_return", accountant(), credit_note=strange)

    def test_one_issued_by_hand_is_entered_whole_and_never_sent(self, books):
        blue = issued()

        red = services.enter_red(blue, "invoicing_error", digital(), TODAY, accountant())

        blue.refresh_from_db()
        assert (red.status, red.by_hand, blue.status) == ("issued", True, "reversed")
        assert not Fapiao.objects.unsent().exists()

    def test_it_comes_after_what_it_takes_back(self, books):
        red = services.request_red(issued(), "invoicing_error", accountant())

        with pytest.raises(refusals.RedBeforeBlue):
            services.record(red, digital(), TODAY - timedelta(days=1), accountant())


def test_its_life_is_in_its_history(books):
    blue = issued()
    services.request_red(blue, "invoicing_error", accountant())

    assert [one.status for one in blue.history.order_by("history_id")] == ["requested", "issued", "red_requested"]
