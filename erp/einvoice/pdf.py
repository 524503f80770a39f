"""A document on paper, in the reader's language, with its XML inside (Factur-X, PDF/A-3).

The page is set by WeasyPrint, which needs the machine's Pango; where that is missing, the same page is set by
PlutoPrint, whose wheel carries all it needs (docs/adr/0012). Fonts are ours, from static/vendor/fonts. A document can
pull in nothing else: neither setter gets an address that is not one of those files.
"""

import io
import re
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from facturx import generate_from_binary
from PIL import ImageCms
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from base.env import ROOT
from base.templatetags.ui import percent
from erp.einvoice.countries import country_name
from erp.einvoice.document import CREDIT_NOTES, Invoice
from erp.einvoice.refusals import PdfImpossible
from erp.einvoice.words import CATEGORIES

FONTS = ROOT / "static" / "vendor" / "fonts"
STYLE = ROOT / "static" / "print" / "invoice.css"
FACE = """@font-face {{ font-family: "Document {part}"; font-weight: {weight}; src: url("{url}") format("woff"); }}"""
PARTS = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese", "chinese-simplified")
_HUNDRED = Decimal(100)


def pdf(document: Invoice, xml: bytes | None, language: str) -> bytes:
    """The document as PDF; with `xml` (CII) a Factur-X that people read and programs book."""
    with translation.override(language):
        html = render_to_string("erp/einvoice/print.html", facts(document, language))
        title = heading(document)
        footer = _footer(document)
    plain = set_page(html, footer)
    if xml is None:
        return plain
    seller = document.seller.name if document.seller else ""
    metadata = {"author": seller, "keywords": "Factur-X", "title": title, "subject": title}
    hybrid: bytes = generate_from_binary(
        plain, xml, flavor="factur-x", level="en16931", check_xsd=False, pdf_metadata=metadata, lang=language,
        afrelationship="alternative",
    )  # fmt: skip
    return hybrid


def heading(document: Invoice) -> str:
    what = _("Credit note") if document.type_code in CREDIT_NOTES else _("Invoice")
    return f"{what} {document.number}"


@dataclass(frozen=True)
class TaxRow:
    """A line of the tax summary."""

    label: str
    basis: Decimal | None
    tax: Decimal | None
    reason: str


def facts(document: Invoice, language: str) -> dict[str, Any]:
    """What the template prints."""
    return {
        "document": document,
        "heading": heading(document),
        "language": language,
        "is_credit_note": document.type_code in CREDIT_NOTES,
        "seller_lines": _lines(document.seller),
        "buyer_lines": _lines(document.buyer),
        "taxes": [
            TaxRow(_tax(group.category, group.rate), group.basis, group.tax, group.reason) for group in document.vat
        ],
        "with_discounts": any(line.allowances for line in document.lines),
        "rows": [
            {
                "line": line,
                "unit": _units().get(line.unit, line.unit),
                "tax": percent(line.rate / _HUNDRED) if line.rate is not None else "",
                "off": -sum((one.amount or 0) * (-1 if one.charge else 1) for one in line.allowances),
            }
            for line in document.lines
        ],
    }


def set_page(html: str, footer: str = "") -> bytes:
    """HTML to pages, by whichever of the two can work here."""
    style = "\n".join([*_faces(), STYLE.read_text(encoding="utf-8"), footer])
    html = html.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")  # not in our fonts
    if (lacking := _weasyprint_lacks()) is None:
        return set_by_weasyprint(html, style)
    try:
        return set_by_plutoprint(html, style)
    except (ImportError, OSError) as missing:
        raise PdfImpossible(why=f"{lacking}; {missing}"[:400]) from None


@cache
def _weasyprint_lacks() -> str | None:
    """What keeps WeasyPrint from working here, asked once a process: it says so on the terminal, at length."""
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # about libraries that a later version will want
            import weasyprint  # noqa: F401 -- fails where Pango is missing
    except (ImportError, OSError) as missing:
        return str(missing)[:200]
    return None


def set_by_weasyprint(html: str, style: str) -> bytes:
    import weasyprint  # fails where Pango is missing
    from weasyprint.text.fonts import FontConfiguration  # the same

    fonts = FontConfiguration()
    sheet = weasyprint.CSS(string=style, font_config=fonts, url_fetcher=_own_fonts_only)
    page = weasyprint.HTML(string=html, url_fetcher=_own_fonts_only)
    made: bytes = page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3b")
    return made


