"""Promotions, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from crm.promotions.models import READERS, Promotion


def find(user: Any, text: str) -> QuerySet[Promotion]:
    """By name, note or product; the latest first."""
    return only_for(user, READERS, Promotion.objects.all().matching(text)).order_by("-first_day", "-pk")


register(
    Provider(
        "promotions",
        _("Promotions"),
        "percentage",
        find,
        rank=92,
        title=lambda row: row.name,
        note=lambda row: row.state.label,
        list_url="promotions:list",
    )
)
