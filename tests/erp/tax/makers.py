"""Entries with tax, and a company whose returns can be filed."""

from datetime import date
from decimal import Decimal
from typing import Any

from erp.ledger.models import JournalEntry
from erp.ledger.services import Line, Posting, post
from erp.tax.returns import Span, span_from
from erp.tax.services import tag

D = Decimal
OCTOBER = span_from(date(2026, 10, 1), 1)


def taxed(
    net: str, tax_class: str = "standard", percent: str = "19", on: date = date(2026, 10, 12), **more: Any
) -> JournalEntry:
    """A sale of so much net."""
    fraction = D(percent) / 100
    tax, code = (D(net) * fraction).quantize(D("0.01")), tag(tax_class, fraction)
    lines = [
        Line("receivable", debit=D(net) + tax, party="C00001"),
        Line("sales", credit=D(net), tax_code=code),
        Line("vat_output", credit=tax, tax_code=code),
    ]
    return _post("sales", on, lines, **more)


def bought(
    net: str, tax_class: str = "standard", percent: str = "19", on: date = date(2026, 10, 12), own: bool = False
) -> JournalEntry:
    """Supplies for the office; with `own` we owe the tax of them ourselves."""
    fraction = D(percent) / 100
    tax, code = (D(net) * fraction).quantize(D("0.01")), tag(tax_class, fraction)
    owed = Line("vat_output", credit=tax, tax_code=code) if own else Line("bank", credit=tax)
    lines = [
        Line("6200", debit=D(net), tax_code=code),
        Line("vat_input", debit=tax, tax_code=code),
        owed,
        Line("bank", credit=D(net)),
    ]
    return _post("purchases", on, lines)


def _post(journal: str, on: date, lines: list[Line], key: str = "") -> JournalEntry:
    key = key or f"made:{JournalEntry.objects.count()}"
    return post(Posting(journal=journal, date=on, text="Made", key=key, lines=lines))


def span(year: int, month: int, months: int = 1) -> Span:
    """Whole months."""
    return span_from(date(year, month, 1), months)
