"""Writing: rows become CSV or XLSX as they come, and no text becomes a formula in the program that opens them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from base.spreadsheets.refusals import TooManyRows

BOM = b"\xef\xbb\xbf"
EXCEL_ROWS = 1_048_575
_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?\Z", re.ASCII)


def neutralised(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers.

    >>> neutralised("=1+1"), neutralised("-12.50"), neutralised("－1+1"), neutralised("Chai")
    ("'=1+1", '-12.50', "'－1+1", 'Chai')
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip(" \n").startswith(_STARTS) and not _NUMBER.match(value) else value


def readable(text: str) -> str:
    """The text as it was before `neutralised`.

    >>> readable("'=1+1"), readable("'s Hertogenbosch")
    ('=1+1', "'s Hertogenbosch")
    """
    return text[1:] if text.startswith("'") and text[1:].lstrip(" \n").startswith(_STARTS) else text


def csv_lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """CSV as Excel and everybody else reads it (UTF-8 with BOM, CRLF), in parts of some kilobytes."""
    parts, size = [BOM, csv_line([str(title) for title in header])], 0
    for row in rows:
        parts.append(csv_line(row))
        size += len(parts[-1])
        if size > 32_768:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


def csv_line(row: Sequence[Any]) -> bytes:
    """One line of it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(
        [neutralised(_text(value)) if isinstance(value, str) else _text(value) for value in row]
    )
    return buffer.getvalue().encode()


def write_csv(path: Path, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    """The same into a file."""
    with path.open("wb") as file:
        for part in csv_lines(header, rows):
            file.write(part)


def write_xlsx(path: Path, header: Sequence[Any], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """A workbook of one sheet: the header stays in view, numbers are numbers and dates are dates."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or None)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(40, max(12, len(str(name)) + 2))
    bold = []
    for name in header:
        cell = _cell(sheet, neutralised(str(name)))
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for count, row in enumerate(rows, 1):
        if count > EXCEL_ROWS:
            raise TooManyRows(limit=f"{EXCEL_ROWS:,}")
        sheet.append([_cell(sheet, _plain(value)) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | Decimal | float):
        return value
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    return neutralised(ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_767])


def _text(value: Any) -> str:
    """A cell's text: points in numbers, ISO dates.

    >>> _text(Decimal("-1E+3")), _text(date(2026, 3, 1)), _text(None)
    ('-1000', '2026-03-01', '')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(" ", "seconds")
    return str(value)
