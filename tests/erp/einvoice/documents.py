"""Documents of the norm: one with every term, and any."""

import base64
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from erp.einvoice.document import (
    CORE,
    Address,
    Allowance,
    Attachment,
    Attribute,
    Classification,
    Contact,
    Delivery,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    VatBreakdown,
)

D = Decimal
DAY = date(2026, 3, 1)


def party(name: str, country: str = "DE", **more) -> Party:
    told = {
        "name": name,
        "vat_id": f"{country}123456788",
        "identifiers": (Identifier("549910"), Identifier("4000001000005", "0088")),
        "registration": Identifier("HRB 12345", "0204"),
        "trading_name": f"{name} Handel",
        "endpoint": Identifier("bills@example.de", "EM"),
        "address": Address("Hauptstraße 1", "Hinterhaus", "c/o Meier", "Berlin", "10115", "Berlin", country),
        "contact": Contact("Erika Meier", "+49 30 123", "erika@example.de"),
    }
    return Party(**{**told, **more})


_ALLOWANCES = (
    Allowance(
        amount=D("9.00"),
        base=D("90.00"),
        percent=D("10"),
        category="S",
        rate=D("19"),
        reason="Loyalty",
        reason_code="95",
    ),
    Allowance(amount=D("19.00"), charge=True, category="S", rate=D("19"), reason="Freight", reason_code="FC"),
)
_ATTACHMENTS = (
    Attachment(
        "A-1", "Timesheet", content=base64.b64encode(b"a,b\n1,2\n").decode(), mime="text/csv", filename="time.csv"
    ),
    Attachment("A-2", "Terms", address="https://example.de/agb"),
)


def full_line() -> Line:
    """Every term of a line that may stand together, filled."""
    return Line(
        number="1",
        note="Handle with care",
        object=Identifier("METER-1", "ABZ"),
        quantity=D("10"),
        unit="H87",
        net=D("90.00"),
        order_line="7",
        accounting_reference="4711",
        period=Period(DAY, date(2026, 3, 31)),
        allowances=(
            Allowance(amount=D("15.00"), base=D("100.00"), percent=D("15"), reason="Discount", reason_code="95"),
            Allowance(amount=D("5.00"), charge=True, reason="Packing", reason_code="PC"),
        ),
        price=D("10.00"),
        price_discount=D("2.00"),
        gross_price=D("12.00"),
        base_quantity=D("1"),
        base_unit="H87",
        category="S",
        rate=D("19"),
        name="Tea",
        description="Darjeeling, first flush",
        seller_item="CHAI",
        buyer_item="T-1",
        standard_item=Identifier("4006381333931", "0160"),
        classifications=(Classification("50201706", "TST", "1"),),
        origin="IN",
        attributes=(Attribute("Colour", "green"), Attribute("Leaf", "whole")),
    )


def full_document(type_code: str = "380") -> Invoice:
    """Every term that may stand together, filled."""
    return Invoice(
        number="INV-2026-000001",
        issue_date=date(2026, 3, 31),
        type_code=type_code,
        currency="EUR",
        tax_currency="CNY",
        tax_point_date=date(2026, 3, 30),
        due_date=date(2026, 4, 30),
        buyer_reference="04011000-12345-03",
        project="P-1",
        contract="C-1",
        order="PO-1",
        sales_order="SO-1",
        receiving_advice="RA-1",
        despatch_advice="DA-1",
        tender="T-1",
        object=Identifier("OBJ-1", "ABZ"),
        accounting_reference="8400",
        payment_terms="30 days net",
        notes=(Note("Thank you.", "AAI"), Note("Plain words")),
        process="urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        specification=CORE,
        preceding=(Preceding("INV-2026-000000", date(2026, 1, 31)),),
        seller=party("Northwind GmbH", tax_number="30/123/45678", legal_form="GmbH, HRB 12345"),
        buyer=party("Käufer AG", identifiers=(Identifier("549910"),)),
        payee=Party(name="Factor SE", identifiers=(Identifier("F-1"),), registration=Identifier("HRB 1", "0204")),
        representative=Party(name="Fiskal GmbH", vat_id="DE136695976", address=Address(country="DE")),
        delivery=Delivery("Lager Nord", Identifier("4000001000012", "0088"), date(2026, 3, 30), Address(country="DE")),
        period=Period(DAY, date(2026, 3, 31)),
        payment=(
            PaymentMeans("59", "SEPA debit", "DE89370400440532013000", "Northwind", "COBADEFFXXX"),
        ),
        remittance="INV-2026-000001",
        mandate="M-1",
        creditor="DE98ZZZ09999999999",
        debited_account="DE02120300000000202051",
        allowances=_ALLOWANCES,
        total_lines=D("90.00"),
        total_allowances=D("9.00"),
        total_charges=D("19.00"),
        total_net=D("100.00"),
        total_tax=D("19.00"),
        total_tax_accounting=D("148.20"),
        total_gross=D("119.00"),
        prepaid=D("19.00"),
        rounding=D("0.01"),
        payable=D("100.01"),
        vat=(VatBreakdown(D("100.00"), D("19.00"), "S", D("19")),),
        attachments=_ATTACHMENTS,
        lines=(full_line(),),
    )  # fmt: skip


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
_MAYBE = st.one_of(st.just(""), _WORDS)
_AMOUNTS = st.decimals(-9999, 9999, places=2)
_DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@st.composite
def documents(draw) -> Invoice:
    """Any document, right or wrong: reading and writing do not judge."""
    base = full_document(draw(st.sampled_from(["380", "381", "384"])))
    line = replace(
        base.lines[0],
        name=draw(_WORDS),
        description=draw(_MAYBE),
        net=draw(_AMOUNTS),
        quantity=draw(_AMOUNTS),
        period=draw(st.sampled_from([None, Period(DAY, None), Period(None, DAY)])),
        allowances=draw(st.sampled_from([(), base.lines[0].allowances])),
        attributes=draw(st.sampled_from([(), base.lines[0].attributes])),
        standard_item=draw(st.sampled_from([None, base.lines[0].standard_item])),
        price_discount=draw(st.sampled_from([None, D("1.00")])),
    )
    optional = {
        name: draw(st.sampled_from([getattr(base, name), empty]))
        for name, empty in (
            ("payee", None), ("representative", None), ("delivery", None), ("period", None), ("object", None),
            ("attachments", ()), ("notes", ()), ("preceding", ()), ("allowances", ()), ("tax_point_date", None),
        )
    }  # fmt: skip
    texts = {
        name: draw(_MAYBE)
        for name in ("buyer_reference", "project", "contract", "order", "sales_order", "tender", "payment_terms")
    }
    return replace(
        base,
        number=draw(_WORDS),
        issue_date=draw(_DAYS),
        lines=tuple(replace(line, number=str(n)) for n in range(draw(st.integers(1, 3)))),
        seller=draw(st.sampled_from([base.seller, replace(base.seller, identifiers=(), contact=None)])),
        **optional,
        **texts,
    )
