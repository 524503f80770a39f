"""When tax falls due: a pure function of a rule and of what happened.

>>> from decimal import Decimal
>>> from types import SimpleNamespace
>>> german = SimpleNamespace(taxed_on="receipt", due_on="supply", invoice_first=False, latest_months=None)
>>> told = [Deed("payment", date(2026, 1, 20), Decimal("1190")), Deed("supply", date(2026, 3, 5))]
>>> [(point.on.isoformat(), str(point.amount)) for point in tax_points(german, told, Decimal("2380"))]
[('2026-01-20', '1190'), ('2026-03-05', '1190')]
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

ZERO = Decimal(0)


class Rule(Protocol):
    """What of a rule decides; `TaxPointRule` has it."""

    taxed_on: str
    due_on: str
    invoice_first: bool
    latest_months: int | None


@dataclass(frozen=True)
class Deed:
    """What happened: money came, the supply was made, an invoice was issued, a payment was agreed for a day."""

    what: Literal["payment", "supply", "invoice", "contract"]
    on: date
    amount: Decimal = ZERO


@dataclass(frozen=True)
class Point:
    """From this day so much of the consideration is taxed, and what made it so."""

    on: date
    amount: Decimal
    by: str


def tax_points(rule: Rule, deeds: Iterable[Deed], total: Decimal) -> list[Point]:
    """When how much of `total` is taxed, the first first; what is not due yet is left out."""
    told = sorted(deeds, key=lambda deed: deed.on)
    payments = [deed for deed in told if deed.what == "payment"]
    if rule.due_on == "payment":
        points = _limited([Point(one.on, one.amount, "payment") for one in payments], total)
        return _with_invoice(points, told, total) if rule.invoice_first else points
    if rule.due_on == "contract":
        agreed = [Point(one.on, one.amount, "contract") for one in told if one.what == "contract"]
        if agreed:
            points = _limited(agreed, total)
            return _with_invoice(points, told, total) if rule.invoice_first else points
    rest = _rest_due(rule, told)
    early = [one for one in payments if rest is None or one.on < rest.on] if rule.taxed_on == "receipt" else []
    points = _limited([Point(one.on, one.amount, "payment") for one in early], total)
    left = total - sum((point.amount for point in points), ZERO)
    if rest and left > 0:
        points.append(Point(rest.on, left, rest.what))
    return points


def _rest_due(rule: Rule, told: Sequence[Deed]) -> Deed | None:
    """What makes the rest due: the supply, or the invoice, whichever the rule looks at; not before it happened."""
    supply = next((deed for deed in told if deed.what == "supply"), None)
    invoice = next((deed for deed in told if deed.what == "invoice"), None)
    if rule.due_on == "invoice":
        latest = _end_of_month(supply.on, rule.latest_months) if supply and rule.latest_months is not None else None
        if invoice and (latest is None or invoice.on <= latest):
            return invoice
        return Deed("supply", latest) if latest else None
    if rule.invoice_first and invoice and (supply is None or invoice.on < supply.on):
        return invoice
    return supply


def _with_invoice(points: list[Point], told: Sequence[Deed], total: Decimal) -> list[Point]:
    """An invoice makes due at once what is on it and was not due before."""
    invoice = next((deed for deed in told if deed.what == "invoice"), None)
    if invoice is None:
        return points
    before = [point for point in points if point.on <= invoice.on]
    left = (invoice.amount or total) - sum((point.amount for point in before), ZERO)
    if left <= 0:
        return points
    now = Point(invoice.on, min(left, total), "invoice")
    return _limited([*before, now, *_after(points, invoice.on, left)], total)


def _after(points: Iterable[Point], day: date, covered: Decimal) -> list[Point]:
    """What comes after the invoice, less what the invoice has made due already."""
    found = []
    for point in points:
        if point.on <= day:
            continue
        taken = min(covered, point.amount)
        covered -= taken
        if point.amount > taken:
            found.append(Point(point.on, point.amount - taken, point.by))
    return found


def _limited(points: Iterable[Point], total: Decimal) -> list[Point]:
    """No more than the whole: what is paid beyond it is no consideration for this supply."""
    found, left = [], total
    for point in points:
        amount = min(point.amount, left)
        if amount > 0:
            found.append(Point(point.on, amount, point.by))
            left -= amount
    return found


def _end_of_month(day: date, months: int) -> date:
    """The last day of the month so many months on.

    >>> _end_of_month(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, monthrange(year, month)[1])
