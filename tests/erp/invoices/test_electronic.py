"""Our documents in the words of EN 16931: whoever wants an e-invoice gets a valid one, or none and no number."""

import json
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from base.money import line_net
from base.refusals import BadInput
from erp.banking import services as banking
from erp.einvoice import reading, rules
from erp.einvoice import services as einvoice
from erp.einvoice.models import Letterhead
from erp.einvoice.refusals import NoXmlInside, RulesBroken
from erp.invoices import electronic, services
from erp.invoices.drafting import add_up, credit_line
from erp.invoices.models import Invoice, InvoiceDocument, InvoiceKind, InvoiceLine, LineKind, NumberSeries
from erp.ledger.models import Company, JournalEntry
from erp.orders.models import Order
from erp.parties.models import Party
from erp.parties.services import class_party, open_customer
from erp.tax.services import tax_on
from integration.contracts.customers import Address
from tests.erp.invoices.makers import invoice_of, reported, ship, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, customer, make_order, offer

D = Decimal
SYNTAXES = ("ubl", "cii")
OURS = {
    "legal_name": "Northwind Traders GmbH", "street": "Hauptstraße 1", "postal_code": "10115", "city": "Berlin",
    "country": "DE", "vat_id": "DE123456788", "iban": "DE89 3704 0044 0532 0130 00",
    "email": "billing@northwind.example",
}  # fmt: skip


def broken(document, syntax: str) -> list[str]:
    data = einvoice.write(document, syntax)
    return [found.rule for found in rules.check(reading.read(data)) if found.fatal]


def buyer():
    """A customer in Germany, as the CRM tells them."""
    return customer(address=Address(street="Obere Str. 57", postal_code="12209", city="Berlin", country="Germany"))


def tea(**more) -> Order:
    """Five boxes of tea have left: 100.00 net, 119.00 gross."""
    return shipped_order(("CHAI", "5", "20.00"), customer=buyer(), **more)


def wanted(order: Order, syntax: str = "ubl") -> Order:
    """The customer asks for electronic invoices."""
    order.party = class_party(order.party, einvoice=syntax)
    return order


@pytest.mark.django_db
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_an_invoice_that_breaks_a_rule_takes_no_number(syntax):
    order = wanted(tea(), syntax)

    with pytest.raises(RulesBroken) as refused:
        services.issue(order, date=TODAY)

    assert refused.value.facts["rule"] == "BR-CO-26"
    assert str(refused.value).startswith("The e-invoice would break rule BR-CO-26: The seller cannot be identified")
    assert not Invoice.objects.exists()
    assert not NumberSeries.objects.exists()
    assert not JournalEntry.objects.filter(source_type="invoice").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_with_a_letterhead_it_is_issued_and_valid(syntax):
    einvoice.set_letterhead(company(), **OURS)

    invoice = services.issue(wanted(tea(), syntax), date=TODAY)

    document = electronic.document_of(invoice)
    assert (document.number, document.total_net, document.total_tax, document.payable) == (
        invoice.number, D("100.00"), D("19.00"), D("119.00")
    )  # fmt: skip
    assert [broken(document, one) for one in SYNTAXES] == [[], []]


@pytest.mark.django_db
def test_who_wants_paper_needs_no_letterhead():
    assert invoice_of().number == "INV-2026-000001"


@pytest.mark.django_db
def test_the_document_stays_as_it_was_issued():
    einvoice.set_letterhead(company(), **OURS)
    invoice = invoice_of()

    einvoice.set_letterhead(company(), legal_name="Southwind AG", vat_id="DE136695976")
    Party.objects.filter(pk=invoice.party_id).update(name="Somebody else")

    document = electronic.document_of(Invoice.objects.get(pk=invoice.pk))
    assert (document.seller.name, document.seller.vat_id, document.buyer.name) == (
        "Northwind Traders GmbH", "DE123456788", invoice.addressee["name"]
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET body = '{{}}'", "DELETE FROM {}"])
def test_nobody_changes_a_kept_document(statement):
    invoice_of()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(InvoiceDocument._meta.db_table))


@pytest.mark.django_db
def test_an_invoice_from_before_is_drafted_of_what_it_kept():
    einvoice.set_letterhead(company(), **OURS)
    invoice = invoice_of()
    kept = electronic.document_of(invoice)

    drafted = electronic.drafted(invoice, list(invoice.lines.order_by("position")))

    assert json.dumps(electronic.to_data(drafted)) == json.dumps(
        electronic.to_data(electronic.replace(kept, number=electronic.PLACEHOLDER, remittance=""))
    )


@pytest.mark.django_db
def test_a_credit_note_names_its_invoice():
    einvoice.set_letterhead(company(), **OURS)
    order = wanted(tea())
    invoice = services.issue(order, date=TODAY)

    note = services.credit(order, [(order.lines.get(), D("2"))], "Broken", date=TODAY)

    document = electronic.document_of(note)
    assert (document.type_code, document.payable) == ("381", D("47.60"))
    assert [one.number for one in document.preceding] == [invoice.number]
    assert [broken(document, syntax) for syntax in SYNTAXES] == [[], []]


