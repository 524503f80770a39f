"""Shipments, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.shipping.models import Shipment
from erp.shipping.roles import KEEPERS, READERS


def find(user: Any, text: str) -> QuerySet[Shipment]:
    """By number, tracking, order or customer; the newest first."""
    return only_for(
        user, (*KEEPERS, *READERS), Shipment.objects.matching(text).select_related("order__party")
    ).order_by("-pk")


register(
    Provider(
        "shipments",
        _("Shipments"),
        "truck",
        find,
        note=lambda row: " · ".join(filter(None, [row.order.party.name, row.tracking])),
        list_url="shipping:list",
    )
)
