"""Customers and suppliers, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.parties.models import Party
from erp.parties.roles import EVERYBODY


def find(user: Any, text: str) -> QuerySet[Party]:
    """By code, name, tax id or town."""
    return only_for(user, EVERYBODY, Party.objects.matching(text)).order_by("name", "pk")


register(
    Provider(
        "parties",
        _("Parties"),
        "users",
        find,
        note=lambda row: row.city,
        list_url="parties:list",
    )
)
