"""On which days an amount is due, and how it is shared out over them. Nothing is looked up here."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day
from datetime import timedelta
from decimal import Decimal

from base.money import round_money

HUNDRED = Decimal(100)
DAYS_MAX = 365
A_MONTH = 30  # the most that the end of the month, or a day of it, puts off


@dataclass(frozen=True)
class Step:
    """A line of terms: a share in percent, or the rest; and its day, counted from the document's or its month's end."""

    share: Decimal | None = None
    days: int = 0
    month_end: bool = False
    day_of_month: int | None = None

    @property
    def days_at_most(self) -> int:
        """How long it may take, whichever day the document is dated.

        >>> Step(days=30).days_at_most, Step(days=30, month_end=True).days_at_most
        (30, 60)
        """
        return self.days + A_MONTH * (self.month_end + (self.day_of_month is not None))

    def due(self, dated: Day) -> Day:
        """The day, for a document of that day.

        >>> Step(days=30).due(Day(2026, 1, 31))
        datetime.date(2026, 3, 2)
        >>> Step(month_end=True).due(Day(2028, 2, 1)), Step(days=30, month_end=True).due(Day(2026, 2, 10))
        (datetime.date(2028, 2, 29), datetime.date(2026, 3, 30))
        >>> Step(days=10, day_of_month=31).due(Day(2026, 2, 1)), Step(day_of_month=15).due(Day(2026, 12, 16))
        (datetime.date(2026, 2, 28), datetime.date(2027, 1, 15))
        """
        start = _last_of(dated.year, dated.month) if self.month_end else dated
        due = start + timedelta(days=self.days)
        if self.day_of_month is None:
            return due
        chosen = _day_of(due.year, due.month, self.day_of_month)
        if chosen >= due:
            return chosen
        return _day_of(due.year + due.month // 12, due.month % 12 + 1, self.day_of_month)


@dataclass(frozen=True)
class Part:
    """What is due on a day, and all that is due up to it."""

    due: Day
    amount: Decimal
    until: Decimal


def plan(steps: Sequence[Step], dated: Day, amount: Decimal, currency: str) -> list[Part]:
    """The amount over the days, in their order; together they are the amount to the cent.

    Each day gets what its share comes to together with those before it, less what these had; the last one takes the
    rest. What falls on the same day is one part, and what comes to nothing is none.

    >>> thirds = [Step(Decimal("33.3333"), 0), Step(Decimal("33.3333"), 30), Step(None, 60)]
    >>> [str(one.amount) for one in plan(thirds, Day(2026, 1, 1), Decimal("100.00"), "EUR")]
    ['33.33', '33.34', '33.33']
    >>> [str(one.amount) for one in plan(thirds, Day(2026, 1, 1), Decimal("0.01"), "EUR")]
    ['0.01']
    """
    shared = sum((step.share for step in steps if step.share is not None), Decimal(0))
    shares: dict[Day, Decimal] = {}
    for step in steps:
        due = step.due(dated)
        shares[due] = shares.get(due, Decimal(0)) + (HUNDRED - shared if step.share is None else step.share)
    parts: list[Part] = []
    told = before = Decimal(0)
    days = sorted(shares)
    for due in days:
        told += shares[due]
        until = amount if due == days[-1] else round_money(amount * told / HUNDRED, currency)
        if until > before:
            parts.append(Part(due, until - before, until))
            before = until
    return parts or [Part(days[0], amount, amount)]


def _last_of(year: int, month: int) -> Day:
    return Day(year, month, calendar.monthrange(year, month)[1])


def _day_of(year: int, month: int, day: int) -> Day:
    """The day of the month, or its last one where it is shorter."""
    return min(Day(year, month, 1) + timedelta(days=day - 1), _last_of(year, month))
