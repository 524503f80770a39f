"""Opening items, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.openings.models import OpeningItem
from erp.openings.roles import READERS


def find(user: Any, text: str) -> QuerySet[OpeningItem]:
    """By number, customer or supplier; what is due first."""
    return only_for(user, READERS, OpeningItem.objects.matching(text).select_related("party")).order_by("due", "pk")


register(
    Provider(
        "opening_items",
        _("Opening items"),
        "calendar-due",
        find,
        note=lambda row: row.party.name,
        list_url="openings:list",
    )
)
