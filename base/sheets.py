"""A report as a file: the same head and lines as CSV, as a workbook and on paper.

A report is drawn up once; what a program reads (CSV, XLSX) has plain values, what people read (PDF) has them as the
screen shows them.
"""

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from base.paper import foot, set_page
from base.refusals import BadInput
from base.spreadsheets import csv_lines, write_xlsx
from base.templatetags.ui import money

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF_TYPE = "application/pdf"
UPRIGHT_MAX = 6  # columns of a page that stands; more lie on their side
PAPER_MAX = 2_000  # lines, some fifty pages
ACROSS = "@page { size: A4 landscape; margin: 14mm 16mm 26mm 16mm; }"
UPRIGHT = "@page { margin: 16mm 18mm 26mm 18mm; }"


class TooLongForPaper(BadInput):
    """More lines than anybody reads on paper, and than a page setter does in a reasonable time."""

    message = gettext_lazy("On paper there is room for {most} lines; choose fewer, or a spreadsheet.")


@dataclass(frozen=True)
class Heading:
    """A column."""

    label: str
    is_number: bool = False
    indents: bool = False
    """Shows on paper at which level a line stands."""
    on_paper: bool = True


@dataclass(frozen=True)
class Line:
    """A line: its values, and what it is among the others."""

    cells: Sequence[Any]
    manner: str = ""
    """`heading`, `sum` (stands out) or `detail` (of the line above)."""
    level: int = 0
    """How deep it stands below others."""


@dataclass(frozen=True)
class Sheet:
    """What a report says."""

    title: str
    columns: Sequence[Heading]
    lines: Iterable[Line]
    about: Sequence[tuple[str, str]] = field(default=())
    """Of what and of when it speaks, by name; on paper only."""
    house: str = ""
    by: str = ""

    @property
    def header(self) -> list[str]:
        """The columns' names."""
        return [column.label for column in self.columns]

    @property
    def rows(self) -> Iterator[list[Any]]:
        """The plain values."""
        return (list(line.cells) for line in self.lines)


def as_now(rows: Iterable[Any]) -> Iterator[Any]:
    """In the reader's language and time zone, also after the request's end, when a stream is read."""
    language, zone = get_language(), timezone.get_current_timezone()
    return _as_then(rows, language, zone)


def _as_then(rows: Iterable[Any], language: str | None, zone: tzinfo) -> Iterator[Any]:
    with override(language), timezone.override(zone):
        yield from rows


def as_file(sheet: Sheet, file_format: str, name: str) -> HttpResponseBase:
    """The report as `csv`, `xlsx` or `pdf`, called `name`."""
    answer: Any
    if file_format == "csv":
        answer = StreamingHttpResponse(csv_lines(sheet.header, as_now(sheet.rows)), content_type=CSV_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    elif file_format == "xlsx":
        file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- the answer closes it
        write_xlsx(Path(file.name), sheet.header, sheet.rows, sheet.title)
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
    elif file_format == "pdf":
        made = io.BytesIO(printed(sheet))
        answer = FileResponse(made, as_attachment=True, filename=f"{name}.pdf", content_type=PDF_TYPE)
    else:
        raise BadInput(why=_("A report can be had as CSV, XLSX or PDF."))
    return answer


def printed(sheet: Sheet) -> bytes:
    """The report as PDF, in the language that is spoken now; A4, on its side where there are many columns."""
    moment = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    footer = foot([sheet.house], [sheet.title], [" · ".join(word for word in (sheet.by, moment) if word)])
    way = ACROSS if sum(column.on_paper for column in sheet.columns) > UPRIGHT_MAX else UPRIGHT
    return set_page(page_of(sheet), f"{way}\n{footer}")


def page_of(sheet: Sheet) -> str:
    """What is printed, before it is set."""
    places = [place for place, column in enumerate(sheet.columns) if column.on_paper]
    lines = [
        (
            line,
            [(sheet.columns[place], _shown(cell)) for place, cell in enumerate(_whole(line, sheet)) if place in places],
        )
        for line in islice(sheet.lines, PAPER_MAX + 1)
    ]
    if len(lines) > PAPER_MAX:
        raise TooLongForPaper(most=f"{PAPER_MAX:,}")
    columns = [sheet.columns[place] for place in places]
    facts = {"sheet": sheet, "columns": columns, "lines": lines, "language": get_language() or "en"}
    return render_to_string("print/sheet.html", facts)


def _whole(line: Line, sheet: Sheet) -> list[Any]:
    """A heading has fewer cells than there are columns."""
    return [*line.cells, *[None] * (len(sheet.columns) - len(line.cells))]


def _shown(value: Any) -> SafeString:
    """A value as the screen shows it."""
    if value is None:
        return SafeString("")
    if isinstance(value, bool):
        return escape(_("yes") if value else _("no"))
    if isinstance(value, Decimal):
        return money(value, dash=False)
    if isinstance(value, int):
        return SafeString(f"{value:,}")
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return SafeString(local.strftime("%Y-%m-%d %H:%M"))
    return conditional_escape(value.isoformat() if isinstance(value, date) else value)
