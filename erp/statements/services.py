"""Drawing up a statement, and bringing its layouts into the books."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, NotFound, Refused
from erp.ledger.dimensions import WITHOUT, Only
from erp.ledger.models import Account, AccountType, Company, Dimension, DimensionKind
from erp.ledger.reports import ZERO, Sums, sums, transferred_between
from erp.statements.expressions import Accounts, read_terms
from erp.statements.models import Layout, LayoutRow, RowKind, Span

PACKS = Path(__file__).resolve().parent / "data"
SEEDED = (
    ("balance-sheet", Span.POSITION, "Balance sheet", "资产负债表"),
    ("profit-and-loss", Span.PERFORMANCE, "Profit and loss", "利润表"),
)


class WholeCompanyOnly(Refused):
    """What stands on a day is not told apart by who bears it."""

    message = _("A balance sheet is of the whole company.")
    status = 422
    field = "cost_centre"


class RowUnknown(Refused):
    """A sum adds what does not stand above it."""

    message = _("Row {row} adds row “{code}”, which does not stand above it.")
    status = 422
    field = "counts"


@dataclass(frozen=True)
class Column:
    """The span that a column counts over, and of what; what stands on a day counts from the beginning."""

    start: date | None
    end: date
    only: Only = field(default_factory=dict)
    name: str = ""


@dataclass
class Figure:
    """A row with its amount in each column."""

    row: LayoutRow
    amounts: list[Decimal]
    accounts: list["AccountFigure"] = field(default_factory=list)

    @property
    def difference(self) -> Decimal:
        """How much more the first column has than the second."""
        return self.amounts[0] - self.amounts[-1]

    @property
    def is_strong(self) -> bool:
        """A heading or a sum."""
        return self.row.kind in (RowKind.HEADING, RowKind.SUM)


@dataclass(frozen=True)
class AccountFigure:
    """What one account adds to a row."""

    account: Account
    amounts: list[Decimal]


@dataclass
class Statement:
    """A layout with its figures."""

    layout: Layout
    columns: list[Column]
    known: datetime | None
    figures: list[Figure]
    broken: list[Figure]
    """Rows that must be zero and are not."""
    left_out: list[AccountFigure]
    """Accounts with an amount that no row counts, or that two rows count."""

    @property
    def is_compared(self) -> bool:
        """Are there two columns of which one may be taken from the other?"""
        return len(self.columns) == 2 and not self.columns[-1].name

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return 1 + len(self.columns) + self.is_compared

    def figure(self, code: str) -> Figure:
        """The row of that code."""
        for one in (*self.figures, *self.broken):
            if one.row.code == code:
                return one
        raise NotFound(what=_("The row “{code}”").format(code=code))


def layout(company: Company, code: str) -> Layout:
    """The company's layout of that code."""
    found: Layout | None = Layout.objects.filter(company=company, code=code).first()
    if found is None:
        raise NotFound(what=_("The statement “{code}”").format(code=code))
    return found


def columns(
    of: Layout, end: date, start: date | None = None, compare: str = "", only: Only | None = None
) -> list[Column]:
    """The span asked for, and what it is compared with: the `year` before, the `span` before, or each `cost_centre`.

    A statement of performance may be `only` of a cost centre or project.
    """
    only = only or {}
    if of.span == Span.POSITION and (only or compare == "cost_centre"):
        raise WholeCompanyOnly
    if start and start > end:
        raise BadInput(why=_("The span ends before it begins."), field="end")
    if of.span == Span.POSITION:
        start = None
    elif start is None:
        start = end.replace(month=1, day=1)
    asked = [Column(start, end, only)]
    if compare == "year":
        asked.append(Column(start and _year_before(start), _year_before(end), only))
    elif compare == "span":
        before = (start or end.replace(day=1)) - timedelta(days=1)
        asked.append(Column(start and _as_long_before(start, end), before, only))
    elif compare == "cost_centre":
        parts = _cost_centres(of.company, only.get(compare, ""))
        asked += [Column(start, end, {**only, compare: code}, name) for code, name in parts]
    return asked


def _cost_centres(company: Company, below: str) -> Iterator[tuple[str, str]]:
    """Those at the top and what names none, which together are the whole; or those right below one."""
    rows = Dimension.objects.filter(company=company, kind=DimensionKind.COST_CENTRE)
    rows = rows.filter(parent__code=below) if below else rows.filter(parent=None)
    yield from ((one.code, str(one)) for one in rows.order_by("code"))
    if not below:
        yield WITHOUT, str(_("None named"))


