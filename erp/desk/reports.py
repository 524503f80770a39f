"""The desk's figures: how much waits in each queue, and how the company stands today."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from base.roles import has_role
from erp.desk.queues import QUEUES, Queue, Row
from erp.inventory.reports import stock_value
from erp.invoices.models import HOUSE_NET, Invoice, InvoiceKind
from erp.ledger.reports import account_balance

SHOWN = 6


@dataclass(frozen=True)
class Pile:
    """A queue with what waits in it; `key` opens it."""

    queue: Queue
    count: int
    oldest: datetime | None
    rows: list[Row]
    key: str

    @property
    def late(self) -> int:
        """How many of the rows shown are past their hour."""
        return sum(row.is_late for row in self.rows)


@dataclass(frozen=True)
class Standing:
    """How the company stands, in base currency."""

    cash: Decimal
    receivables: Decimal
    deposits: Decimal
    stock: Decimal
    sales_today: Decimal


@dataclass(frozen=True)
class Desk:
    """One user's desk."""

    piles: list[Pile]
    standing: Standing | None

    @property
    def busy(self) -> list[Pile]:
        """Where something waits."""
        return [pile for pile in self.piles if pile.count]

    @property
    def clear(self) -> list[Pile]:
        """Where nothing does."""
        return [pile for pile in self.piles if not pile.count]

    @property
    def revision(self) -> str:
        """Changes when anything shown changes."""
        shown: list[Any] = [self.standing]
        shown += [(pile.queue.name, pile.count, [(row.label, row.amount) for row in pile.rows]) for pile in self.piles]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def desk(user: Any) -> Desk:
    """What is due for the user, at most three queries a queue however much waits."""
    queues = [queue for queue in QUEUES if queue.concerns(user)]
    piles = [_pile(queue, user, str(number % 10)) for number, queue in enumerate(queues, 1)]
    return Desk(piles, standing() if has_role(user, "accountant", "auditor", "admin") else None)


def _pile(queue: Queue, user: Any, key: str) -> Pile:
    waiting = queue.waiting(user)
    found = waiting.order_by().aggregate(count=Count("pk", distinct=True))
    rows = [queue.row(item) for item in waiting.order_by(*queue.order)[:SHOWN]] if found["count"] else []
    return Pile(queue, found["count"], rows[0].since if rows else None, rows, key)


def standing() -> Standing:
    """Straight from the books, as of now."""
    today = Invoice.objects.filter(date=timezone.localdate()).aggregate(
        sold=Sum(HOUSE_NET, filter=Q(kind=InvoiceKind.INVOICE)),
        credited=Sum(HOUSE_NET, filter=Q(kind=InvoiceKind.CREDIT_NOTE)),
    )
    nothing = Decimal(0)
    return Standing(
        cash=account_balance("bank"),
        receivables=account_balance("receivable"),
        deposits=-account_balance("customer_deposits"),
        stock=stock_value(),
        sales_today=(today["sold"] or nothing) - (today["credited"] or nothing),
    )
