"""VAT returns: boxes from lines, filed once, locked, amended by a second person."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from erp.banking import services as banking
from erp.invoices import services as invoicing
from erp.ledger.refusals import TaxFiled
from erp.ledger.services import Line, Posting, post, reverse
from erp.tax import packs, refusals, returns
from erp.tax.boxes import BoxUnknown, draw_up
from erp.tax.expressions import Taxes
from erp.tax.models import ReturnBox, ReturnForm, TaxRate, VatReturn
from erp.tax.services import rate
from tests.erp.invoices.makers import reported, shipped_order
from tests.erp.makers import company, user
from tests.erp.tax.makers import OCTOBER, bought, span, taxed
from tests.helpers import page_queries

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books():
    return company()


def drawn(of=OCTOBER, form="de-ustva"):
    return draw_up(ReturnForm.objects.get(code=form), company(), of.start, of.end)


def amounts(found, *codes):
    return [found.figure(code).amount for code in codes]


def accountant(name="margaret"):
    return user("accountant", name=name)


class TestBoxes:
    def test_each_box_sums_the_lines_of_its_taxes(self):
        taxed("1000.00")
        taxed("500.50", "reduced", "7")
        taxed("100.00", "standard", "16")
        taxed("300.00", "intra", "0")
        taxed("50.00", "export", "0")
        bought("200.00")
        bought("400.00", "acquisition", own=True)
        bought("600.00", "reverse", own=True)
        taxed("9999.00", on=date(2026, 11, 1))

        found = drawn()

        assert amounts(found, "B81", "T81", "B86", "T86", "B35", "T36") == [
            D("1000"), D("190.00"), D("500"), D("35.04"), D("100"), D("16.00"),
        ]  # fmt: skip
        assert amounts(found, "B41", "B43", "B89", "T89", "B84", "T85") == [
            D("300"), D("50"), D("400"), D("76.00"), D("600"), D("114.00"),
        ]  # fmt: skip
        assert amounts(found, "T66", "T61", "T67", "PAY") == [D("38.00"), D("76.00"), D("114.00"), D("203.04")]
        assert (found.output_tax, found.input_tax, found.left_out) == (D("431.04"), D("228.00"), [])

    def test_in_the_united_kingdom_purchases_that_we_are_taxed_for_are_sales_too(self):
        taxed("1000.00", "standard", "20")
        taxed("40.40", "reduced", "5")
        taxed("300.00", "intra", "0")
        taxed("50.00", "export", "0")
        bought("200.00")
        bought("400.00", "acquisition", own=True)
        bought("600.00", "reverse", own=True)

        found = drawn(form="gb-vat100")

        assert amounts(found, "T1", "T2", "T3") == [D("316.02"), D("76.00"), D("392.02")]
        assert amounts(found, "T4", "PAY") == [D("228.00"), D("164.02")]
        assert amounts(found, "N6", "N7", "N8", "N9") == [D("1990"), D("1200"), D("300"), D("400")]
        assert found.left_out == []

    def test_a_code_without_a_rate_has_that_of_its_day(self):
        post(Posting(journal="sales", date=date(2026, 10, 3), text="Old", key="old", lines=[
            Line("receivable", debit=D("119.00"), party="C00001"),
            Line("sales", credit=D("100.00"), tax_code="standard"),
            Line("vat_output", credit=D("19.00"), tax_code="standard"),
        ]))  # fmt: skip

        assert amounts(drawn(), "B81", "T81", "B35") == [D("100"), D("19.00"), D("0")]

    def test_a_reversal_takes_the_tax_back_in_its_own_span(self):
        entry = taxed("1000.00")
        reverse(entry, date(2026, 11, 5), "wrong customer")

        assert amounts(drawn(), "B81", "PAY") == [D("1000"), D("190.00")]
        assert amounts(drawn(span(2026, 11)), "B81", "PAY") == [D("-1000"), D("-190.00")]

    def test_a_deposit_its_invoice_and_a_refund_stand_each_in_its_own_span(self):
        order = shipped_order(("CHAI", "50", "20.00"))
        deposit = banking.report_deposit(reported(order, "1190.00"))
        banking.book_deposit(deposit, D("1190.00"), date(2026, 10, 20))
        invoice = invoicing.issue(order, date=date(2026, 11, 23))

        assert amounts(drawn(), "B81", "T81") == [D("1000"), D("190.00")]
        assert amounts(drawn(span(2026, 11)), "B81", "T81") == [D("0"), D("0.00")]
        assert (invoice.payable, invoice.open_amount) == (D("0.00"), D("0.00"))

    def test_what_no_box_counts_is_told(self):
        post(Posting(journal="general", date=date(2026, 10, 3), text="Odd", key="odd", lines=[
            Line("bank", debit=D("5.00")), Line("vat_output", credit=D("5.00")),
        ]))  # fmt: skip

        assert [(one.tag, one.part, one.amount) for one in drawn().left_out] == [("", "output", D("-5.00"))]
        with pytest.raises(refusals.TaxLeftOut):
            returns.file(company(), OCTOBER, accountant())

    def test_china_carries_a_credit_forward(self):
        taxed("100.00", "services", "6")
        bought("100.00", "standard", "13")
        form = ReturnForm.objects.get(code="cn-general")

        found = drawn(form="cn-general")
        assert amounts(found, "L11", "L12", "L18", "L19", "L20", "PAY") == [
            D("6.00"), D("13.00"), D("6.00"), D("0.00"), D("7.00"), D("0.00"),
        ]  # fmt: skip

        books = company()
        books.jurisdiction = "CN"
        books.save()
        returns.set_profile(books, accountant(), form=form)
        returns.file(books, OCTOBER, accountant())
        taxed("200.00", "services", "6", on=date(2026, 11, 3))
        later = drawn(span(2026, 11), "cn-general")
        assert amounts(later, "L13", "L17", "L18", "L19", "L20", "PAY") == [
            D("7.00"), D("7.00"), D("7.00"), D("5.00"), D("0.00"), D("5.00"),
        ]  # fmt: skip

    def test_small_scale_taxpayers_have_their_own_rates_and_return(self):
        books = company()
        books.jurisdiction = "CN"
        books.save()
        returns.set_profile(books, accountant(), regime="small")
        from erp.ledger.services import forget as forget_books

        forget_books()
        on = date(2026, 10, 12)
        assert (rate("standard", on), rate("services", on), rate("exempt", on)) == (D("0.01"), D("0.01"), D(0))
        assert rate("standard", date(2028, 1, 1)) == D("0.03")
        taxed("1000.00", percent="1")

        found = drawn(form=returns.form_of(books).code)
        forget_books()

        assert found.form.code == "cn-small"
        assert amounts(found, "L1", "L15", "L16", "PAY", "OT") == [
            D("1000.00"), D("30.00"), D("20.00"), D("10.00"), D("10.00"),
        ]  # fmt: skip

    def test_a_box_that_adds_itself_is_refused(self):
        form = ReturnForm.objects.get(code="de-ustva")
        ReturnBox.objects.filter(form=form, code="OT").update(counts="PAY")

        with pytest.raises(BoxUnknown):
            drawn()

    @pytest.mark.parametrize("text", ["", "19", "standard:x", "Standard", "standard;reduced"])
    def test_an_expression_that_says_nothing_is_refused(self, text):
        with pytest.raises(BadInput):
            Taxes.read(text)


class TestFiling:
    def test_a_filed_return_keeps_its_figures_and_takes_no_tax(self):
        taxed("1000.00")

        found = returns.file(company(), OCTOBER, accountant())

        assert (found.status, found.version, found.payable) == ("filed", 1, D("190.00"))
        version = found.versions.get()
        assert (version.figures["B81"], version.figures["T81"], version.output_tax) == ("1000", "190.00", D("190.00"))
        with pytest.raises(TaxFiled), transaction.atomic():
            taxed("10.00")
        rent = [Line("6100", debit=D("5")), Line("bank", credit=D("5"))]
        post(Posting(journal="general", date=date(2026, 10, 30), text="Rent", key="rent", lines=rent))

    def test_it_is_filed_once_and_no_other_overlaps_it(self):
        returns.file(company(), OCTOBER, accountant())

        for other in (OCTOBER, span(2026, 8, 3), span(2026, 10, 1)):
            with pytest.raises(refusals.AlreadyFiled), transaction.atomic():
                returns.file(company(), other, accountant())

    def test_only_a_span_that_is_over_is_filed_by_who_keeps_the_books(self):
        with pytest.raises(refusals.NotOver):
            returns.file(company(), span(2090, 1), accountant())
        with pytest.raises(NotAllowed):
            returns.file(company(), OCTOBER, user("auditor"))
        with pytest.raises(BadInput):
            returns.span_from(date(2026, 10, 2), 1)

    def test_an_amendment_takes_a_second_person_and_keeps_both_versions(self):
        taxed("1000.00")
        found = returns.file(company(), OCTOBER, accountant())
        with pytest.raises(refusals.SecondPersonAmends):
            returns.reopen(found, accountant(), "forgotten")
        with pytest.raises(refusals.SecondPersonAmends):
            returns.reopen(found, accountant("peter"), " ")

        amending = returns.reopen(found, accountant("peter"), "An invoice was forgotten")
        taxed("500.00")
        now = returns.drawn_again(amending)
        assert (now.figure("T81").amount, now.figure("T81").filed, now.figure("T81").difference) == (
            D("285.00"), D("190.00"), D("95.00"),
        )  # fmt: skip
        again = returns.file(company(), OCTOBER, accountant("peter"))

        assert (again.pk, again.status, again.version) == (found.pk, "filed", 2)
        assert [(one.version, one.figures["T81"], one.reason) for one in again.versions.all()] == [
            (1, "190.00", ""),
            (2, "285.00", "An invoice was forgotten"),
        ]
        with pytest.raises(refusals.NotFiled):
            returns.reopen(returns.reopen(again, accountant(), "once more"), accountant("x"), "twice")
        with pytest.raises(TaxFiled):
            taxed("10.00", on=date(2026, 10, 1)) if returns.file(company(), OCTOBER, accountant()) else None

    def test_the_next_span_follows_the_last_one_filed(self):
        assert returns.next_span(company(), date(2026, 11, 26)) == OCTOBER
        returns.set_profile(company(), accountant(), months=3)
        assert returns.next_span(company(), date(2026, 11, 26)) == span(2026, 7, 3)

        returns.file(company(), span(2026, 7, 3), accountant())

        assert returns.next_span(company()) == span(2026, 10, 3)


class TestPacks:
    def test_loading_again_changes_nothing_and_brings_back_what_is_missing(self, capsys):
        TaxRate.objects.filter(jurisdiction="CN", regime="small").delete()
        before = TaxRate.objects.count()

        call_command("load_tax_packs", "CN")
        call_command("load_tax_packs")

        assert TaxRate.objects.count() == before + 15
        assert capsys.readouterr().out.splitlines() == ["CN: 15 new", "CN: 0 new", "DE: 0 new", "GB: 0 new"]

    @pytest.mark.parametrize("country", packs.names())
    def test_every_box_can_be_read(self, country):
        for form in ReturnForm.objects.filter(jurisdiction=country):
            assert draw_up(form, company(), OCTOBER.start, OCTOBER.end).payable == 0


def browser(*roles, name=""):
    client = Client()
    client.force_login(user(*roles, name=name))
    return client


class TestPages:
    def test_a_return_is_drawn_up_filed_amended_and_compared(self):
        taxed("1000.00")
        page = browser("accountant", name="margaret")

        shown = page.get("/tax/returns/next/?start=2026-10-01&months=1")
        assert shown.status_code == 200
        assert "190.00" in shown.content.decode()
        filed = page.post("/tax/returns/file/", {"start": "2026-10-01", "months": "1"}, follow=True)
        found = VatReturn.objects.get()
        assert filed.redirect_chain[-1][0] == found.get_absolute_url()
        page.post(f"/tax/returns/{found.pk}/reopen/", {"reason": "forgotten"})
        assert VatReturn.objects.get().status == "filed"
        other = browser("accountant", name="peter")
        other.post(f"/tax/returns/{found.pk}/reopen/", {"reason": "An invoice was forgotten"})
        taxed("500.00")
        text = other.get(found.get_absolute_url()).content.decode()
        assert "An invoice was forgotten" in text
        assert "+95.00" in text
        other.post("/tax/returns/file/", {"start": "2026-10-01", "months": "1"})
        assert "Version 2" in other.get(f"{found.get_absolute_url()}?version=1").content.decode()
        assert other.get(f"{found.get_absolute_url()}?version=9").status_code == 404

    def test_a_box_leads_to_its_lines_and_no_others(self):
        entry = taxed("1000.00")
        taxed("70.00", "reduced", "7")
        bought("200.00")
        found = drawn()
        page = browser("auditor")

        for code, expected in (("B81", ["1000.00"]), ("T81", ["190.00"]), ("T66", ["38.00"])):
            asked = found.lines_query(found.figure(code))
            lines = APIClient()
            lines.force_authenticate(user("auditor"))
            told = lines.get(f"/api/v1/ledger/lines/?{asked}").json()["results"]
            assert [one["credit"] if D(one["credit"]) else one["debit"] for one in told] == expected, code
            assert page.get(f"/ledger/lines/?{asked}").status_code == 200
        assert entry.number in page.get(f"/ledger/lines/?{found.lines_query(found.figure('T81'))}").content.decode()

    def test_files_hold_the_boxes(self):
        taxed("1000.00")
        page = browser("accountant")
        lines = b"".join(page.get("/tax/returns/next/?start=2026-10-01&format=csv").streaming_content).decode()
        assert "T81,81,Tax at 19 %,190.00" in lines
        book = b"".join(page.get("/tax/returns/next/?start=2026-10-01&format=xlsx").streaming_content)
        rows = list(load_workbook(BytesIO(book)).active.values)
        assert ("T81", "81", "Tax at 19 %", 190) in [row[:4] for row in rows]
        paper = b"".join(page.get("/tax/returns/next/?start=2026-10-01&format=pdf").streaming_content)
        assert re.search(r"Tax at 19 %\s+190\.00", PdfReader(BytesIO(paper)).pages[0].extract_text())

    def test_a_page_asks_few_questions(self, django_assert_max_num_queries):
        taxed("1000.00")
        found = returns.file(company(), OCTOBER, accountant())
        page = browser("accountant")
        page.get(found.get_absolute_url())

        with django_assert_max_num_queries(page_queries(9)):
            page.get(found.get_absolute_url())

    def test_how_we_are_taxed_is_said_by_who_keeps_the_books(self):
        page = browser("accountant")
        told = {"regime": "general", "basis": "cash", "rounding": "document", "form": "", "months": "3"}
        assert page.post("/tax/profile/", told).status_code == 302
        assert company().tax_profile.basis == "cash"
        chinese = ReturnForm.objects.get(code="cn-small").pk
        assert page.post("/tax/profile/", {**told, "form": str(chinese)}).status_code == 422
        assert browser("auditor").get("/tax/profile/").status_code == 200
        assert browser("auditor").post("/tax/profile/", told | {"basis": "accrual"}).status_code == 200
        assert company().tax_profile.basis == "cash"


class TestApi:
    def test_the_same_over_rest(self):
        taxed("1000.00")
        api = APIClient()
        api.force_authenticate(accountant())

        drafted = api.get("/api/v1/tax/returns/draft/?start=2026-10-01").json()
        assert (drafted["payable"], drafted["left_out"]) == ("190.00", [])
        filed = api.post("/api/v1/tax/returns/file/", {"start": "2026-10-01", "months": 1}, format="json")
        assert (filed.status_code, filed.json()["versions"][0]["figures"]["T81"]) == (201, "190.00")
        again = api.post("/api/v1/tax/returns/file/", {"start": "2026-10-01", "months": 1}, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "already-filed")
        assert api.post("/api/v1/tax/returns/file/", {"start": "x"}, format="json").status_code == 422
        address = f"/api/v1/tax/returns/{filed.json()['id']}/"
        own = api.post(f"{address}reopen/", {"reason": "late"}, format="json")
        assert (own.status_code, own.json()["code"]) == (409, "second-person-amends")
        api.force_authenticate(accountant("peter"))
        assert api.post(f"{address}reopen/", {"reason": "late"}, format="json").json()["status"] == "amending"
        assert api.get(f"{address}figures/").json()["figures"][1]["filed"] == "1000.00"
        assert api.patch("/api/v1/tax/profile/set/", {"months": 12}, format="json").json()["months"] == 12
        assert api.get("/api/v1/tax/profile/").json()["months"] == 12
        assert len(api.get("/api/v1/tax/forms/de-ustva/").json()["boxes"]) > 20
        api.force_authenticate(user("warehouse"))
        assert api.get("/api/v1/tax/returns/").status_code == 403
