"""Where the documents behind entries have their pages; the ledger knows their names only, and only if they exist."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Source:
    """A kind of document: how people call it, the page that takes its id, and whether it is undone only there."""

    label: Any
    url_name: str
    keeps: bool = False


SOURCES = {
    "voucher": Source(_("Voucher"), "ledger:voucher"),
    "invoice": Source(_("Invoice"), "invoices:detail"),
    "credit_note": Source(_("Credit note"), "invoices:detail"),
    "receipt": Source(_("Receipt"), "banking:receipt"),
    "deposit": Source(_("Deposit"), "banking:deposit"),
    "refund": Source(_("Refund"), "banking:receipt"),
    "shipment": Source(_("Shipment"), "shipping:detail"),
    "return": Source(_("Return"), "returns:detail"),
    "product": Source(_("Product"), "products:detail"),
    "order": Source(_("Order"), "orders:detail"),
    "shop_sale": Source(_("Sale of a shop"), ""),
    "journal": Source(_("Imported journal"), ""),
    "year_end": Source(_("Result of a year"), ""),
    "stock": Source(_("Goods"), "inventory:moves"),
}


def register(source_type: str, label: Any, url_name: str, *, keeps: bool = False) -> None:
    """A domain above says what its documents are called and where they are (in its AppConfig.ready).

    One that `keeps` its entries undoes them itself, whichever accounts they are on.
    """
    SOURCES[source_type] = Source(label, url_name, keeps)


def keeps(source_type: str) -> bool:
    """Is an entry of such a document undone at the document only?"""
    return source_type in SOURCES and SOURCES[source_type].keeps


def label_of(source_type: str) -> str:
    """What people call the kind of document."""
    known = SOURCES.get(source_type)
    return str(known.label) if known else source_type.replace("_", " ").capitalize()


def url_of(source_type: str, source_id: UUID | None) -> str:
    """The document's page; empty when it has none."""
    known = SOURCES.get(source_type)
    if known is None or source_id is None:
        return ""
    try:
        return reverse(known.url_name, args=[source_id])
    except NoReverseMatch:
        return ""
