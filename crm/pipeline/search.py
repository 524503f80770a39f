"""Deals, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, register
from crm.pipeline.models import Deal


def find(user: Any, text: str) -> QuerySet[Deal]:
    """By number, title, account or the order's number; the newest first."""
    return Deal.objects.visible_to(user).matching(text).select_related("account").order_by("-pk")


register(
    Provider(
        "deals",
        _("Deals"),
        "layout-kanban",
        find,
        title=lambda row: row.account.name,
        note=lambda row: f"{row} · {row.get_status_display()}",
        list_url="pipeline:list",
    )
)
