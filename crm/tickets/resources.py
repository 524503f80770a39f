"""Tickets from files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Item, Person, Text, register
from base.exchange.resources import Key
from base.refusals import BadInput
from crm.accounts.resources import AboutAccount, account_column, contact_column
from crm.tickets import services
from crm.tickets.models import Priority, Ticket, TicketState

_NAMES = UUID("b3f0f1d2-7b54-5d0e-8c11-90a4f4a2c6de")
IMPORTERS = ("agent", "manager", "admin")
_STAYS = ("reference", "text")
_MOVES = {
    TicketState.OPEN: services.reopen,
    TicketState.WAITING: services.wait,
    TicketState.SOLVED: services.solve,
}


@register
class TicketResource(AboutAccount):
    """What customers asked, open or long since solved."""

    key = "tickets"
    label = gettext_lazy("Tickets")
    about = gettext_lazy("What customers asked, with their first words; the accounts come first.")
    icon = "headset"
    model = Ticket
    roles = IMPORTERS
    match_on = (("reference",),)
    parts = ("messages",)

    reference = Column(
        gettext_lazy("Reference elsewhere"),
        Text(80),
        names="id ticketid ticketnumber case caseid casenumber 工单编号 编号",
        required=True,
        sample="CASE-17",
        help=gettext_lazy("Its number in the system it came from; a number of our own is given besides."),
        match=True,
    )
    account = account_column()
    subject = Column(
        gettext_lazy("Subject"),
        names="title summary ticketsubject 主题 标题",
        required=True,
        sample="A case of tea is missing",
    )
    text = Column(
        gettext_lazy("Text"),
        Text(10_000, lines=True),
        names="description body message ticketdescription 描述 内容",
        help=gettext_lazy("The customer's words; they open the conversation."),
        sample="We got eleven instead of twelve.",
    )
    contact = contact_column()
    priority = Column(
        gettext_lazy("Priority"),
        Choice(Priority.choices, normal="medium|standard|中", low="低", high="高", urgent="critical|紧急"),
        names="ticketpriority severity 优先级",
        sample="normal",
    )
    state = Column(
        gettext_lazy("State"),
        Choice(TicketState.choices, solved="closed|resolved|done|已解决", waiting="pending|on hold|pending customer response"),
        names="status ticketstatus 状态",
        help=gettext_lazy("New, if left out."),
        sample="open",
    )  # fmt: skip
    assignee = Column(
        gettext_lazy("Answered by"), Person(), names="agent owner assigned assignedto 处理人",
        help=gettext_lazy("User name, e-mail or full name of a colleague."),
    )  # fmt: skip

    def rows(self) -> QuerySet[Ticket]:
        return Ticket.objects.visible_to(self.user).select_related("account", "contact", "assignee")

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "reference": None, "text": None}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        return {name: value for name, value in super().changes(item, record).items() if name not in _STAYS}

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {uuid5(_NAMES, key[0]): key for key in keys}
        return {wanted[ticket.pk]: [ticket] for ticket in self.rows().filter(pk__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._open(item.values) for item in items]

    def _open(self, told: dict[str, Any]) -> Ticket:
        about = {name: told[name] for name in ("contact", "priority", "assignee") if told.get(name)}
        about |= {"by": self.user, "text": told.get("text", ""), "id": uuid5(_NAMES, told["reference"])}
        ticket = services.open_ticket(told["account"], told["subject"], **about)
        state = told.get("state", TicketState.NEW)
        return ticket if state == ticket.state else _MOVES[state](ticket)

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        if fixed := next((name for name in ("account", "subject", "contact") if name in changes), ""):
            raise BadInput(why=_("An import leaves this of a ticket as it is."), field=fixed)
        if "priority" in changes:
            record = services.change_priority(record, changes["priority"])
        if "assignee" in changes:
            record = services.assign(record, changes["assignee"])
        state = changes.get("state", record.state)
        if state == record.state:
            return record
        if state not in _MOVES:
            raise BadInput(why=_("A ticket does not become new again."), field="state")
        return _MOVES[state](record)

    def remove(self, record: Any) -> None:
        services.remove_ticket(record)
