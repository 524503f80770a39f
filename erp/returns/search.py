"""Returns, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.returns.models import Return
from erp.returns.roles import EVERYBODY


def find(user: Any, text: str) -> QuerySet[Return]:
    """By number, order, customer, ticket or credit note; the newest first."""
    return only_for(user, EVERYBODY, Return.objects.matching(text).select_related("order__party")).order_by("-pk")


register(
    Provider(
        "returns",
        _("Returns"),
        "arrow-back-up",
        find,
        note=lambda row: f"{row.order.party.name} · {row.get_status_display()}",
        list_url="returns:list",
    )
)
