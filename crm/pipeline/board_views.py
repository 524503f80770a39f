"""All deals at once: the board with its columns, and the list."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from base.listing.views import show
from base.roles import has_role, role_required
from crm.pipeline import figures as figures_of
from crm.pipeline import outcomes as outcomes_of
from crm.pipeline import reports
from crm.pipeline.lists import DEALS
from crm.pipeline.models import READERS, WRITERS, Deal, DealQuerySet, DealStatus, Pipeline


@require_GET
@role_required(*READERS)
def board(request: HttpRequest) -> HttpResponse:
    """Open deals by stage; a rep sees the own ones first."""
    whose = _whose(request)
    pipelines = reports.pipelines()
    pipeline = _pipeline(request, pipelines)
    columns = reports.board(_chosen(request, whose), pipeline)
    moves = [(str(column.stage.pk), column.stage.name) for column in columns]
    context = {
        "columns": [_column(column, moves, request.user) for column in columns],
        "whose": whose,
        "pipelines": pipelines if len(pipelines) > 1 else [],
        "pipeline": pipeline,
        "query": request.GET.get("q", ""),
        "new_url": f"{reverse('pipeline:new')}?pipeline={pipeline.pk}",
        "empty": not any(column.count for column in columns),
        "may_write": has_role(request.user, *WRITERS),
    }
    return render(request, "crm/pipeline/board.html", context)


@require_GET
@role_required(*READERS)
def totals(request: HttpRequest) -> HttpResponse:
    """The heads of the columns after a move, with sums from the database."""
    pipeline = _pipeline(request, reports.pipelines())
    columns = reports.board(_chosen(request, _whose(request)), pipeline, cards=False)
    return render(request, "crm/pipeline/_totals.html", {"columns": columns})


@require_GET
@role_required(*READERS)
def deals(request: HttpRequest) -> HttpResponse:
    """Deals as a list, newest first; a rep sees the own ones first."""
    params = request.GET.copy()
    if "whose" in params:
        # The board's words for it.
        asked = str(params["whose"])
        params["whose"] = asked = {"mine": "me", "all": ""}.get(asked, asked)
        request.GET = QueryDict(params.urlencode())
        whose = "mine" if asked == "me" else "all"
    else:
        whose = "all" if params else _whose(request)
    return show(request, DEALS, whose=whose, may_write=has_role(request.user, *WRITERS))


@require_GET
@role_required(*READERS)
def figures(request: HttpRequest) -> HttpResponse:
    """What was won and what is open, as pictures with the tables behind them."""
    whose = _whose(request)
    found = _chosen(request, whose)
    known = figures_of.currencies(found)
    currency = request.GET.get("currency", "") if request.GET.get("currency", "") in known else next(iter(known), "")
    pipelines = reports.pipelines()
    pipeline = _pipeline(request, pipelines)
    stages = list(pipeline.stages.order_by("position"))
    charts = [figures_of.won_by_month(found, currency), figures_of.open_by_stage(found, currency, stages)]
    context = {
        "charts": [chart for chart in charts if chart],
        "cycle": figures_of.cycle_days(found),
        "currencies": known,
        "currency": currency,
        "whose": whose,
        "pipelines": pipelines if len(pipelines) > 1 else [],
        "pipeline": pipeline,
    }
    return render(request, "crm/pipeline/figures.html", context)


@require_GET
@role_required(*READERS)
def outcomes(request: HttpRequest) -> HttpResponse:
    """What became of all deals one may see, over all time."""
    by = request.GET.get("by", "")
    by = by if by in outcomes_of.WAYS else outcomes_of.WAYS[0]
    deals: DealQuerySet = Deal.objects.visible_to(request.user)
    known = figures_of.currencies(deals)
    currency = request.GET.get("currency", "") if request.GET.get("currency", "") in known else next(iter(known), "")
    rows, total = outcomes_of.outcomes(deals, by, currency)
    context = {
        "by": by,
        "ways": [("owner", _("By owner")), ("product", _("By product")), ("quarter", _("By quarter"))],
        "rows": rows,
        "total": total,
        "states": [DealStatus(state).label for state in outcomes_of.STATES],
        "chart": outcomes_of.chart(rows, by, currency),
        "currencies": known,
        "currency": currency,
    }
    return render(request, "crm/pipeline/outcomes.html", context)


def _pipeline(request: HttpRequest, pipelines: list[Pipeline]) -> Pipeline:
    """The one that was asked for, else the first; a migration makes one, so there is one."""
    asked = request.GET.get("pipeline", "")
    return next((one for one in pipelines if str(one.pk) == asked), pipelines[0])


def _whose(request: HttpRequest) -> str:
    """`mine` or `all`: reps start with their own deals, the others with everybody's."""
    asked = request.GET.get("whose", "")
    if asked in {"mine", "all"}:
        return asked
    return "mine" if has_role(request.user, "rep") and not request.user.is_superuser else "all"


def _chosen(request: HttpRequest, whose: str) -> DealQuerySet:
    found: DealQuerySet = Deal.objects.seen_by(request.user, whose)
    return found.matching(request.GET.get("q", ""))


def _column(column: reports.Column, moves: list[tuple[str, str]], user: Any) -> dict[str, Any]:
    stage = column.stage
    others = [move for move in moves if move[0] != str(stage.pk)]
    return {
        "stage": stage,
        "count": column.count,
        "totals": column.totals,
        "hidden": column.hidden,
        "cards": [_card(deal, others if deal.writable_by(user) else []) for deal in column.deals],
    }


def _card(deal: Deal, moves: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": deal.pk,
        "url": deal.get_absolute_url(),
        "title": deal.title or deal.number,
        "company": deal.account.name,
        "amount": deal.net_total,
        "currency": deal.currency,
        "tone": reports.URGENCY_TONES[deal.urgency],
        "note": reports.urgency_note(deal),
        "days": deal.days_in_stage,
        "stale": deal.is_stale,
        "move_url": reverse("pipeline:move", args=[deal.pk]),
        "moves": moves,
    }
