"""What tickets are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from crm.accounts.filters import OwnerFilter
from crm.tickets.models import UNSOLVED, Priority, Ticket, TicketQuerySet, TicketState

QUEUES: dict[str, Any] = {
    "mine": _("Mine"),
    "new": _("Nobody's"),
    "open": _("Open"),
    "waiting": _("Waiting"),
    "solved": _("Solved"),
}


def in_queue(queue: str, user: Any) -> Q:
    """What belongs into a queue."""
    return {
        "mine": Q(assignee=user, state__in=UNSOLVED),
        "new": Q(assignee=None, state__in=UNSOLVED),
        "open": Q(state__in=(TicketState.NEW, TicketState.OPEN)),
        "waiting": Q(state=TicketState.WAITING),
        "solved": Q(state=TicketState.SOLVED),
    }[queue]


class TicketFilter(ListFilterSet):
    """By queue, state, priority and who answers; the search looks into number, subject and account."""

    queue = django_filters.ChoiceFilter(
        method="queued", label=_("Queue"), choices=list(QUEUES.items()), empty_label=_("All queues")
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=TicketState.choices, empty_label=_("Any state"))
    priority = django_filters.ChoiceFilter(label=_("Priority"), choices=Priority.choices, empty_label=_("Any priority"))
    assignee = OwnerFilter(label=_("Answered by"), empty_label=_("Anybody"))
    since = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("Opened from"))
    until = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("Opened until"))
    number = django_filters.CharFilter(label=_("Number"))
    account = django_filters.UUIDFilter(field_name="account_id", label=_("Account"), widget=forms.HiddenInput)
    deal = django_filters.UUIDFilter(field_name="deal_id", label=_("Deal"), widget=forms.HiddenInput)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def queued(self, tickets: TicketQuerySet, _name: str, value: str) -> Any:
        """One queue."""
        return tickets.filter(in_queue(value, self.user))