def with_deposit(amount: str, tax_class: str) -> Order:
    """Tea for 100.00 net, so much of it paid before."""
    company()
    told = reported(amount=amount, customer=buyer())
    banking.book_deposit(banking.report_deposit(told), D(amount), TODAY)
    offer("CHAI", "20.00", tax_class=tax_class)
    order = make_order(("CHAI", "5", "20.00"), deal=told.deal, customer=told.customer)
    ship(order)
    return wanted(order)


@pytest.mark.django_db
def test_a_taxed_deposit_is_a_line_with_its_tax():
    einvoice.set_letterhead(company(), **OURS)

    document = electronic.document_of(services.issue(with_deposit("59.50", "standard"), date=TODAY))

    assert [(line.quantity, line.net) for line in document.lines] == [(D(5), D("100.00")), (D(-1), D("-50.00"))]
    assert (document.prepaid, document.total_tax, document.payable) == (None, D("9.50"), D("59.50"))
    assert [broken(document, syntax) for syntax in SYNTAXES] == [[], []]


@pytest.mark.django_db
def test_a_deposit_taxed_at_another_rate_is_a_tax_group_of_its_own():
    einvoice.set_letterhead(company(), **OURS)

    document = electronic.document_of(services.issue(with_deposit("107.00", "reduced"), date=TODAY))

    assert [(group.rate, group.basis, group.tax) for group in document.vat] == [
        (D(7), D("100.00"), D("7.00")), (D(19), D("-89.92"), D("-17.08"))
    ]  # fmt: skip
    assert document.payable == D("0.00")
    assert [broken(document, syntax) for syntax in SYNTAXES] == [[], []]


@pytest.mark.django_db
def test_a_deposit_that_was_not_taxed_is_money_paid_before():
    ours = company()
    Company.objects.filter(pk=ours.pk).update(jurisdiction="CN")
    einvoice.set_letterhead(
        ours,
        **{**OURS, "country": "CN", "vat_id": "", "tax_number": "913100006073326X", "registration": "913100006073326X"},
    )

    document = electronic.document_of(services.issue(with_deposit("50.00", "standard"), date=TODAY))

    assert (len(document.lines), document.total_gross, document.prepaid, document.payable) == (
        1, D("113.00"), D("50.00"), D("63.00")
    )  # fmt: skip
    assert broken(document, "ubl") == []


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_shipped_in_parts_makes_valid_invoices(seed):
    einvoice.set_letterhead(company(), **OURS)
    chance = Random(seed)
    lines = [(f"P{n}", str(chance.randint(2, 99)), f"{chance.randint(1, 99999) / 1000:.3f}") for n in range(4)]
    for sku, _quantity, price in lines:
        offer(sku, price, tax_class=chance.choice(["standard", "reduced", "zero"]))
    order = wanted(make_order(*lines, customer=buyer()), chance.choice(SYNTAXES))

    for _part in range(3):
        left = {line.sku: line.quantity_open for line in order.lines.all() if line.quantity_open > 0}
        if not left:
            break
        parcel = {sku: str(chance.randint(1, int(open))) for sku, open in left.items()}
        ship(order, **parcel)
        document = electronic.document_of(services.issue(order, date=TODAY))
        assert [broken(document, syntax) for syntax in SYNTAXES] == [[], []]


@st.composite
def drafts(draw) -> tuple[Invoice, list[InvoiceLine]]:
    """An invoice or credit note as drafting makes them: any quantities, prices, discounts and tax classes."""
    rates = {"standard": D("0.19"), "reduced": D("0.07"), "zero": D("0"), "exempt": D("0"), "reverse_charge": D("0")}
    credit = draw(st.booleans())
    us = Company(name="Northwind", jurisdiction="DE", base_currency="EUR")
    buyer = Party(code="C00001", name="Käufer", country="France", city="Paris", tax_id="FR32123456789", company=us)
    invoice = Invoice(
        kind=InvoiceKind.CREDIT_NOTE if credit else InvoiceKind.INVOICE, company=us, currency="EUR", party=buyer,
        order=Order(number="SO-1"), date=date(2026, 3, 31), due=date(2026, 4, 30),
    )  # fmt: skip
    lines = []
    for _n in range(draw(st.integers(1, 12))):
        quantity, price = draw(st.decimals("0.001", 999, places=3)), draw(st.decimals(0, 9999, places=4))
        discount = draw(st.sampled_from([D(0), D("0.05"), D("0.3333"), D(1)]))
        tax_class = draw(st.sampled_from(sorted(rates)))
        net = line_net(quantity, price, discount, "EUR")
        line = InvoiceLine(
            kind=LineKind.GOODS, sku="X", description="Tea", quantity=quantity, unit_price=price, discount=discount,
            net=net, tax_class=tax_class, rate=rates[tax_class], tax=tax_on(net, rates[tax_class], "EUR"),
            invoice=Invoice(number="INV-1", date=date(2026, 3, 1)),
        )  # fmt: skip
        lines.append(credit_line(line, D(0), quantity, "EUR") if credit else line)
    add_up(invoice, lines)
    return invoice, lines


