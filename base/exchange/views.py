"""The pages of imports."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.exchange import services
from base.exchange.forms import EncodingForm, MappingForm, UploadForm, WordsForm
from base.exchange.lists import IMPORTS, figures_of
from base.exchange.models import ImportState, Outcome, table
from base.exchange.planning import reasons_of
from base.exchange.resources import ImportResource, resource_for, resources_for
from base.exchange.running import BAD, WRITTEN
from base.forms import refuse
from base.listing.views import show
from base.refusals import Refused
from base.sheets import XLSX_TYPE
from base.spreadsheets import csv_lines, write_xlsx
from base.stepup import require_step_up
from base.ui import side_shell

SHOWN = 200
TEMPLATE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX_TYPE,
}


def _visible(request: HttpRequest) -> Any:
    return table("Import").objects.visible_to(request.user).select_related("owner", "job")


def _page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"exchange/{name}.html", {**context, "shell": side_shell()}, status=status)


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What can be imported, and what was."""
    return show(request, IMPORTS, resources=resources_for(request.user))


@require_http_methods(["GET", "POST"])
@login_required
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Send a file; what it may hold stands beside it."""
    resource = _resource(request, key)
    form = UploadForm(resource, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(services.upload(key, file.chunks(), file.name, by=request.user))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.errors else 200
    return _page(request, "upload", status, resource=resource, form=form, columns=resource.columns.values())


@require_GET
@login_required
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One import at its present stage."""
    imp = get_object_or_404(_visible(request), pk=pk)
    return _detail(request, imp, MappingForm(None, _resource_of(imp), imp))


@require_POST
@login_required
def map_columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the mapping and try it out."""
    imp = get_object_or_404(_visible(request), pk=pk)
    form = MappingForm(request.POST, _resource_of(imp), imp)
    if form.is_valid():
        told = form.cleaned_data
        try:
            imp = services.map_columns(
                imp,
                form.mapping,
                told["match_on"],
                keep_lookalikes=told.get("keep_lookalikes", False),
                constants=form.constants,
                replacements=form.replacements,
            )
            services.check(imp)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(imp)
    return _detail(request, imp, form, status=422)


@require_POST
@login_required
def read_as(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take what was said about unknown words, and try again."""
    imp = get_object_or_404(_visible(request), pk=pk)
    form = WordsForm(request.POST, _resource_of(imp), imp)
    if form.is_valid():
        services.check(services.read_as(imp, form.replacements))
        return redirect(imp)
    return _detail(request, imp, MappingForm(None, _resource_of(imp), imp), status=422, words=form)


@require_POST
@login_required
def reread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file in another encoding."""
    imp = get_object_or_404(_visible(request), pk=pk)
    form = EncodingForm(request.POST)
    if form.is_valid():
        services.reread(imp, form.cleaned_data["encoding"])
    return redirect(imp)


@require_POST
@login_required
def act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Try again, start, or undo."""
    imp = get_object_or_404(_visible(request), pk=pk)
    if verb == "undo" or (verb == "start" and services.asks_for_proof(imp)):
        require_step_up(request)
    {"check": services.check, "start": services.begin, "undo": services.undo, "remap": services.remap}[verb](imp)
    return redirect(imp)


@require_GET
@login_required
def bad_rows(request: HttpRequest, pk: UUID) -> FileResponse:
    """The rows that were not imported, each with its reason."""
    return send_bad_rows(get_object_or_404(_visible(request), pk=pk))


