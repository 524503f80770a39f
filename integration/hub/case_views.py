"""Cases and pauses on pages: both values side by side, the few right choices, and who let what go."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import refuse
from base.listing.views import show
from base.refusals import Refused
from base.stepup import step_up_required
from integration.hub import pausing, restricted, services
from integration.hub.causes import cause_of, choices_of
from integration.hub.forms import DecisionForm, PauseForm, ReasonForm
from integration.hub.lists import CASES
from integration.hub.models import Case, CaseState, Pause, Scope
from integration.hub.pages import page
from integration.hub.roles import operators_only, readers_only
from integration.hub.running_lists import PAUSES


@readers_only
def cases(request: HttpRequest) -> HttpResponse:
    """What needs a decision first; what was decided on demand."""
    return show(request, CASES)


@readers_only
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both values, what led to them, and the choices."""
    found = get_object_or_404(Case.objects.select_related("event", "pause", "closed_by"), pk=pk)
    return _case_page(request, found, DecisionForm())


def _case_page(request: HttpRequest, found: Case, form: DecisionForm, status: int = 200) -> HttpResponse:
    cause, choices = cause_of(found.cause), choices_of(found)
    context: dict[str, Any] = {
        "case": found,
        "differences": restricted.differences_of(request.user, found),
        "cause": cause,
        "form": form,
        "choices": choices,
        "can_map": any(choice.name == "map" for choice in choices),
        "further": found.further.select_related("event").order_by("-pk")[:20],
        "same_record": Case.objects.filter(source=found.source, about=found.about).exclude(pk=found.pk)[:10],
        "held": services.held_by(found),
    }
    return page(request, "case", context, status)


@operators_only
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one of the choices."""
    found = get_object_or_404(Case.objects.select_related("event", "pause"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _case_page(request, found, form, 422)
    told = form.cleaned_data
    try:
        found = services.decide(found, told["choice"], request.user, told["reason"], told["value"])
    except Refused as refusal:
        refuse(form, refusal)
        return _case_page(request, found, form, 422)
    if found.state == CaseState.ASKED:
        messages.success(request, _("The owner's people have been asked; the record waits."))
    else:
        messages.success(request, _("Decided. The case is closed."))
    return redirect("hub:case", pk)


@readers_only
def pauses(request: HttpRequest) -> HttpResponse:
    """What is held now and why; what was held before."""
    return show(request, PAUSES)


@operators_only
def pause(request: HttpRequest) -> HttpResponse:
    """Hold something by hand."""
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        target = "" if told["scope"] == Scope.ALL else told["target"].strip()
        try:
            pausing.pause(told["scope"], target, told["reason"], request.user)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Held. The hub goes on accepting and archiving."))
            return redirect("hub:pauses")
    return page(request, "pause_new", {"form": form}, 422 if form.errors else 200)


@readers_only
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """One pause: what it holds and who asked for what; whoever acts may let it go."""
    if request.method == "POST":
        return _resume(request, pk)
    return _pause_page(request, _pause(pk), ReasonForm())


@operators_only
@step_up_required
def _resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go, with a reason; a second person confirms what is wide."""
    held, form = _pause(pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            held = pausing.resume(held, request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            text = _("Resumed.") if held.ended_at else _("Asked. A second person must confirm it.")
            messages.success(request, text)
            return redirect("hub:pauses")
    return _pause_page(request, held, form, 422)


def _pause(pk: int) -> Pause:
    return get_object_or_404(Pause.objects.select_related("asked_by", "ended_by"), pk=pk)


def _pause_page(request: HttpRequest, held: Pause, form: ReasonForm, status: int = 200) -> HttpResponse:
    context = {"pause": held, "form": form, "cases": held.cases.unsettled(), "history": held.history.all()[:20]}
    return page(request, "pause", context, status)
