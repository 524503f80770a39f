"""What tickets add to the account page: how many are open, a button, the list."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts import merging, panels, pool, seeing
from crm.accounts.models import Account
from crm.accounts.panels import Action, Fact
from crm.accounts.ways import add_way
from crm.activities import timeline
from crm.tickets.models import Ticket
from crm.tickets.reports import tickets_of
from crm.tickets.seeing import TicketAccess


def register() -> None:
    """Called once, when the app is ready."""
    merging.follows(Ticket, "account")
    merging.follows(Ticket, "contact")
    add_way(
        Ticket, "assignee", gettext_lazy("By a ticket"), gettext_lazy("The ticket {number} is assigned to {person}.")
    )
    seeing.explains(Ticket, TicketAccess)
    pool.protects(gettext_lazy("an open ticket"), Ticket.objects.all().unsolved)
    panels.add_fact(20, open_tickets)
    panels.add_action(20, Action(gettext_lazy("Ticket"), "ticket", "tickets:new", sheet=True))
    panels.add_section(20, tickets)
    timeline.link("ticket", "tickets:detail")


def open_tickets(request: HttpRequest, account: Account) -> Fact:
    """How many questions wait for an answer."""
    count = Ticket.objects.visible_to(request.user).filter(account=account).unsolved().count()
    return Fact(_("Open tickets"), count, tone="warn" if count else "", url="#tickets" if count else "")


def tickets(request: HttpRequest, account: Account) -> str:
    """The latest, those that still ask something first; nothing when there never was one."""
    rows = tickets_of(account, request.user)
    return render_to_string("crm/tickets/_of_account.html", {"tickets": rows}, request) if rows else ""
