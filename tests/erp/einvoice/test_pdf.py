"""The printed document: both languages, both page setters, the XML inside."""

import io
import sys
from dataclasses import replace

import pytest
from pypdf import PdfReader

from base import paper
from base.paper import PdfImpossible
from erp.einvoice import cii, pdf, reading
from tests.erp.einvoice.documents import full_document, party

DOCUMENT = full_document()
XML = cii.write(DOCUMENT)


@pytest.fixture(params=["weasyprint", "plutoprint"])
def setter(request, monkeypatch):
    """With Pango on the machine, and without: then importing WeasyPrint fails as it does there."""
    paper._weasyprint_lacks.cache_clear()
    if request.param == "plutoprint":
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    elif (lacking := paper._weasyprint_lacks()) is not None:
        pytest.skip(f"no Pango here: {lacking}")
    yield request.param
    paper._weasyprint_lacks.cache_clear()


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


@pytest.mark.parametrize(("language", "words"), [("en", ("Invoice", "To pay")), ("zh-hans", ("发票", "应付"))])
def test_it_is_printed_in_the_language_asked_for(setter, language, words):
    text = text_of(pdf.pdf(DOCUMENT, XML, language))

    assert [word for word in (*words, "INV-2026-000001", "100.01", "DE89370400440532013000") if word not in text] == []


def test_its_xml_is_inside_and_says_the_same(setter):
    made = pdf.pdf(DOCUMENT, XML, "en")

    assert reading.inside_pdf(made) == XML
    assert reading.read(made).invoice == DOCUMENT


def test_it_declares_itself_a_factur_x_and_keeps_what_pdf_a_wants(setter):
    root = PdfReader(io.BytesIO(pdf.pdf(DOCUMENT, XML, "en"))).trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()

    assert ("urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" in metadata, "EN 16931" in metadata) == (True, True)
    assert ("/AF" in root, "/OutputIntents" in root) == (True, True)


def test_every_font_is_inside_and_is_one_of_ours(setter):
    names = party("Łódź Çağrı Ærø Ñandú Ελλάς Ђорђе Nguyễn 深圳市镕淼国际贸易")
    reader = PdfReader(io.BytesIO(pdf.pdf(replace(full_document(), buyer=names), None, "zh-hans")))
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            described = inner["/FontDescriptor"]
            embedded = any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3"))
            fonts[str(font["/BaseFont"]).partition("+")[2]] = embedded

    assert all(fonts.values())
    assert [name for name in fonts if not name.startswith(("NotoSans", "Document"))] == []


def test_what_a_name_says_is_words_and_never_markup(setter):
    evil = party('</title><img src="file:///etc/passwd"> "} @page { size: A5 } </style><b>', country="DE")
    made = pdf.pdf(replace(full_document(), seller=evil), None, "en")

    page = PdfReader(io.BytesIO(made)).pages[0]
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert "file:///etc/passwd" in page.extract_text()


def test_without_any_setter_it_is_refused_in_clear_words(monkeypatch):
    paper._weasyprint_lacks.cache_clear()
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setitem(sys.modules, "plutoprint", None)

    with pytest.raises(PdfImpossible) as refused:
        paper.set_page("<p>Hello</p>")

    paper._weasyprint_lacks.cache_clear()
    assert str(refused.value).startswith("A PDF cannot be made on this machine:")