def draw_up(of: Layout, asked: Sequence[Column], known: datetime | None = None) -> Statement:
    """Every row in every column."""
    per_column = [_movements(of.company, column, known) for column in asked]
    accounts = list(Account.objects.filter(company=of.company, is_group=False).order_by("code"))
    figures: dict[str, Figure] = {}
    counted: dict[UUID, int] = {}
    for row in of.rows.all():
        found = Figure(row, [ZERO] * len(asked))
        if row.kind == RowKind.ACCOUNTS:
            chosen = Accounts.read(row.counts)
            found.accounts = _figures([one for one in accounts if chosen.has(one.code)], per_column, row)
            for one in found.accounts:
                counted[one.account.pk] = counted.get(one.account.pk, 0) + 1
        elif row.kind == RowKind.RESULT:
            found.accounts = _figures([one for one in accounts if _is_result(one)], per_column, row)
        if found.accounts:
            found.amounts = [sum(column, ZERO) for column in zip(*(one.amounts for one in found.accounts), strict=True)]
        elif row.kind in (RowKind.SUM, RowKind.CHECK):
            found.amounts = _added(row, figures, len(asked))
        figures[row.code] = found
    rows = [one for one in figures.values() if one.row.kind != RowKind.CHECK]
    broken = [one for one in figures.values() if one.row.kind == RowKind.CHECK and any(one.amounts)]
    theirs = [one for one in accounts if _is_result(one) == (of.span == Span.PERFORMANCE)]
    lost = _figures([one for one in theirs if counted.get(one.pk, 0) != 1], per_column, LayoutRow())
    return Statement(of, list(asked), known, rows, broken, [one for one in lost if any(one.amounts)])


def _movements(company: Company, column: Column, known: datetime | None) -> dict[UUID, Decimal]:
    def amount(row: Sums) -> Decimal:
        return row.debit - row.credit - row.before_debit + row.before_credit

    moved = {pk: amount(row) for pk, row in sums(company, column.end, known, column.start, column.only).items()}
    if column.start:  # the year's result before it was transferred
        for pk, transferred in transferred_between(company, column.start, column.end, known, column.only):
            moved[pk] = moved.get(pk, ZERO) - transferred
    return moved


def _figures(chosen: list[Account], per_column: list[dict[UUID, Decimal]], row: LayoutRow) -> list[AccountFigure]:
    """What stands on these accounts, as the row signs it; those without any are left away."""
    sign = -1 if row.credit else 1
    found = [AccountFigure(one, [sign * column.get(one.pk, ZERO) for column in per_column]) for one in chosen]
    return [one for one in found if any(one.amounts)]


def _added(row: LayoutRow, known: dict[str, Figure], width: int) -> list[Decimal]:
    total = [ZERO] * width
    for sign, code in read_terms(row.counts):
        if code not in known:
            raise RowUnknown(row=row.code, code=code)
        total = [have + sign * more for have, more in zip(total, known[code].amounts, strict=True)]
    return total


def _is_result(account: Account) -> bool:
    return account.type in (AccountType.INCOME, AccountType.EXPENSE)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _as_long_before(start: date, end: date) -> date:
    """The first day of the span of whole months before, or of as many days."""
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1
    if not whole:
        return start - (end - start) - timedelta(days=1)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    index = start.year * 12 + start.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


@transaction.atomic
def seed(company: Company) -> list[Layout]:
    """The layouts that come with the company's chart; those that are there stay as they are."""
    made = []
    for code, span, name, name_zh in SEEDED:
        found, new = Layout.objects.get_or_create(
            company=company, code=code, defaults={"span": span, "name": name, "name_zh": name_zh}
        )
        if new:
            replace_rows(found, _pack(company.chart, code))
        made.append(found)
    return made


@transaction.atomic
def replace_rows(of: Layout, rows: Sequence[dict[str, Any]]) -> None:
    """Other rows for the layout; every expression is read first, so that nothing half understood is kept."""
    known: set[str] = set()
    for row in rows:
        if row["kind"] == RowKind.ACCOUNTS:
            Accounts.read(row["counts"])
        elif row["kind"] in (RowKind.SUM, RowKind.CHECK):
            for code in {code for _sign, code in read_terms(row["counts"])} - known:
                raise RowUnknown(row=row["code"], code=code)
        known.add(row["code"])
    of.rows.all().delete()
    for position, row in enumerate(rows, 1):
        LayoutRow(layout=of, position=position, **row).save()


def _pack(chart: str, code: str) -> list[dict[str, Any]]:
    with (PACKS / chart / f"{code}.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "credit": bool(row["credit"]), "level": int(row["level"] or 0)} for row in csv.DictReader(file)]
