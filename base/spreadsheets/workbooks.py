"""XLSX: opened only after its packing was looked at, read row by row, without formulas."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from base.spreadsheets.refusals import (
    BadWorkbook,
    EmptyFile,
    HasFormulas,
    HasMacros,
    HasMergedCells,
    NotASpreadsheet,
    TooManyColumns,
    WorkbookBomb,
)

MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_ENTRIES = 2000
MAX_BLANK = 2000  # blank rows in a row: the sheet has ended
_BROKEN = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError, ParseError, SyntaxError)


def check(path: Path) -> str:
    """Refuse what is no plain workbook; returns the name of the sheet that will be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            names = {entry.filename for entry in entries}
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED or len(entries) > MAX_ENTRIES:
                raise WorkbookBomb()
            if any(_inflated(entry) for entry in entries):
                raise WorkbookBomb()
            if "xl/workbook.xml" not in names:
                raise NotASpreadsheet(what=_("a ZIP archive or a document of another program"))
            if any(name.endswith("vbaProject.bin") for name in names):
                raise HasMacros()
            if any(entry.flag_bits & 1 for entry in entries):
                raise BadWorkbook()
    except (zipfile.BadZipFile, *_BROKEN):
        raise BadWorkbook() from None
    title, place = _first_sheet(path)
    _refuse_merged(path, place)
    return title


def rows(path: Path, max_columns: int) -> Iterator[tuple[int, list[Any]]]:
    """Row numbers and cells as Python values; dates are dates, numbers exact, nothing is "None"."""
    try:
        yield from _rows(path, max_columns)
    except (zipfile.BadZipFile, InvalidFileException, *_BROKEN):
        raise BadWorkbook() from None


def _rows(path: Path, max_columns: int) -> Iterator[tuple[int, list[Any]]]:
    with _opened(path) as book:
        sheet = _visible(book)
        sheet.reset_dimensions()
        width, blank = 0, 0
        for number, cells in enumerate(sheet.iter_rows(max_col=max_columns + 1), 1):
            values = [_value(cell) for cell in cells]
            while values and values[-1] == "":
                values.pop()
            if not values:
                blank += 1
                if blank > MAX_BLANK:
                    return
                continue
            if len(values) > max_columns:
                raise TooManyColumns(limit=max_columns)
            blank, width = 0, width or len(values)
            yield number, values + [""] * (width - len(values))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook; from an open file, because openpyxl wants a certain suffix otherwise."""
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise HasFormulas(cell=cell.coordinate)
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date):
        return value
    return str(value)


def _inflated(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > 10 * 2**20 and entry.file_size > entry.compress_size * MAX_RATIO


def _visible(book: Any) -> Any:
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise EmptyFile()


def _first_sheet(path: Path) -> tuple[str, str]:
    """Title of the first visible sheet, and the entry of the archive that holds it."""
    try:
        with _opened(path) as book:
            sheet = _visible(book)
            return sheet.title, sheet._worksheet_path
    except (zipfile.BadZipFile, InvalidFileException, *_BROKEN):
        raise BadWorkbook() from None


def _refuse_merged(path: Path, place: str) -> None:
    """A read-only sheet does not tell its merged cells; the file's end does."""
    tail = b""
    with zipfile.ZipFile(path) as packed, packed.open(place.lstrip("/")) as file:
        while part := file.read(1 << 20):
            if found := re.search(rb'<mergeCell ref="([A-Z0-9:]+)"', tail + part):
                raise HasMergedCells(cells=found[1].decode())
            tail = part[-64:]
