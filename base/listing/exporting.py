"""What a list shows, as a file: the same rows, columns and order; at once when short, a job with progress when long.

CSV flows while it is written. A workbook is whole before its first byte leaves, a second for some 2,000 rows; paper
is set page by page, and takes longest.
"""

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from base import jobs
from base.listing.asking import Asked
from base.listing.cells import Cells, choices_of
from base.listing.columns import Column, Kind
from base.listing.listing import listing_of
from base.listing.totals import COUNT_MAX, Totals, count_rows, totals_of
from base.refusals import BadInput, NotAllowed
from base.sheets import (
    CSV_TYPE,
    PAPER_MAX,
    PDF_TYPE,
    XLSX_TYPE,
    Heading,
    Line,
    Sheet,
    TooLongForPaper,
    as_now,
    printed,
)
from base.spreadsheets import csv_lines, write_csv, write_xlsx

FORMATS = ("csv", "xlsx", "pdf")
BATCH = 500
BREAK = SafeString("<br>")
AT_ONCE_MAX = {"csv": COUNT_MAX, "xlsx": 2_000, "pdf": 200}


def export(request: HttpRequest, asked: Asked, file_format: str) -> HttpResponse:
    """The file, or the job that makes it."""
    if file_format not in FORMATS:
        raise BadInput(why=_("A list can be exported as CSV, XLSX or PDF."))
    name = file_name(asked, file_format)
    if (count := count_rows(asked.rows)) > AT_ONCE_MAX[file_format]:
        return redirect(begin(asked, file_format))
    if file_format == "pdf":
        answer: Any = HttpResponse(printed(sheet_of(asked)), content_type=PDF_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Row-Count"] = str(count)
        return answer
    header, rows = table_of(asked)
    if file_format == "csv":
        answer = StreamingHttpResponse(csv_lines(header, as_now(rows)), content_type=CSV_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- the answer closes it
        write_xlsx(Path(file.name), header, rows, str(asked.listing.title))
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)
    answer["X-Row-Count"] = str(count)
    return answer


def begin(asked: Asked, file_format: str) -> Any:
    """The job that makes the file."""
    if file_format == "pdf" and count_rows(asked.rows) > PAPER_MAX:
        raise TooLongForPaper(most=f"{PAPER_MAX:,}")
    return jobs.start(
        "list-export",
        by=asked.user,
        title=_("Export of {list}").format(list=asked.listing.title),
        url=asked.listing.url,
        listing=asked.listing.name,
        state=asked.url(),
        format=file_format,
    )


@jobs.kind("list-export", _("Export"), icon="download")
def work(job: Any) -> None:
    """The same as a job: the rights are asked again, for they may have changed."""
    listing = listing_of(job.params["listing"])
    if not listing.may_see(job.owner):
        raise NotAllowed()
    asked = Asked.told(listing, job.owner, job.params["state"].lstrip("?"))
    total = asked.rows.count()
    path = job.result_path(file_name(asked, job.params["format"]))
    header, rows = table_of(asked)

    def told() -> Iterator[list[Any]]:
        for done, row in enumerate(rows, 1):
            if done % BATCH == 0:
                job.progress(done, total=total)
            yield row

    if job.params["format"] == "pdf":
        path.write_bytes(printed(sheet_of(asked)))
    elif job.params["format"] == "csv":
        write_csv(path, header, told())
    else:
        write_xlsx(path, header, told(), str(listing.title))
    job.progress(total, total=total)
    job.say(_("{count} rows written.").format(count=f"{total:,}"))


def table_of(asked: Asked) -> tuple[list[str], Iterator[list[Any]]]:
    """Head and rows: numbers as numbers, days as days, a currency beside amounts that do not all share one."""
    columns = asked.columns
    header: list[str] = []
    for column in columns:
        header.append(str(capfirst(column.label)))
        if column.kind is Kind.MONEY and column.currency_path:
            header.append(_("{column}: currency").format(column=header[-1]))
    labels = {column.name: choices_of(asked.listing.model, column) for column in columns}
    return header, (list(_values(columns, labels, row)) for row in _rows(asked))


def sheet_of(asked: Asked) -> Sheet:
    """The list for paper: values as its cells show them, its sums at the end."""
    listing, columns = asked.listing, asked.columns
    cells, totals = Cells(listing.model), totals_of(asked, whatever=True)
    headings = [Heading(str(capfirst(column.label)), column.kind.is_number) for column in columns]
    about = [(_("Rows"), f"{totals.count:,}"), *([(_("Search"), asked.search)] if asked.search else [])]
    return Sheet(str(listing.title), headings, _lines(asked, cells, totals), about, by=str(asked.user))


def _lines(asked: Asked, cells: Cells, totals: Totals) -> Iterator[Line]:
    columns = asked.columns
    for row in _rows(asked):
        yield Line([_on_paper(column, column.value_of(row), cells, column.currency_of(row)) for column in columns])
    if totals.sums:
        yield Line([_sums(column, totals.sums.get(column.name, {}), cells) for column in columns], "sum")


def _on_paper(column: Column, value: Any, cells: Cells, currency: str) -> Any:
    """In its kind's manner; what is a badge, a mark or a distance on the screen is words here."""
    if value is None or value == "":
        return ""
    if column.kind in (Kind.STATUS, Kind.CHOICE):
        return capfirst(column.words_of(value, cells.choices(column)))
    if column.kind in (Kind.BOOL, Kind.MOMENT, Kind.TEXT):
        return value
    return cells.show(column, value, currency)


def _sums(column: Column, sums: dict[str, Any], cells: Cells) -> SafeString:
    """Each currency's sum below the other."""
    told = [cells.show(column, amount, currency) for currency, amount in sorted(sums.items())]
    return format_html_join(BREAK, "{}", ((one,) for one in told))


def _rows(asked: Asked) -> Iterator[Any]:
    """All rows that fit, read in parts, each with what the list's rows need."""
    needs = {name for column in asked.columns for name in column.needs}
    found = asked.rows.select_related(*needs) if needs else asked.rows
    every = asked.ordered(found).iterator(chunk_size=BATCH)
    while part := list(islice(every, BATCH)):
        asked.prepare(part)
        yield from part


def _values(columns: list[Column], labels: dict[str, dict[Any, Any]], row: Any) -> Iterator[Any]:
    for column in columns:
        value = column.value_of(row)
        if column.kind in (Kind.STATUS, Kind.CHOICE):
            value = str(capfirst(column.words_of(value, labels[column.name])))
        elif column.kind is Kind.MOMENT and value is not None:
            value = timezone.localtime(value).replace(tzinfo=None)
        elif column.kind is Kind.BOOL:
            value = _("yes") if value else _("no")
        yield value if value is None or isinstance(value, int | float) or column.kind.is_number else _plain(value)
        if column.kind is Kind.MONEY and column.currency_path:
            yield column.currency_of(row)


def _plain(value: Any) -> Any:
    """Days stay days; anything else is its words."""
    return value if hasattr(value, "isoformat") else str(value)


def file_name(asked: Asked, file_format: str) -> str:
    """`orders-2026-11-25.csv`"""
    return f"{slugify(asked.listing.name)}-{timezone.localdate().isoformat()}.{file_format}"
