"""What comes from outside is not trusted: every way to be no invoice has its own clear no."""

import doctest
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.refusals import Refused
from erp.einvoice import cii, countries, document, pdf, reading, rules, ubl, words
from erp.einvoice.refusals import Forbidden, NotAnInvoice, NotXml, NoXmlInside, TooLarge, ValueUnreadable
from tests.erp.einvoice.documents import full_document

UBL = ubl.write(full_document()).decode()
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'
    "&c;</Invoice>"
)
FILE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotXml),
        (b"not xml at all", NotXml),
        (b"<Invoice>", NotXml),
        (b"\x00\xff\xfe", NotXml),
        (b"<a>" * 300 + b"</a>" * 300, NotXml),
        (b"<html/>", NotAnInvoice),
        (b"<Invoice/>", NotAnInvoice),
        (b"<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>", NotAnInvoice),
        (BOMB.encode(), Forbidden),
        (FILE.encode(), Forbidden),
        (BOMB.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"), Forbidden),
        (b" " * (reading.LIMIT_MB * 2**20 + 1), TooLarge),
        (b"%PDF-1.7\nnothing of a PDF", NoXmlInside),
        (UBL.replace("2026-03-31</cbc:IssueDate>", "31.03.2026</cbc:IssueDate>").encode(), ValueUnreadable),
        (UBL.replace(">10</cbc:InvoicedQuantity>", ">ten</cbc:InvoicedQuantity>").encode(), ValueUnreadable),
        (UBL.replace(">10</cbc:InvoicedQuantity>", ">NaN</cbc:InvoicedQuantity>").encode(), ValueUnreadable),
        (UBL.replace(">10</cbc:InvoicedQuantity>", ">1e999999</cbc:InvoicedQuantity>").encode(), ValueUnreadable),
    ],
)
def test_what_is_no_invoice_is_refused_by_name(data, refusal):
    with pytest.raises(refusal):
        reading.read(data)


def test_what_an_address_points_at_is_never_fetched():
    stolen = '<?xml version="1.0"?><?xml-stylesheet href="file:///etc/passwd"?>' + UBL.partition("?>")[2].replace(
        "<Invoice ", '<Invoice xmlns:xi="http://www.w3.org/2001/XInclude" ', 1
    ).replace("Thank you.", 'Thank you.<xi:include href="file:///etc/passwd" parse="text"/>', 1)

    told = reading.read(stolen.encode())

    assert "root:" not in str(told.invoice)
    assert "XSD" in [found.rule for found in rules.check(told)]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(UBL)), st.sampled_from([UBL, cii.write(full_document()).decode()]))
def test_noise_in_an_invoice_is_read_or_refused_and_nothing_else(noise, place, whole):
    data = whole.encode()
    with suppress(Refused):
        rules.check(reading.read(data[:place] + noise + data[place:]))


@pytest.mark.parametrize("module", [countries, document, pdf, words])
def test_what_is_said_in_the_examples_is_so(module):
    assert doctest.testmod(module).failed == 0
