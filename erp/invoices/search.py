"""Invoices and credit notes, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.banking.roles import ACCOUNTANTS, INVOICE_READERS
from erp.invoices.models import Invoice


def find(user: Any, text: str) -> QuerySet[Invoice]:
    """By number, order or customer; the newest first."""
    return only_for(
        user, (*ACCOUNTANTS, *INVOICE_READERS), Invoice.objects.matching(text).select_related("party", "order")
    ).order_by("-date", "-pk")


register(
    Provider(
        "invoices",
        _("Invoices"),
        "file-invoice",
        find,
        note=lambda row: f"{row.party.name} · {row.order.number}",
        list_url="invoices:list",
    )
)
