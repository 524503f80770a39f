"""A statement's or a return's figures as a file for a spreadsheet."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from base.listing.exporting import XLSX_TYPE
from base.refusals import BadInput
from base.spreadsheets import csv_lines, write_xlsx


def as_file(
    file_format: str, name: str, head: Sequence[str], lines: Iterable[list[Any]], title: str
) -> HttpResponseBase:
    """CSV or XLSX."""
    answer: Any
    if file_format == "csv":
        answer = StreamingHttpResponse(csv_lines(head, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    elif file_format == "xlsx":
        file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- the answer closes it
        write_xlsx(Path(file.name), head, lines, title)
        file.seek(0)
        answer = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE)
    else:
        raise BadInput(why=_("A statement can be had as CSV or XLSX."))
    return answer
