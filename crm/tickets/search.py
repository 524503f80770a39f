"""Tickets, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, register
from crm.tickets.models import Ticket


def find(user: Any, text: str) -> QuerySet[Ticket]:
    """By number, subject or account; the newest first."""
    return Ticket.objects.visible_to(user).matching(text).select_related("account").order_by("-pk")


register(
    Provider(
        "tickets",
        _("Tickets"),
        "ticket",
        find,
        title=lambda row: row.subject,
        note=lambda row: f"{row.number} · {row.account.name} · {row.get_state_display()}",
        list_url="tickets:list",
    )
)
