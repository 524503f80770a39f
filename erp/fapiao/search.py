"""Fapiaos, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.fapiao.models import Fapiao
from erp.fapiao.roles import READERS


def find(user: Any, text: str) -> QuerySet[Fapiao]:
    """By number, invoice or buyer; the newest first."""
    rows = Fapiao.objects.matching(text).select_related("invoice")
    return only_for(user, READERS, rows).order_by("-requested_at", "-pk")


register(
    Provider(
        "fapiaos",
        _("Fapiao register"),
        "receipt-tax",
        find,
        note=lambda row: f"{row.invoice.number} · {row.buyer_name}",
        list_url="fapiao:list",
    )
)
