"""A journal as the import machine reads files: a row for each line of the books, under headers that stay the same."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.spreadsheets import ENCODINGS, Cell, Row, Sheet
from base.spreadsheets.reading import MAX_ROWS, read_text
from base.spreadsheets.refusals import BadFile, TooManyRows
from erp.ledger.journals.told import Journal, Transaction, Unread
from erp.ledger.journals.weighing import BookLine, in_base, read

HEADERS = (
    "transaction", "date", "text", "account", "debit", "credit", "currency", "foreign_amount", "line_text", "known_as",
    "problem", "cost_centre", "project",
)  # fmt: skip
_ZERO = Decimal(0)


class NoTransactions(BadFile):
    message = gettext_lazy("This file holds no transaction that can be read: is it a journal of beancount or hledger?")


@dataclass
class JournalSheet(Sheet):
    """The rows are those of the transactions, in the file's order; their numbers are the file's lines."""

    journal: Journal = field(default_factory=lambda: Journal(""))
    base: str = ""
    lines: dict[str, list[BookLine]] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)  # lines of transactions that come to nothing in base currency

    def rows(self) -> Iterator[Row]:
        """One row for each line of the books, and one for each thing that cannot be read."""
        found = list(self._booked())
        for line, why in self.journal.problems:
            mark = _("Line {line}").format(line=line)
            found.append((line, [Row(line, self._cells(transaction=mark, problem=why))]))
        for _line, rows in sorted(found, key=lambda one: one[0]):
            yield from rows

    @property
    def described(self) -> str:
        """How the file was understood, in one line."""
        told = {"beancount": "beancount", "hledger": "hledger"}[self.journal.kind]
        return _("Journal of {program}, {encoding}: {count} transactions, {claims} balance assertions").format(
            program=told,
            encoding=ENCODINGS[self.encoding],
            count=len(self.journal.transactions),
            claims=len(self.journal.assertions),
        )

    def _booked(self) -> Iterator[tuple[int, list[Row]]]:
        seen: Counter[str] = Counter()
        for one in self.journal.transactions:
            digest = one.digest
            seen[digest] += 1
            mark = f"{digest}.{seen[digest]}"
            head = {"transaction": mark, "date": one.date.isoformat(), "text": one.text or "–", "known_as": one.key}
            try:
                lines = [] if one.problem else in_base(self.journal, one, self.base)
            except Unread as why:
                lines, one = [], Transaction(one.line, one.date, one.text, problem=str(why))
            if lines:
                self.lines[mark] = lines
                cells = [self._cells(**head, **_cells_of(line)) for line in lines]
                yield one.line, [Row(one.line if not place else max(one.line, line.line), cell)
                                 for place, (line, cell) in enumerate(zip(lines, cells, strict=True))]  # fmt: skip
            elif one.problem:
                yield one.line, [Row(one.line, self._cells(**head, problem=one.problem))]
            else:
                self.empty.add(one.line)

    def _cells(self, **told: str) -> list[Cell]:
        return [told.get(name, "") for name in HEADERS]


def open_journal(path: Path, encoding: str, base: str) -> JournalSheet:
    """Understand the file, or refuse it."""
    text, encoding = read_text(path, encoding)
    journal = read(text, base)
    sheet = JournalSheet(path, "journal", list(HEADERS), encoding, journal=journal, base=base)
    sheet.count = sum(1 for _row in sheet.rows())
    if sheet.empty:
        journal.left_out[_("transaction without amounts in {currency}").format(currency=base)] = len(sheet.empty)
    if not journal.transactions:
        raise NoTransactions()
    if sheet.count > MAX_ROWS:
        raise TooManyRows(limit=f"{MAX_ROWS:,}")
    return sheet


def _cells_of(line: BookLine) -> dict[str, str]:
    foreign = line.foreign
    return {
        "account": line.account,
        "debit": f"{line.amount:f}" if line.amount > 0 else "",
        "credit": f"{-line.amount:f}" if line.amount < 0 else "",
        "currency": foreign.commodity if foreign else "",
        "foreign_amount": f"{foreign.number:f}" if foreign else "",
        "line_text": line.text,
        "cost_centre": line.cost_centre,
        "project": line.project,
    }
