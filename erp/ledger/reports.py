"""What the books say: balances, the trial balance, an account's lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from erp.ledger.dimensions import KINDS, WITHOUT, Only, narrowed, with_those_below
from erp.ledger.models import Account, AccountType, Company, JournalLine
from erp.ledger.services import company as our_company

ZERO = Decimal("0.00")
SPREAD = 20  # so many lines for each one shown are summed up for the balances between them
YEAR_END = "year_end"
"""What the transfer of a year's result names as its source."""


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
    known: datetime | None = None
    only: Only = field(default_factory=dict)

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
        """Debits less credits since the beginning; of the whole books anything but zero is a fault."""
        return self.closing


def trial_balance(
    company: Company, as_of: date, start: date | None = None, known: datetime | None = None, only: Only | None = None
) -> TrialBalance:
    """Openings, movements and balances per account; with `known`, as the books stood at that moment.

    `only` a cost centre or project: then debits need not equal credits, as the other side may name none.

    Exact, and as quick in old books as in young ones: folded sums and what was posted since (sql/folding.sql).
    """
    until = sums(company, as_of, known, start, only)
    accounts = {one.pk: one for one in Account.objects.filter(pk__in=until)}
    rows = [
        Row(accounts[pk], opening=row.before_debit - row.before_credit,
            debit=row.debit - row.before_debit, credit=row.credit - row.before_credit)
        for pk, row in until.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: row.account.code)
    return TrialBalance(start=start, as_of=as_of, rows=rows, known=known, only=only or {})


class Sums(NamedTuple):
    """All debits and credits of an account to a day, and those before another day."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO
    before_debit: Decimal = ZERO
    before_credit: Decimal = ZERO


def sums(
    company: Company, until: date, known: datetime | None = None, start: date | None = None, only: Only | None = None
) -> dict[UUID, Sums]:
    """The sums of every account that has moved, in one statement and thus of one moment."""
    statement, parameters = _of_all(company, until, known, start)
    if only:
        statement, parameters = _of_those(company, until, known, start, only, statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {row[0]: Sums(*row[1:]) for row in cursor.fetchall()}


def _of_all(company: Company, until: date, known: datetime | None, start: date | None) -> tuple[str, list[Any]]:
    """From the folded sums and what was posted since."""
    function = "ledger_sums_known" if known else "ledger_sums"
    moment: list[Any] = [known] if known else []
    call = f"public.{function}(%s, %s{', %s' if known else ''})"
    before = call if start else "(SELECT NULL::uuid, 0::numeric, 0::numeric WHERE false)"
    statement = f"""SELECT u.account_id, u.debit, u.credit, coalesce(b.debit, 0.00), coalesce(b.credit, 0.00)
                      FROM {call} u LEFT JOIN {before} b(account_id, debit, credit) USING (account_id)"""  # noqa: S608
    parameters: list[Any] = [company.pk, until, *moment]
    if start:
        parameters += [company.pk, start - timedelta(days=1), *moment]
    return statement, parameters


def _of_those(
    company: Company, until: date, known: datetime | None, start: date | None, only: Only, whole: str, theirs: list[Any]
) -> tuple[str, list[Any]]:
    """From the lines that name it, by their index; what names none is the whole less what names any."""
    named = {kind: code for kind, code in only.items() if code != WITHOUT}
    if named:
        where = " AND ".join(f"l.{kind}_id {'= ANY(%s)' if kind in named else 'IS NULL'}" for kind in only)
    else:
        where = f"({' OR '.join(f'l.{kind}_id IS NOT NULL' for kind in only)})"
    before = "coalesce(sum(l.{side}) FILTER (WHERE l.date < %s), 0.00)"
    statement = f"""SELECT l.account_id, sum(l.debit), sum(l.credit), {before.format(side="debit")},
                           {before.format(side="credit")}
                      FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
                      {"JOIN public.ledger_journalentry e ON e.id = l.entry_id" if known else ""}
                     WHERE a.company_id = %s AND l.date <= %s {"AND e.posted_at <= %s" if known else ""} AND {where}
                     GROUP BY l.account_id"""  # noqa: S608 -- our own names
    parameters: list[Any] = [start, start, company.pk, until, *([known] if known else [])]
    parameters += [list(with_those_below(company.pk, kind, code)) for kind, code in named.items()]
    if named:
        return statement, parameters
    less = f"""SELECT account_id, sum(debit), sum(credit), sum(before_debit), sum(before_credit) FROM (
                 SELECT * FROM ({whole}) w(account_id, debit, credit, before_debit, before_credit) UNION ALL
                 SELECT n.account_id, -n.debit, -n.credit, -n.before_debit, -n.before_credit
                   FROM ({statement}) n(account_id, debit, credit, before_debit, before_credit)) every
               GROUP BY account_id"""  # noqa: S608 -- our own names
    return less, [*theirs, *parameters]


def transferred_between(
    company: Company, start: date, end: date, known: datetime | None = None, only: Only | None = None
) -> Iterator[tuple[UUID, Decimal]]:
    """What the transfers of years' results, and their reversals, moved on each account."""
    lines = JournalLine.objects.filter(
        entry__company=company, entry__source_type=YEAR_END, entry__date__range=(start, end)
    )
    if known:
        lines = lines.filter(entry__posted_at__lte=known)
    lines = narrowed(lines, company.pk, only or {})
    yield from lines.order_by().values_list("account").annotate(amount=Sum("debit") - Sum("credit"))