def send_bad_rows(imp: Any) -> FileResponse:
    if not imp.bad_rows_path.is_file():
        raise Http404
    name = f"{Path(imp.file_name).stem} {_('not imported')}.csv"
    return FileResponse(imp.bad_rows_path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")


@require_GET
@login_required
def template(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """An empty file with the right header and one sample row."""
    resource = _resource(request, key)
    if not resource.is_table:
        raise Http404
    return template_file(resource, kind)


def template_file(resource: ImportResource, kind: str) -> HttpResponse:
    """The file people start from."""
    header = [str(one.label) for one in resource.columns.values()]
    sample = [one.sample for one in resource.columns.values()]
    if kind == "csv":
        content = b"".join(csv_lines(header, [sample]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "template.xlsx"
            write_xlsx(path, header, [sample], str(resource.label))
            content = path.read_bytes()
    response = HttpResponse(content, content_type=TEMPLATE_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{resource.key}.{kind}"'
    return response


# ---- below: parts of the pages ---------------------------------------------------------------------------------------


def _resource(request: HttpRequest, key: str) -> ImportResource:
    try:
        return resource_for(key, request.user)
    except Refused:
        raise Http404 from None


def _resource_of(imp: Any) -> ImportResource:
    try:
        return resource_for(imp.resource, imp.owner)
    except Refused:
        raise Http404 from None


def _detail(
    request: HttpRequest, imp: Any, form: MappingForm, status: int = 200, words: WordsForm | None = None
) -> HttpResponse:
    resource = form.resource
    encoding = EncodingForm(initial={"encoding": imp.encoding}) if imp.encoding else None
    context = {
        "imp": imp,
        "resource": resource,
        "form": form,
        "encoding": encoding,
        "figures": figures_of(imp),
        "is_busy": imp.job is not None and not imp.job.is_over,
        "is_mapping": imp.state == ImportState.UPLOADED or form.is_bound,
        "to_do": sum(imp.counts.get(name, 0) for name in WRITTEN),
        "bad": sum(imp.counts.get(name, 0) for name in BAD),
        "preview": _preview(resource, imp),
        "problems": _problems(resource, imp),
        "words": words or WordsForm(None, resource, imp),
        **{name: _labelled(resource, imp, name) for name in ("emptied", "read_as", "notes")},
        "checked": imp.report.get("checked"),
        "kept": list(imp.rows.filter(undone=False).order_by("number")[:SHOWN]),
        "undone": imp.rows.filter(undone=True).count(),
    }
    return _page(request, "detail", status, **context)


def _preview(resource: ImportResource, imp: Any) -> dict[str, Any]:
    """The first rows that would be written, as a table of the columns they touch."""
    rows = imp.report.get("preview", [])
    touched = {cell["field"] for row in rows for cell in row["cells"]}
    names = [name for name in resource.columns if name in touched]
    return {
        "labels": [resource.column(name).label for name in names],
        "rows": [
            {**row, "cells": [_cell(row, name) for name in names], "outcome_label": Outcome(row["outcome"]).label}
            for row in rows
        ],
    }


def _cell(row: dict[str, Any], name: str) -> dict[str, Any]:
    for cell in row["cells"]:
        if cell["field"] == name:
            return {**cell, "changed": row["outcome"] == Outcome.UPDATE}
    return {}


def _labelled(resource: ImportResource, imp: Any, part: str) -> list[dict[str, Any]]:
    """How words and empty cells were understood, each with its column."""
    columns = {**resource.all_columns(), **resource.columns}
    return [{**one, "label": columns[one["field"]].label} for one in imp.report.get(part, [])]


def _problems(resource: ImportResource, imp: Any) -> Iterator[dict[str, Any]]:
    """What was, or would be, left out and why: of the run if it began, else of the dry run."""
    if not imp.position:
        told = imp.report.get("problems", [])
        yield from ({**one, "outcome_label": Outcome(one["outcome"]).label} for one in told)
        return
    for row in imp.rows.filter(outcome__in=BAD).order_by("number")[:SHOWN]:
        yield {
            "row": row.number,
            "outcome": row.outcome,
            "outcome_label": row.get_outcome_display(),
            "cells": [text for cell in (row.cells[0] if row.cells else [])[:4] if (text := str(cell)[:80])],
            "reasons": reasons_of(resource, row.reasons),
        }
