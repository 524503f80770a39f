"""Pages of the statements; each figure leads to its accounts, and they to their lines."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from base.refusals import Refused
from base.roles import role_required
from base.sheets import Heading, Line, as_file
from erp.ledger.reporting import sheet_of
from erp.ledger.services import company
from erp.statements import services
from erp.statements.forms import StatementForm
from erp.statements.models import Layout, RowKind
from erp.statements.roles import READERS


@role_required(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """The first of the statements."""
    first = Layout.objects.visible_to(request.user).filter(company=company()).first()
    if first is None:
        return render(request, "erp/statements/none.html")
    return redirect(first)


@role_required(*READERS)
def statement(request: HttpRequest, code: str) -> HttpResponseBase:
    """A statement, for a day or a span, beside another one."""
    drawn, form = _asked(request, code)
    if file_format := request.GET.get("format"):
        return _as_file(request, drawn, file_format)
    layouts = Layout.objects.visible_to(request.user).filter(company=company())
    return render(request, "erp/statements/statement.html", {"layouts": layouts, **_facts(drawn, form)})


@role_required(*READERS)
def row(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """The accounts behind a figure."""
    drawn, form = _asked(request, code)
    return render(request, "erp/statements/row.html", {"figure": drawn.figure(row), **_facts(drawn, form)})


def _asked(request: HttpRequest, code: str) -> tuple[services.Statement, StatementForm]:
    layout = services.layout(company(), code)
    form = StatementForm(request.GET or None, span=layout.span)
    try:
        told = (form if form.is_bound else StatementForm({}, span=layout.span)).asked()
        columns = services.columns(layout, told["end"], told["start"], told["compare"], told["only"])
    except Refused as refusal:
        if form.is_bound and refusal.field in form.fields and refusal.field not in form.errors:
            form.add_error(refusal.field, str(refusal))
        told = StatementForm({}).asked()
        columns = services.columns(layout, told["end"])
    return services.draw_up(layout, columns, told["known"]), form


def _facts(drawn: services.Statement, form: StatementForm) -> dict[str, Any]:
    return {"statement": drawn, "form": form, "currency": drawn.layout.company.base_currency}


def _as_file(request: HttpRequest, drawn: services.Statement, file_format: str) -> HttpResponseBase:
    """The same figures for a spreadsheet or on paper, with the accounts under each row."""
    spans = [Heading(_span(column), is_number=True) for column in drawn.columns]
    names = [Heading(_("Row"), on_paper=False), Heading(_("Account")), Heading(_("Name"), indents=True)]
    first = drawn.columns[0]
    sheet = sheet_of(
        drawn.layout.company, drawn.layout.label, [*names, *spans], _lines(drawn), by=request.user,
        start=first.start, end=first.end, known=drawn.known, only=first.only,
    )  # fmt: skip
    return as_file(sheet, file_format, f"{drawn.layout.code}-{first.end.isoformat()}")


def _lines(drawn: services.Statement) -> Iterator[Line]:
    for figure in drawn.figures:
        row = figure.row
        amounts = [] if row.kind == RowKind.HEADING else figure.amounts
        manner = {RowKind.HEADING: "heading", RowKind.SUM: "sum"}.get(RowKind(row.kind), "")
        yield Line([row.code, "", row.label, *amounts], manner, row.level)
        for one in figure.accounts:
            yield Line([row.code, one.account.code, one.account.label, *one.amounts], "detail", row.level + 1)


def _span(column: services.Column) -> str:
    if column.name:
        return column.name
    return f"{column.start.isoformat()} – {column.end.isoformat()}" if column.start else column.end.isoformat()
