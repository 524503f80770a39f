"""A document on paper, in the reader's language, with its XML inside (Factur-X, PDF/A-3).

The page itself is set by `base.paper`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from facturx import generate_from_binary

from base.paper import foot, set_page
from base.templatetags.ui import percent
from erp.einvoice.countries import country_name
from erp.einvoice.document import CREDIT_NOTES, Invoice, Party
from erp.einvoice.words import CATEGORIES

_HUNDRED = Decimal(100)


def pdf(document: Invoice, xml: bytes | None, language: str) -> bytes:
    """The document as PDF; with `xml` (CII) a Factur-X that people read and programs book."""
    with translation.override(language):
        html = render_to_string("erp/einvoice/print.html", facts(document, language))
        title = heading(document)
        footer = footer_of(document.seller)
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
        "seller_lines": address_lines(document.seller),
        "buyer_lines": address_lines(document.buyer),
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


def address_lines(party: Any) -> Sequence[str]:
    """The address as it stands on an envelope, without the name."""
    address = party.address if party else None
    if address is None:
        return ()
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    country = country_name(address.country, translation.get_language() or "en")
    return [line for line in (address.line1, address.line2, address.line3, town, address.region, country) if line]


def footer_of(seller: Party | None) -> str:
    """Who we are, at the foot of each page: three columns in the page's margin."""
    if seller is None:
        return ""
    ids = [
        (_("VAT id"), seller.vat_id),
        (_("Tax number"), seller.tax_number),
        (_("Register"), seller.registration.value if seller.registration else ""),
    ]
    contact = seller.contact
    return foot(
        [seller.name, *address_lines(seller)],
        [f"{name} {value}" for name, value in ids if value],
        [contact.name, contact.phone, contact.email] if contact else [],
    )


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
