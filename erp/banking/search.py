"""Receipts, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.banking.models import Receipt
from erp.banking.roles import ACCOUNTANTS, AUDITORS


def find(user: Any, text: str) -> QuerySet[Receipt]:
    """By number, reference or customer; the newest first."""
    return only_for(user, (*ACCOUNTANTS, *AUDITORS), Receipt.objects.matching(text).select_related("party")).order_by(
        "-date", "-pk"
    )


register(
    Provider(
        "receipts",
        _("Receipts"),
        "cash",
        find,
        note=lambda row: " · ".join(filter(None, [row.party.name, row.reference])),
        list_url="banking:receipts",
    )
)
