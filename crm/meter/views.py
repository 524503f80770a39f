"""What writing down costs, for who leads people: charts, the tables behind them, and files of the tables."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from base.roles import role_required
from base.spreadsheets.writing import csv_lines
from crm.meter import reports
from crm.meter.forms import AskedForm
from crm.meter.known import NAMES
from crm.meter.models import READERS


@require_GET
@role_required(*READERS)
def entry(request: HttpRequest) -> HttpResponse:
    """Each form; of one form its fields and its weeks."""
    asked = AskedForm(request.GET)
    told = reports.figures(request.user, **asked.told())
    context = {
        **told,
        "asked": AskedForm(initial=asked.told()),
        "charts": reports.charts(told["forms"], told["weeks"], told["fields"]),
        "chosen": NAMES.get(told["form"], ""),
    }
    return render(request, "crm/meter/entry.html", context)


@require_GET
@role_required(*READERS)
def table(request: HttpRequest, table: str) -> StreamingHttpResponse:
    """One of the tables as CSV."""
    told = reports.figures(request.user, **AskedForm(request.GET).told())
    if table not in ("forms", "weeks", "fields"):
        raise Http404
    header, rows = _fields(told["fields"]) if table == "fields" else _costs(told["forms"])
    if table == "weeks":
        header, rows = _costs([cost for _week, cost in told["weeks"]], _("Week of"))
    return StreamingHttpResponse(
        csv_lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="entry-{table}.csv"'},
    )


def _costs(costs: list[Any], head: str = "") -> tuple[list[str], list[list[Any]]]:
    header = [
        head or _("Form"), _("Saves"), _("Seconds, half within"), _("Seconds, nine of ten within"),
        _("Taps, half within"), _("Taps, nine of ten within"), _("Keys, half within"), _("Keys, nine of ten within"),
        _("Sent back"),
    ]  # fmt: skip
    names = ("saves", "seconds_half", "seconds_most", "taps_half", "taps_most", "keys_half", "keys_most", "mistakes")
    return header, [[one.name if head else one.label, *(getattr(one, name) for name in names)] for one in costs]


def _fields(fields: list[reports.FieldCost]) -> tuple[list[str], list[list[Any]]]:
    header = [
        _("Field"), _("Filled"), _("Share of saves"), _("Seconds, half within"), _("Seconds, nine of ten within"),
        _("Seconds per save"), _("Share of the time"), _("Taps"), _("Keystrokes"),
    ]  # fmt: skip
    names = (
        "label", "filled", "filled_share", "seconds_half", "seconds_most", "seconds_each", "time_share", "taps", "keys",
    )  # fmt: skip
    return header, [[getattr(one, name) for name in names] for one in fields]
