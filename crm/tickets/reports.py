"""Reads that tickets need of deals: what of a deal was shipped and may still come back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Max, QuerySet, Sum, When
from django.utils.translation import gettext as _

from crm.accounts.models import Account
from crm.pipeline.models import Deal, DealShipment
from crm.tickets.models import ReturnLine, ReturnRequest, ReturnStatus, Ticket, TicketState


@dataclass(frozen=True)
class Returnable:
    """One product of a deal: how many went out, how many are on their way back or wanted back, how many are left."""

    sku: str
    description: str
    shipped: Decimal
    asked: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.shipped - self.asked, Decimal(0))


def returnable(deal: Deal) -> list[Returnable]:
    """Everything shipped of the deal by SKU, as far as the ERP has told us."""
    shipped: dict[str, Decimal] = defaultdict(Decimal)
    for lines in DealShipment.objects.filter(deal=deal).values_list("lines", flat=True):
        for line in lines:
            shipped[line["sku"]] += Decimal(line["quantity"])
    asked = asked_back(deal)
    names = {sku: text for sku, text in deal.lines.values_list("sku", "description") if text}
    return [
        Returnable(sku, names.get(sku, ""), quantity, asked.get(sku, Decimal(0)))
        for sku, quantity in sorted(shipped.items())
    ]


def asked_back(deal: Deal) -> dict[str, Decimal]:
    """What earlier requests that were not refused want back, by SKU."""
    rows = (
        ReturnLine.objects.filter(request__deal=deal)
        .exclude(request__status=ReturnStatus.REFUSED)
        .order_by()
        .values("sku")
        .annotate(total=Sum("quantity"))
    )
    return {row["sku"]: row["total"] for row in rows}


def deals_with_goods(account: Account) -> QuerySet[Any]:
    """The account's deals of which at least one parcel went out, newest first."""
    return Deal.objects.filter(account=account, shipments__isnull=False).distinct().order_by("-id")


def conversation_revision(ticket: Ticket) -> str:
    """Changes whenever the ticket, a message or one of its returns does."""
    words = ticket.messages.count()
    wishes = ticket.returns.aggregate(count=Count("id"), last=Max("updated_at"))
    last = max(filter(None, (ticket.updated_at, wishes["last"])))
    return f"{words}-{wishes['count']}-{last.timestamp():.6f}"


def return_steps(wish: ReturnRequest) -> list[dict[str, Any]]:
    """A return's life in the words of ui/steps.html."""
    steps: list[dict[str, Any]] = [{"label": _("Asked for"), "at": wish.created_at, "source": "CRM", "state": "done"}]
    if wish.status == ReturnStatus.REFUSED:
        return [*steps, _step(_("Refused"), wish.refused_at, wish.refusal, "bad")]
    credit = f"{wish.credit_note_number} · {wish.credit_gross} {wish.currency}" if wish.credit_note_number else ""
    steps += [
        _step(_("Authorised"), wish.authorised_at, wish.number),
        _step(_("Goods are back"), wish.received_at),
        _step(_("Credited"), wish.settled_at, credit),
    ]
    if waiting := next((step for step in steps if step["state"] == "todo"), None):
        waiting["state"] = "now"
    return steps


def _step(label: str, at: datetime | None, text: str = "", state: str = "done") -> dict[str, Any]:
    if at is None:
        return {"label": label, "state": "todo"}
    return {"label": label, "state": state, "at": at, "text": text, "source": _("ERP")}


def tickets_of(account: Account, user: Any, most: int = 5) -> list[Ticket]:
    """The account's tickets that still ask something, then the last solved ones."""
    rows = Ticket.objects.visible_to(user).filter(account=account).select_related("assignee")
    order = Case(When(state=TicketState.SOLVED, then=1), default=0)
    return list(rows.annotate(solved_last=order).order_by("solved_last", "-touched_at")[:most])
