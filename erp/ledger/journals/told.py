"""What a journal tells, whichever program it was written for."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _


class Unread(Exception):
    """This line is outside of what we read; the reason is in the reader's words."""


@dataclass(frozen=True)
class Amount:
    """So much of something: money, shares, hours."""

    number: Decimal
    commodity: str

    def __str__(self) -> str:
        return f"{self.number:f} {self.commodity}"

    def __neg__(self) -> "Amount":
        return Amount(-self.number, self.commodity)


@dataclass(frozen=True)
class Leg:
    """A posting: an account and what comes to it; `units` is None where the file leaves the amount to be worked out."""

    line: int
    account: str
    units: Amount | None
    rate: Amount | None = None  # at cost, else at price
    rate_is_total: bool = False
    text: str = ""
    cost_centre: str = ""
    project: str = ""

    @property
    def weight(self) -> Amount:
        """What the leg counts when the transaction is balanced.

        >>> Leg(1, "Assets:Shares", Amount(Decimal(10), "ACME"), Amount(Decimal("1.5"), "EUR")).weight
        Amount(number=Decimal('15.0'), commodity='EUR')
        """
        assert self.units is not None
        if self.rate is None:
            return self.units
        number = self.rate.number.copy_sign(self.units.number) if self.rate_is_total else (
            self.rate.number * self.units.number
        )  # fmt: skip
        return Amount(number, self.rate.commodity)


@dataclass
class Transaction:
    """What happened on a day; `key` is the entry's own where the file is an export of ours."""

    line: int
    date: date
    text: str
    legs: list[Leg] = field(default_factory=list)
    key: str = ""
    problem: str = ""

    def refuse(self, line: int, why: object) -> None:
        """It cannot be taken over; the first reason stands."""
        self.problem = self.problem or (
            str(why) if line == self.line else _("Line {line}: {why}").format(line=line, why=why)
        )

    @property
    def digest(self) -> str:
        """The same transaction in another file, or in the same one again."""
        told = [self.date.isoformat(), self.text]
        told += [f"{leg.account}|{_plain(leg.units)}|{_plain(leg.rate)}" for leg in self.legs]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Assertion:
    """Somebody says what stands on an account (and those below it, where `whole`).

    At the beginning of the day, or after the leg of that line where it is written beside one.
    """

    line: int
    date: date
    account: str
    amount: Amount
    tolerance: Decimal = Decimal(0)
    whole: bool = False
    after: int = 0


@dataclass(frozen=True)
class Pad:
    """The account is to be filled from another one, up to its next assertion."""

    line: int
    date: date
    account: str
    source: str


@dataclass
class Journal:
    """A whole file."""

    kind: str
    transactions: list[Transaction] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    pads: list[Pad] = field(default_factory=list)
    prices: dict[str, list[tuple[date, Amount]]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # of accounts, as the file declares them
    types: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def price(self, day: date, commodity: str, amount: Amount) -> None:
        """What one of the commodity is worth from that day on; nothing, where it shall stay out of the books."""
        if amount.number < 0:
            raise Unread(_("A price is not below zero."))
        self.prices.setdefault(commodity, []).append((day, amount))


# What is said of a leg below it or beside it, and taken over; all else is counted.
SAID = ("text", "cost_centre", "project")


def day_of(text: str) -> date:
    """A day as both programs write it: 2026-01-31, 2026/1/31, 2026.01.31.

    >>> day_of("2026/1/31")
    datetime.date(2026, 1, 31)
    """
    parts = text.replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise Unread(_("“{text}” is not a day; write it as 2026-03-31.").format(text=text[:40])) from None


def number_of(text: str) -> Decimal:
    """A number with a point before its decimals."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unread(_("“{text}” is not a number.").format(text=text[:40])) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise Unread(_("“{text}” is not a number.").format(text=text[:40]))
    return number


def _plain(amount: Amount | None) -> str:
    return f"{amount.number.normalize():f}{amount.commodity}" if amount else ""