@settings(max_examples=60, deadline=None)
@given(drafts(), st.sampled_from(SYNTAXES))
def test_whatever_is_drafted_is_valid(draft, syntax):
    invoice, lines = draft
    told = {name: value.replace(" ", "") if name == "iban" else value for name, value in OURS.items()}

    document = electronic.assembled(invoice, lines, Letterhead(**told), date(2026, 3, 30))

    assert broken(document, syntax) == []
    assert document.payable == invoice.payable


def browser(*roles):
    client = Client()
    client.force_login(user(*roles))
    return client


@pytest.mark.django_db
def test_the_page_of_an_invoice_gives_its_files():
    einvoice.set_letterhead(company(), **OURS)
    invoice = services.issue(tea(), date=TODAY)
    page = browser("order_desk")

    files = {form: page.get(f"/invoices/{invoice.pk}/{form}/") for form in ("pdf", "ubl", "cii")}

    assert f"/invoices/{invoice.pk}/ubl/" in page.get(f"/invoices/{invoice.pk}/").content.decode()
    assert [answer["Content-Type"] for answer in files.values()] == [
        "application/pdf", "application/xml", "application/xml",
    ]  # fmt: skip
    assert files["pdf"]["Content-Disposition"] == 'attachment; filename="INV-2026-000001.pdf"'
    document = electronic.document_of(invoice)
    assert [reading.read(answer.content).invoice for answer in files.values()] == [document, document, document]
    assert page.get(f"/invoices/{invoice.pk}/docx/").status_code == 404
    assert browser("warehouse").get(f"/invoices/{invoice.pk}/ubl/").status_code == 403


@pytest.mark.django_db
def test_an_invoice_that_breaks_a_rule_is_printed_and_its_xml_refused():
    invoice = invoice_of()
    page = browser("accountant")

    printed = page.get(f"/invoices/{invoice.pk}/pdf/", {"language": "zh-hans"})
    refused = page.get(f"/invoices/{invoice.pk}/ubl/", follow=True)

    assert printed.content.startswith(b"%PDF")
    with pytest.raises(NoXmlInside):
        reading.read(printed.content)
    assert "would break rule BR-" in refused.content.decode()


@pytest.mark.django_db
def test_the_api_gives_the_files_and_refuses_by_rule():
    invoice = invoice_of()
    api = APIClient()
    api.force_authenticate(user("auditor"))
    path = f"/api/v1/invoices/{invoice.pk}/document/"

    refused = api.get(path, {"form": "ubl"})
    einvoice.set_letterhead(company(), **OURS)
    later = services.issue(shipped_order(("OOLONG", "5", "20.00"), customer=buyer()), date=TODAY)
    given = api.get(f"/api/v1/invoices/{later.pk}/document/", {"form": "cii"})
    printed = api.get(f"/api/v1/invoices/{later.pk}/document/", {"language": "zh-hans"})

    assert (refused.status_code, refused.data["code"], refused.data["facts"]["rule"]) == (
        422, "rules-broken", "BR-10",
    )  # fmt: skip
    assert reading.read(given.content).invoice == reading.read(printed.content).invoice
    assert api.get(path, {"form": "docx"}).status_code == 422


@pytest.mark.django_db
def test_the_command_writes_an_invoice(tmp_path):
    einvoice.set_letterhead(company(), **OURS)
    invoice = services.issue(tea(), date=TODAY)

    call_command("einvoice", "write", invoice.number, "--form", "ubl", "--out", str(tmp_path / "it.xml"))

    assert reading.read((tmp_path / "it.xml").read_bytes()).invoice == electronic.document_of(invoice)
    with pytest.raises(CommandError, match="no invoice INV-1"):
        call_command("einvoice", "write", "INV-1")


@pytest.mark.django_db
def test_what_a_customer_asks_for_is_kept_with_the_terms():
    company()
    party = open_customer("Käufer AG")

    class_party(party, einvoice="cii", buyer_reference="04011000-12345-03", endpoint="a@b.de", endpoint_scheme="EM")

    kept = Party.objects.get(pk=party.pk)
    assert (kept.einvoice, kept.buyer_reference, kept.endpoint) == ("cii", "04011000-12345-03", "a@b.de")
    assert kept.history.first().buyer_reference == "04011000-12345-03"
    with pytest.raises(BadInput):
        class_party(party, endpoint_scheme="")


@pytest.mark.django_db
def test_drafting_asks_as_often_for_many_lines_as_for_one():
    asked = []
    for skus in (("A",), ("B", "C", "D", "E")):
        invoice = services.issue(shipped_order(*((sku, "2", "5.00") for sku in skus)), date=TODAY)
        lines = list(invoice.lines.order_by("position"))
        with CaptureQueriesContext(connection) as queries:
            electronic.drafted(Invoice.objects.select_related("company", "order", "party").get(pk=invoice.pk), lines)
        asked.append(len(queries))

    assert asked == [5, 5]
