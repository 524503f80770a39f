"""On which days something comes again, and how an amount is shared out over them."""

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.ledger.services import CENT, Line


class Every(models.TextChoices):
    """How often."""

    MONTH = "month", _("every month")
    QUARTER = "quarter", _("every quarter")
    HALF_YEAR = "half_year", _("every half year")
    YEAR = "year", _("every year")
    ASKED = "asked", _("only when asked (a template)")


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


def day_of(first: date, every: str, number: int) -> date:
    """The day of the so-manieth time (from 1), counted from the first day so that the 31st stays the month's end.

    >>> [str(day_of(date(2026, 1, 31), "month", number)) for number in (1, 2, 3)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    months = first.year * 12 + first.month - 1 + MONTHS[Every(every)] * (number - 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def first_of_next_month(day: date) -> date:
    """The day on which an accrual is taken back.

    >>> first_of_next_month(date(2026, 12, 5))
    datetime.date(2027, 1, 1)
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def share(lines: Sequence[Line], number: int, times: int) -> list[Line]:
    """The so-manieth of so many shares: each balances when the whole does, and together they are the whole.

    Every line gets what is due to it up to this time less what it had before, in whole cents; the largest line takes
    what makes the share balance.
    """
    largest = max(range(len(lines)), key=lambda place: lines[place].debit + lines[place].credit)
    shares = [line if place == largest else _part(line, number, times) for place, line in enumerate(lines)]
    others = sum((one.debit - one.credit for place, one in enumerate(shares) if place != largest), Decimal(0))
    told = lines[largest]
    amount = -others if told.debit else others
    shares[largest] = _with(told, amount)
    return shares


def _part(line: Line, number: int, times: int) -> Line:
    whole = line.debit or line.credit
    until, before = (
        (whole * count / times).quantize(CENT, ROUND_DOWN) if count < times else whole for count in (number, number - 1)
    )
    return _with(line, until - before)


def _with(line: Line, amount: Decimal) -> Line:
    """The same line on the same side with another amount."""
    return replace(line, debit=amount) if line.debit else replace(line, credit=amount)
