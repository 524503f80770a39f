"""Reading: what kind of file it is, how its text is encoded, where its cells end."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from base.spreadsheets import workbooks
from base.spreadsheets.refusals import (
    BadFile,
    CellTooLong,
    DuplicateHeader,
    EmptyFile,
    FileTooLarge,
    NoRows,
    NotASpreadsheet,
    OldExcel,
    TooManyColumns,
    TooManyRows,
    WrongEncoding,
)

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 32_767  # what Excel can hold
SAMPLE_LINES = 60

# Python's codec and how people call it.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16": "UTF-16 (BOM)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "gb18030": "GB18030",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
DELIMITERS = (",", ";", "\t", "|")

Cell = str | int | Decimal | bool | date | datetime
_SIGNATURES = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"PK\x03\x04": "ZIP",
}


@dataclass(frozen=True)
class Row:
    """One row: its line or row number as the user's program shows it, and its cells."""

    number: int
    cells: list[Cell]


@dataclass
class Sheet:
    """A table in a file; `rows()` may be walked again and again."""

    path: Path
    kind: str
    headers: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ","
    quote: str = '"'
    title: str = ""
    count: int = 0

    def rows(self) -> Iterator[Row]:
        """The rows below the header; empty ones are left out."""
        raw = _workbook_rows(self.path) if self.kind == "xlsx" else _text_rows(self)
        next(raw)
        yield from raw

    @property
    def described(self) -> str:
        """How the file was understood, in one line."""
        if self.kind == "xlsx":
            return _("Excel workbook, sheet “{title}”").format(title=self.title)
        delimiter = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}[self.delimiter]
        return _("CSV, {encoding}, cells divided by {delimiter}").format(
            encoding=ENCODINGS[self.encoding], delimiter=delimiter
        )


