"""How far the two systems work together: routes in steps, and what each step would do before it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from base.refusals import Refused
from base.stepup import step_up_required
from integration.hub import observing, routing
from integration.hub.forms import GrantForm
from integration.hub.models import Grant, Observation, Phase, Route
from integration.hub.pages import page
from integration.hub.roles import granters_only, operators_only, readers_only

WITHDRAWN_SHOWN = 20
STEP_WORDS = {
    "independent": (
        gettext_lazy("Independent"),
        gettext_lazy("Each system works alone. The hub archives what is said and delivers nothing."),
    ),
    "key_points": (
        gettext_lazy("Key points"),
        gettext_lazy("Customers, catalogue and won deals travel: a won deal becomes an order, its answer comes back."),
    ),
    "deep": (
        gettext_lazy("Deep cooperation"),
        gettext_lazy("Everything travels: shipments, invoices, payments, deposits, returns, credit bands."),
    ),
}


@readers_only
def steps(request: HttpRequest) -> HttpResponse:
    """From independent over key points to deep; what a step would have done is shown when asked for."""
    wanted = request.GET.get("try", "")
    rehearsal = observing.rehearse(observing.contracts_of(wanted)) if wanted in observing.STEP_NAMES else None
    context = {
        "steps": _steps(),
        "rehearsal": rehearsal,
        "tried": STEP_WORDS[wanted][0] if rehearsal else "",
        "routes": Route.objects.order_by("source", "destination", "contract"),
        "phases": Phase.choices,
        "observations": _observed(),
        "grants": Grant.objects.order_by("contract", "destination").select_related("by"),
        "withdrawn": Grant.history.filter(history_type="-").select_related("history_user")[:WITHDRAWN_SHOWN],
        "grant_form": GrantForm(),
    }
    return page(request, "steps", context)


def _steps() -> list[dict[str, Any]]:
    """The steps with their words."""
    rows = []
    for step in observing.steps():
        title, text = STEP_WORDS[step.name]
        rows.append({**asdict(step), "title": title, "text": text})
    return rows


def _observed() -> Sequence[Mapping[str, object]]:
    """What was seen on routes that observe, by contract and verdict."""
    rows = Observation.objects.exclude(tried_at=None).values("route__contract", "verdict")
    return list(rows.annotate(count=Count("pk")).order_by("route__contract", "verdict")[:60])


@operators_only
@require_POST
@step_up_required
def take_step(request: HttpRequest, name: str) -> HttpResponse:
    """Switch a step's routes to observed or on."""
    phase = request.POST.get("phase", "")
    if name in observing.STEP_NAMES and phase in (Phase.OBSERVED, Phase.ON):
        count = observing.take_step(name, phase, catch_up=bool(request.POST.get("catch_up")))
        messages.success(request, _("{n} routes were switched.").format(n=count))
    return redirect("hub:steps")


@operators_only
@require_POST
@step_up_required
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """One route."""
    route = get_object_or_404(Route, pk=pk)
    try:
        routing.switch(route, request.POST.get("phase", ""), catch_up=bool(request.POST.get("catch_up")))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Switched."))
    return redirect("hub:steps")


@granters_only
@require_POST
@step_up_required
def grant(request: HttpRequest) -> HttpResponse:
    """Allow a side to get a restricted contract."""
    form = GrantForm(request.POST)
    try:
        if form.is_valid():
            told = form.cleaned_data
            routing.grant(told["contract"], told["destination"], request.user, told["reason"])
            messages.success(request, _("Granted. Its route can be switched on now."))
        else:
            messages.error(request, _("Say which contract, to whom and why."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("hub:steps")


@granters_only
@require_POST
@step_up_required
def withdraw_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """No more of it."""
    try:
        routing.withdraw_grant(get_object_or_404(Grant, pk=pk), request.user, request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Withdrawn; its route is off."))
    return redirect("hub:steps")