def _own_fonts_only(url: str, *_more: Any, **_options: Any) -> Any:
    """The bytes of a font of ours; anything else a document names is refused."""
    from weasyprint.urls import URLFetcherResponse  # as above

    return URLFetcherResponse(url, _font(url).read_bytes(), {"Content-Type": "font/woff"})


def set_by_plutoprint(html: str, style: str) -> bytes:
    import plutoprint  # 150 MB that most machines never load

    class OwnFontsOnly(plutoprint.ResourceFetcher):  # type: ignore[misc, unused-ignore]
        def fetch_url(self, url: str) -> Any:
            _font(url)
            # Its own reading, not our bytes: fonts outlive the interpreter, and freeing ours then would crash at exit.
            return super().fetch_url(url)

    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NONE)
    book.custom_resource_fetcher = OwnFontsOnly()
    book.load_html(html, user_style=style)
    made = io.BytesIO()
    book.write_to_pdf_stream(made)
    return _with_colour_profile(made.getvalue())


def _with_colour_profile(data: bytes) -> bytes:
    """PDF/A wants to know which red is meant: sRGB."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    profile = StreamObject()
    profile.set_data(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
            NameObject("/DestOutputProfile"): writer._add_object(profile),
        }
    )
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _font(url: str) -> Path:
    """The file of a font of ours; anything else is refused."""
    path = Path(url.removeprefix("file://")).resolve()
    if path.parent != FONTS.resolve():
        raise ValueError(f"a document may not fetch {url}")
    return path


@cache
def _faces() -> tuple[str, ...]:
    faces = [(part, weight, FONTS / f"{part}-{weight}.woff") for part in PARTS for weight in (400, 700)]
    return tuple(FACE.format(part=part, weight=weight, url=path.as_uri()) for part, weight, path in faces)


def _lines(party: Any) -> Sequence[str]:
    """The address as it stands on an envelope, without the name."""
    address = party.address if party else None
    if address is None:
        return ()
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    country = country_name(address.country, translation.get_language() or "en")
    return [line for line in (address.line1, address.line2, address.line3, town, address.region, country) if line]


def _footer(document: Invoice) -> str:
    """Who we are, at the foot of each page: three columns in the page's margin."""
    seller = document.seller
    if seller is None:
        return ""
    ids = [
        (_("VAT id"), seller.vat_id),
        (_("Tax number"), seller.tax_number),
        (_("Register"), seller.registration.value if seller.registration else ""),
    ]
    contact = seller.contact
    columns = {
        "left": [seller.name, *_lines(seller)],
        "center": [f"{name} {value}" for name, value in ids if value],
        "right": [contact.name, contact.phone, contact.email] if contact else [],
    }
    boxes = [f"@bottom-{place} {{ content: {_css_string(lines)}; }}" for place, lines in columns.items()]
    return f"@page {{ {' '.join(boxes)} }}"


def _css_string(lines: Sequence[str]) -> str:
    r"""Lines as CSS writes a string: nothing in them can end it.

    >>> print(_css_string(["A \"B\"", "", "</style>"]))
    "A \22 B\22 \a \3c /style\3e "
    """
    text = "\n".join(line for line in lines if line)
    return '"' + re.sub(r"[^\w .,:@+()&/·-]", lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def _tax(category: str, rate: Decimal | None) -> str:
    if category == "S" and rate is not None:
        return _("Tax {rate}").format(rate=percent(rate / _HUNDRED))
    words = CATEGORIES.get({"K": "IC", "L": "AF", "M": "AG"}.get(category, category))
    return str(words or category)


def _units() -> dict[str, str]:
    return {
        "C62": _("pcs"), "H87": _("pcs"), "KGM": "kg", "GRM": "g", "TNE": "t", "LTR": "l", "MLT": "ml", "MTR": "m",
        "MTK": "m²", "MTQ": "m³", "HUR": "h", "DAY": _("days"), "XBX": _("boxes"), "XPX": _("pallets"),
        "SET": _("sets"),
    }  # fmt: skip