def open_sheet(path: Path, encoding: str = "") -> Sheet:
    """Understand the file, or refuse it; everything is walked once, so that a later walk meets no surprise."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileTooLarge(size=size // 2**20, limit=MAX_BYTES // 2**20)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00 \r\n\t"):
        raise EmptyFile()
    if head.startswith(b"PK\x03\x04"):
        sheet = Sheet(path, "xlsx", title=workbooks.check(path))
    else:
        _refuse_others(head)
        sheet = Sheet(path, "csv", encoding=_checked(path, encoding) if encoding else _encoding_of(path))
        sheet.delimiter, sheet.quote = _dialect_of(sheet)
    _walk(sheet)
    return sheet


def read_text(path: Path, encoding: str = "") -> tuple[str, str]:
    """The file as text and the encoding it was read in, for languages that are no tables; or a refusal."""
    if (size := path.stat().st_size) > MAX_BYTES:
        raise FileTooLarge(size=size // 2**20, limit=MAX_BYTES // 2**20)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00 \r\n\t"):
        raise EmptyFile()
    _refuse_others(head)
    found = _checked(path, encoding) if encoding else _encoding_of(path)
    return path.read_text(found), found


def _walk(sheet: Sheet) -> None:
    raw = _workbook_rows(sheet.path) if sheet.kind == "xlsx" else _text_rows(sheet)
    try:
        first = next(raw, None)
        if first is None:
            raise EmptyFile()
        sheet.headers = _headers(first.cells)
        sheet.count = sum(1 for _row in _limited(raw))
    except csv.Error as error:
        if "field larger" in str(error):
            raise CellTooLong(line="?", limit=MAX_CELL) from None
        raise BadFile() from None
    except UnicodeError:
        raise WrongEncoding(encoding=ENCODINGS.get(sheet.encoding, sheet.encoding)) from None
    if not sheet.count:
        raise NoRows()


def _limited(rows: Iterable[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise TooManyRows(limit=f"{MAX_ROWS:,}")
        if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in row.cells):
            raise CellTooLong(line=row.number, limit=MAX_CELL)
        yield row


def _headers(cells: list[Cell]) -> list[str]:
    """The columns' names: trimmed, every one once; one without a name is called by its place."""
    names = [" ".join(str(cell).replace("\x00", "").split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise EmptyFile()
    if len(names) > MAX_COLUMNS:
        raise TooManyColumns(limit=MAX_COLUMNS)
    if any(len(name) > MAX_CELL for name in names):
        raise CellTooLong(line=1, limit=MAX_CELL)
    named = [name or _("Column {number}").format(number=place) for place, name in enumerate(names, 1)]
    for name, times in Counter(name.casefold() for name in named).items():
        if times > 1:
            raise DuplicateHeader(header=next(one for one in named if one.casefold() == name))
    return named


# Text


def _refuse_others(head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise OldExcel()
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise NotASpreadsheet(what=_("a {kind} file").format(kind=what))
    if re.match(rb"\s*(<!doctype html|<html|<\?xml)", head, re.IGNORECASE):
        raise NotASpreadsheet(what=_("a web page or XML"))


def _encoding_of(path: Path) -> str:
    """The encoding, by its mark, by its shape, by what decodes; GB18030 against Western by what the bytes would say."""
    with path.open("rb") as file:
        head = file.read(65536)
    if head.startswith(codecs.BOM_UTF8):
        return _checked(path, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(path, "utf-16")
    if wide := _without_mark(head):
        return _checked(path, wide)
    if _binary(head):
        raise NotASpreadsheet(what=_("a file of another program"))
    for encoding in ("utf-8", "gb18030", "cp1252", "latin-1"):
        if encoding == "gb18030" and not _looks_chinese(path.read_bytes()):
            continue
        if _decodes(path, encoding):
            return encoding
    raise NotASpreadsheet(what=_("a file of another program"))


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Western text and punctuation is zero.

    >>> _without_mark("a,b\\n1,2\\n".encode("utf-16-le")), _without_mark(b"a,b")
    ('utf-16-le', '')
    """
    half = len(head) // 2
    if half < 4:
        return ""
    odd, even = head[1::2].count(0), head[::2].count(0)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _binary(head: bytes) -> bool:
    """Many control characters: no text in any encoding (a stray NUL in one cell is that row's affair)."""
    control = sum(head.count(code) for code in range(32) if code not in (9, 10, 12, 13, 26, 27))
    return control > max(3, len(head) * 0.02)


# How GB18030 writes letters that GBK has not, “ö” for instance; Western text does not happen to look like this.
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]")


def _looks_chinese(data: bytes) -> bool:
    """Do the bytes above 127 come in pairs that GB2312 uses? In Western text they mostly stand alone.

    >>> _looks_chinese("名称,城市".encode("gb18030")), _looks_chinese("Müller,Köln".encode("cp1252"))
    (True, False)
    """
    common = strange = place = 0
    while place < len(data) - 1:
        lead, trail = data[place], data[place + 1]
        if lead < 0x80:
            place += 1
        elif (0xA1 <= lead <= 0xA9 or 0xB0 <= lead <= 0xF7) and trail >= 0xA1:
            common, place = common + 1, place + 2
        elif _FOUR_BYTES.match(data, place):
            common, place = common + 1, place + 4
        else:
            strange, place = strange + 1, place + (2 if trail >= 0x40 else 1)
        if common + strange > 20_000:
            break
    return common > strange * 2


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _checked(path: Path, encoding: str) -> str:
    if encoding not in ENCODINGS or not _decodes(path, encoding):
        raise WrongEncoding(encoding=ENCODINGS.get(encoding, encoding))
    return encoding


def _dialect_of(sheet: Sheet) -> tuple[str, str]:
    """Delimiter and quote under which the first lines most agree on the number of cells, and have several."""
    with sheet.path.open(encoding=sheet.encoding, newline="") as file:
        start = file.read(200_000)
    if (told := re.match(r"sep=(.)\r?\n", start)) and told[1] in DELIMITERS:
        return told[1], '"'
    best, chosen = (0.0, 0), (",", '"')
    for quote in ('"', "'"):
        if quote == "'" and start.count("'") < 2 * start.count('"') + 2:
            continue
        for delimiter in DELIMITERS:
            score = _agreement(start, delimiter, quote)
            if score > best:
                best, chosen = score, (delimiter, quote)
    return chosen


def _agreement(start: str, delimiter: str, quote: str) -> tuple[float, int]:
    """(share of lines as wide as the header, width); 0 where the delimiter does not occur.

    >>> _agreement("a;b\\n1,5;2\\n", ";", '"') > _agreement("a;b\\n1,5;2\\n", ",", '"')
    True
    """
    widths = []
    try:
        for cells in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, quotechar=quote):
            if cells:
                widths.append(len(cells))
            if len(widths) > SAMPLE_LINES:
                break
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _text_rows(sheet: Sheet) -> Iterator[Row]:
    """Header first; numbers are those of the lines in the file."""
    with sheet.path.open(encoding=sheet.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=sheet.delimiter, quotechar=sheet.quote)
        line = 1
        for cells in reader:
            number, line = line, reader.line_num + 1
            if number == 1 and len(cells) <= 2 and cells[:1] and cells[0].startswith("sep="):
                continue
            if any(cell.strip() for cell in cells):
                yield Row(number, list(cells))


# Workbooks


def _workbook_rows(path: Path) -> Iterator[Row]:
    for number, cells in workbooks.rows(path, MAX_COLUMNS):
        yield Row(number, cells)
