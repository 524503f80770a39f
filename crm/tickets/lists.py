"""The list of tickets: queues to answer from."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from crm.access.people import name_of
from crm.accounts.forms import PersonChoiceField, owners
from crm.tickets import services
from crm.tickets.filters import QUEUES, TicketFilter, in_queue
from crm.tickets.models import ROLES, Priority, Ticket

_TONES = {"urgent": "bad", "high": "warn"}


def _rows(user: Any) -> QuerySet[Ticket]:
    visible: QuerySet[Ticket] = Ticket.objects.visible_to(user).select_related("account", "assignee")
    return visible


def _counts(user: Any) -> dict[str, int]:
    """How many wait in each queue, asked once for a request."""
    if not hasattr(user, "_ticket_queues"):
        counts = {name: Count("id", filter=in_queue(name, user)) for name in QUEUES}
        user._ticket_queues = Ticket.objects.visible_to(user).aggregate(**counts)
    found: dict[str, int] = user._ticket_queues
    return found


def _first_queue(user: Any) -> dict[str, str]:
    """What is mine, else what is nobody's, else what is open."""
    counts = _counts(user)
    return {"queue": next((name for name in ("mine", "new", "open") if counts[name]), "open")}


def _queues(asked: Any) -> list[Tab]:
    counts = _counts(asked.user)
    cuts = [Tab(label, {"queue": name}, None if name == "solved" else counts[name]) for name, label in QUEUES.items()]
    return [*cuts, Tab(_("All"), {})]


def _pressing(ticket: Ticket) -> str:
    """Its priority where it is high, else its state."""
    if ticket.priority in _TONES:
        return status_badge(ticket.priority, ticket.get_priority_display(), _TONES[ticket.priority])
    return status_badge(ticket.state, ticket.get_state_display())


def _from(ticket: Ticket) -> str:
    return format_html("{} · {}", ticket.number, ticket.account.name)


class AssignForm(forms.Form):
    """Who answers."""

    assignee = PersonChoiceField(label=_("Who answers"), queryset=None, required=False, empty_label=_("nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = owners()  # type: ignore[attr-defined]


class PriorityForm(forms.Form):
    """How much it presses."""

    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices)


ACTIONS = (
    BulkAction(
        name="assign",
        label=_("Give to…"),
        icon="user-share",
        roles=ROLES,
        form=lambda _user: AssignForm,
        run=lambda ticket, _user, told: services.assign(ticket, told["assignee"]),
        snapshot=lambda ticket: {"assignee": ticket.assignee_id},
        undo=lambda ticket, _user, before: services.assign(
            ticket, get_user_model().objects.filter(pk=before["assignee"]).first()
        ),
    ),
    BulkAction(
        name="priority",
        label=_("Priority…"),
        icon="flag",
        roles=ROLES,
        form=lambda _user: PriorityForm,
        run=lambda ticket, _user, told: services.change_priority(ticket, told["priority"]),
        snapshot=lambda ticket: {"priority": ticket.priority},
        undo=lambda ticket, _user, before: services.change_priority(ticket, before["priority"]),
    ),
    BulkAction(
        name="solve",
        label=_("Solved"),
        icon="check",
        roles=ROLES,
        run=lambda ticket, _user, _told: services.solve(ticket),
        snapshot=lambda ticket: {"state": str(ticket.state)},
        undo=lambda ticket, _user, _before: services.reopen(ticket),
    ),
)

TICKETS = Listing(
    name="tickets",
    model=Ticket,
    title=_("Tickets"),
    url_name="tickets:list",
    rows=_rows,
    filterset=TicketFilter,
    order=("-touched_at", "-pk"),
    roles=ROLES,
    count=lambda count: ngettext("%(count)s ticket", "%(count)s tickets", count) % {"count": f"{count:,}"},
    placeholder=_("Number, subject, account…"),
    bar=("priority",),
    buttons=(Button(_("New ticket"), "tickets:choose_account"),),
    actions=ACTIONS,
    version=lambda ticket: ticket.updated_at.isoformat(),
    defaults=_first_queue,
    tabs=_queues,
    columns=(
        Column(name="subject", label=_("subject")),
        Column(
            name="state", label=_("state"), kind=Kind.STATUS, cell=_pressing, group=True, fields=("state", "priority")
        ),
        Column(name="number", label=_("number and account"), cell=_from),
        Column(name="touched_at", label=_("last word"), kind=Kind.MOMENT),
        Column(
            name="assignee", label=_("answered by"), source="assignee__username", group=True,
            value=lambda ticket: name_of(ticket.assignee),
        ),
        Column(name="account", label=_("account"), source="account__name", group=True, shown=False),
        Column(name="priority", label=_("priority"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="created_at", label=_("opened"), kind=Kind.MOMENT, group=True, shown=False),
        Column(name="solved_at", label=_("solved"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="ticket",
        title=_("This queue is empty"),
        text=_("A ticket is something a customer asks of us: a question, a complaint, goods that shall come back."),
        none_title=_("No ticket fits"),
        none_text=_("Try fewer words, or all queues."),
        button=Button(_("New ticket"), "tickets:choose_account"),
    ),
)  # fmt: skip
