"""How far the two systems work together: routes in steps, and what each step would do before it is taken."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.refusals import Refused
from base.stepup import step_up_required
from integration.hub import observing, restricted, routing
from integration.hub.forms import GrantForm
from integration.hub.models import Grant, Observation, Phase, Route
from integration.hub.pages import page
from integration.hub.roles import granters_only, operators_only, readers_only
from integration.hub.running_lists import OBSERVED
from integration.liaison.asking import NoAnswer

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
        "observations": observing.report(),
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


@readers_only
def observed(request: HttpRequest) -> HttpResponse:
    """Every event on a route that observes, with the reason and with what it would have written."""
    return show(request, OBSERVED)


@readers_only
def observation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them: what was seen then, and record by record what it would do now."""
    rows = Observation.objects.visible_to(request.user).select_related("event", "route")
    seen = get_object_or_404(rows, pk=pk)
    context: dict[str, Any] = {
        "seen": seen,
        "said": restricted.trial_of(request.user, seen.event, seen.text),
        "may_read": restricted.may_read(request.user, seen.event.type),
        "tried": {},
        "error": "",
    }
    if context["may_read"] and bytes(seen.event.body):
        try:
            context["tried"] = observing.look_closer(seen, get_language() or "")
        except (NoAnswer, Refused) as fault:
            context["error"] = str(fault)
    return page(request, "observation", context)


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
