"""Leads, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, register
from crm.leads.models import Lead


def find(user: Any, text: str) -> QuerySet[Lead]:
    """By what people remember of a lead; the newest first."""
    return Lead.objects.visible_to(user).matching(text).order_by("-pk")


register(
    Provider(
        "leads",
        _("Leads"),
        "user-plus",
        find,
        note=lambda row: " · ".join(filter(None, [row.subtitle, row.get_state_display()])),
        list_url="leads:list",
    )
)
