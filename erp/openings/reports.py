"""Whether what came as documents is what the balances said."""

from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from erp.ledger.models import Account, JournalLine
from erp.ledger.services import company
from erp.openings.models import OpeningItem, OpeningLine, Side
from erp.openings.services import BY_DOCUMENT

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Check:
    """An account that documents keep: what the balances of the day told and what has come of it, debit less credit."""

    account: Account
    told: Decimal
    came: Decimal

    @property
    def difference(self) -> Decimal:
        """What is still to come; anything but zero stands on the account of opening balances."""
        return self.told - self.came


def checks(day: Day, *, told: dict[str, Decimal] | None = None, came: dict[str, Decimal] | None = None) -> list[Check]:
    """Receivables, payables and the stock of that day, as far as anything was told or came.

    `told` and `came` are what a dry run would add to either, by the role of its account.
    """
    more_told, more_came = told or {}, came or {}
    lines = OpeningLine.objects.filter(
        opening__company=company(), opening__day=day, opening__reversal=None, account__role__in=BY_DOCUMENT
    )
    stood = {row["account__role"]: row["debit"] - row["credit"] for row in _sums(lines, "account__role")}
    items = OpeningItem.objects.standing().filter(company=company(), opened_on=day).order_by()
    brought = {
        row["side"]: row["of"] if row["side"] == Side.RECEIVABLE else -row["of"]
        for row in items.values("side").annotate(of=Sum("amount"))
    }
    stock = JournalLine.objects.filter(
        account__company=company(), account__role="inventory", date=day, entry__source_type="opening_stock"
    )
    brought["inventory"] = sum((row["debit"] - row["credit"] for row in _sums(stock, "account__role")), ZERO)
    accounts = Account.objects.filter(company=company(), role__in=BY_DOCUMENT).order_by("code")
    found = [
        Check(
            one,
            stood.get(one.role or "", ZERO) + more_told.get(one.role or "", ZERO),
            brought.get(one.role or "", ZERO) + more_came.get(one.role or "", ZERO),
        )
        for one in accounts
    ]
    return [one for one in found if one.told or one.came]


def _sums(rows: Any, by: str) -> Any:
    return rows.order_by().values(by).annotate(debit=Sum("debit"), credit=Sum("credit"))
