"""Orders, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.orders.models import Order
from erp.orders.roles import EVERYBODY


def find(user: Any, text: str) -> QuerySet[Order]:
    """By number, deal or customer; the newest first."""
    return only_for(user, EVERYBODY, Order.objects.matching(text).select_related("party")).order_by("-pk")


register(
    Provider(
        "orders",
        _("Orders"),
        "clipboard-list",
        find,
        note=lambda row: f"{row.party.name} · {row.get_status_display()}",
        list_url="orders:list",
    )
)
