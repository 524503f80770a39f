"""What the books say: balances, the trial balance, an account's lines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import DecimalField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from erp.ledger.models import Account, AccountType, Company, JournalLine
from erp.ledger.services import company as our_company

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Row:
    """An account in the trial balance; amounts are debit less credit, in base currency."""

    account: Account
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        """What stands on the account at the end."""
        return self.opening + self.debit - self.credit


@dataclass(frozen=True)
class TrialBalance:
    """Every account that has moved, from `start` (or the beginning) to `as_of`."""

    start: date | None
    as_of: date
    rows: list[Row]

    @property
    def groups(self) -> list["TrialBalance"]:
        """The same by kind of account, each with its own sums."""
        return [
            TrialBalance(self.start, self.as_of, rows)
            for kind in AccountType
            if (rows := [row for row in self.rows if row.account.type == kind])
        ]

    @property
    def label(self) -> str:
        """The kind of the accounts in a group."""
        return str(self.rows[0].account.get_type_display())

    @property
    def opening(self) -> Decimal:
        """Sum of the openings; zero when the books balance."""
        return sum((row.opening for row in self.rows), ZERO)

    @property
    def debit(self) -> Decimal:
        """Sum of the debits."""
        return sum((row.debit for row in self.rows), ZERO)

    @property
    def credit(self) -> Decimal:
        """Sum of the credits."""
        return sum((row.credit for row in self.rows), ZERO)

    @property
    def closing(self) -> Decimal:
        """Sum of the balances; zero for all accounts together."""
        return sum((row.closing for row in self.rows), ZERO)

    @property
    def closing_debit(self) -> Decimal:
        """Sum of the balances that stand on the debit side."""
        return sum((row.closing for row in self.rows if row.closing > 0), ZERO)

    @property
    def closing_credit(self) -> Decimal:
        """Sum of the balances that stand on the credit side."""
        return -sum((row.closing for row in self.rows if row.closing < 0), ZERO)

    @property
    def difference(self) -> Decimal:
        """Debits less credits since the beginning; anything but zero is a fault."""
        return self.closing


def trial_balance(company: Company, as_of: date, start: date | None = None) -> TrialBalance:
    """Openings, movements and balances per account, in one query."""
    before = Q(lines__date__lt=start) if start else Q(pk=None)
    within = Q(lines__date__gte=start) if start else Q()
    accounts = (
        Account.objects.filter(company=company, lines__date__lte=as_of)
        .annotate(
            before_debit=_sum("lines__debit", before),
            before_credit=_sum("lines__credit", before),
            period_debit=_sum("lines__debit", within),
            period_credit=_sum("lines__credit", within),
        )
        .order_by("code")
    )
    rows = [Row(one, one.before_debit - one.before_credit, one.period_debit, one.period_credit) for one in accounts]
    return TrialBalance(start=start, as_of=as_of, rows=rows)


def account_balance(role: str, party: str | None = None, as_of: date | None = None) -> Decimal:
    """Debit less credit on the account of that role, of one party if given; one query on an index."""
    lines = JournalLine.objects.filter(account__company=our_company(), account__role=role)
    if party is not None:
        lines = lines.filter(party=party)
    if as_of is not None:
        lines = lines.filter(date__lte=as_of)
    return lines.balance()


def with_balances(rows: list[JournalLine], of: QuerySet[JournalLine]) -> list[JournalLine]:
    """A page of an account's lines, newest first, each with the balance after it; `of` are all the account's lines."""
    if not rows:
        return rows
    top = rows[0]
    balance = of.filter(Q(date__lt=top.date) | Q(date=top.date, id__lte=top.pk)).balance()  # type: ignore[attr-defined]
    for row in rows:
        row.balance_after = balance  # type: ignore[attr-defined]
        balance -= row.amount
    return rows


def balances(company: Company) -> dict[UUID, Decimal]:
    """What stands on each account now; headings sum what is below them."""
    accounts = Account.objects.filter(company=company).annotate(
        debits=_sum("lines__debit", Q()), credits=_sum("lines__credit", Q())
    )
    own = {one.pk: one.debits - one.credits for one in accounts}
    parents = {one.pk: one.parent_id for one in accounts}
    total = dict.fromkeys(own, ZERO)
    for account, amount in own.items():
        above: UUID | None = account
        while above:
            total[above] += amount
            above = parents[above]
    return total


def _sum(column: str, only: Q) -> Coalesce:
    money = DecimalField(max_digits=25, decimal_places=2)
    return Coalesce(Sum(column, filter=only), Value(ZERO), output_field=money)