def account_balance(
    role: str, party: str | None = None, as_of: date | None = None, parties: QuerySet[Any] | None = None
) -> Decimal:
    """Debit less credit on the account of that role, of one party if given, or of several by their codes (a query that
    answers them); one query on an index."""
    lines = JournalLine.objects.filter(account__company=our_company(), account__role=role)
    if party is not None:
        lines = lines.filter(party=party)
    if parties is not None:
        lines = lines.filter(party__in=parties)
    if as_of is not None:
        lines = lines.filter(date__lte=as_of)
    return lines.balance()


def add_balances(rows: list[JournalLine]) -> None:
    """To lines of one account that stand side by side in time, the balance after each; others have none.

    Of the party's lines only, where the rows are narrowed to a party (`balance_of`); so of a cost centre or project.
    """
    if len({row.account_id for row in rows}) != 1:
        return
    lines = JournalLine.objects.filter(account=rows[0].account_id)
    if party := getattr(rows[0], "balance_of", ""):
        lines = lines.filter(party=party)
    only = {kind: code for kind in KINDS if (code := getattr(rows[0], f"balance_of_{kind}", ""))}
    lines = narrowed(lines, rows[0].account.company_id, only)
    inside = sorted(rows, key=lambda row: (row.date, row.pk))
    first, last = inside[0], inside[-1]
    before = lines.filter(Q(date__lt=first.date) | Q(date=first.date, id__lt=first.pk))
    between = lines.filter(
        Q(date__gt=first.date) | Q(date=first.date, id__gte=first.pk),
        Q(date__lt=last.date) | Q(date=last.date, id__lte=last.pk),
    )
    amounts = between.order_by("date", "id").values_list("id", "debit", "credit")[: len(rows) * SPREAD + 1]
    if len(amounts) > len(rows) * SPREAD:
        return
    balance, after = before.balance(), {}
    for key, debit, credit in amounts:
        after[key] = balance = balance + debit - credit
    for row in rows:
        row.balance_after = after[row.pk]  # type: ignore[attr-defined]


def balances(company: Company, until: date = date.max) -> dict[UUID, Decimal]:
    """What stands on each account (after that day); headings sum what is below them."""
    parents = dict(Account.objects.filter(company=company).values_list("pk", "parent_id"))
    total = dict.fromkeys(parents, ZERO)
    for account, row in sums(company, until).items():
        above: UUID | None = account
        while above:
            total[above] += row.debit - row.credit
            above = parents[above]
    return total
