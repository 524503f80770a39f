"""How many rows fit and what they come to, in SQL: exact, and cheap where there are very many."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.expressions import Combinable

from base.listing.asking import Asked
from base.listing.columns import Column, Kind
from base.lists import Page

COUNT_MAX = 10_000


@dataclass(frozen=True)
class Totals:
    """The count (of `COUNT_MAX` + 1 at most) and each summed column's amounts by currency."""

    count: int
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    is_summed: bool = True

    @property
    def is_huge(self) -> bool:
        """More than were counted."""
        return self.count > COUNT_MAX

    @property
    def currencies(self) -> list[str]:
        """The currencies of all amounts."""
        return sorted({currency for sums in self.sums.values() for currency in sums if currency})


def count_rows(rows: QuerySet[Any]) -> int:
    """How many there are; the counting stops when it is clear that there are very many.

    Every page asks it, and Django's own `count()` copies the query several times before it asks.
    """
    try:
        told, values = rows.order_by().values("pk")[: COUNT_MAX + 1].query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({told}) counted", values)  # noqa: S608 -- the ORM's own words
        return int(cursor.fetchone()[0])


def totals_of(asked: Asked, page: Page | None = None, *, whatever: bool = False) -> Totals:
    """Count and sums of all rows that fit.

    A list that stands whole on its page is counted there. Sums of very many rows are left for a second request
    (`whatever` makes them all the same), so that the page need not wait.
    """
    summed = [column for column in asked.columns if column.total]
    known = len(page.rows) if page is not None and page.is_whole else None
    if not summed:
        return Totals(count_rows(asked.rows) if known is None else known)
    if known is None and not whatever:
        known = count_rows(asked.rows)
        if known > COUNT_MAX:
            return Totals(known, is_summed=False)
    if known == 0:
        return Totals(0)
    return sum_up(asked.rows, summed)


def sum_up(rows: QuerySet[Any], summed: list[Column]) -> Totals:
    """One pass over the rows for each kind of currency the columns have; nearly always one."""
    count, sums = 0, dict[str, dict[str, Decimal]]()
    by_currency: dict[str, list[Column]] = {}
    for column in summed:
        path = column.currency_path if column.kind is Kind.MONEY else ""
        by_currency.setdefault(path, []).append(column)
    for path, columns in by_currency.items():
        terms: dict[str, Any] = {f"sum_{column.name}": Sum(term_of(column)) for column in columns}
        grouped = rows.order_by().annotate(the_currency=F(path)).values("the_currency") if path else None
        found = (
            grouped.annotate(row_count=Count("pk"), **terms)
            if grouped is not None
            else [rows.order_by().aggregate(row_count=Count("pk"), **terms)]
        )
        count = 0
        for line in found:
            count += line["row_count"]
            for column in columns:
                currency = line.get("the_currency") or column.one_currency
                amounts = sums.setdefault(column.name, {})
                amounts[currency] = line[f"sum_{column.name}"] or Decimal(0)
    return Totals(count, sums)


def term_of(column: Column) -> Combinable:
    """What is summed up."""
    return F(column.path) if column.total is True else column.total  # type: ignore[return-value]
