"""What comes from outside: bytes to a document, without trusting a byte of it."""

import io
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from erp.einvoice import cii, ubl
from erp.einvoice.binding import Unreadable
from erp.einvoice.document import Invoice
from erp.einvoice.refusals import Forbidden, NotAnInvoice, NotXml, NoXmlInside, TooLarge, ValueUnreadable

LIMIT_MB = 10
UBL, CII = "ubl", "cii"
EMBEDDED = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")
_ROOTS = {
    **{f"{{{namespace}}}{name}": UBL for name, namespace in ubl.ROOTS.items()},
    cii.ROOT: CII,
}


@dataclass(frozen=True)
class Read:
    """A document as it came: its syntax, its tree and what it says."""

    syntax: str
    root: Any
    invoice: Invoice


def read(data: bytes) -> Read:
    """The invoice in an XML, or in the XML inside a PDF."""
    if len(data) > LIMIT_MB * 2**20:
        raise TooLarge(limit=LIMIT_MB)
    root = parse(inside_pdf(data) if data.startswith(b"%PDF") else data)
    syntax = _ROOTS.get(root.tag)
    if syntax is None:
        raise NotAnInvoice(root=etree.QName(root).localname[:80])
    try:
        invoice = (ubl if syntax == UBL else cii).read(root)
    except Unreadable as unreadable:
        raise ValueUnreadable(text=str(unreadable)[:80]) from None
    return Read(syntax, root, invoice)


def parse(data: bytes) -> Any:
    """The root of a plain XML: no DTD, no entities, nothing fetched, libxml2's limits on depth and size kept."""
    if len(data) > LIMIT_MB * 2**20:
        raise TooLarge(limit=LIMIT_MB)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Forbidden()
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(why=str(getattr(error, "msg", error))[:200]) from None
    if root.getroottree().docinfo.internalDTD is not None:  # in UTF-16 the look above does not find it
        raise Forbidden()
    return root


def inside_pdf(data: bytes) -> bytes:
    """The invoice XML that a hybrid PDF carries."""
    try:
        attached = PdfReader(io.BytesIO(data)).attachments
        for name in EMBEDDED:
            for found in (name, name.upper(), name.capitalize()):
                if content := attached.get(found):
                    return bytes(content[0])
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, OSError):
        raise NoXmlInside() from None
    raise NoXmlInside()
