"""Pages of revaluations: what a day would change with the revaluations there are, and one of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.refusals import Refused
from base.roles import has_role, require, role_required
from base.stepup import step_up_required
from erp.banking.forms import carried_out
from erp.ledger.services import base_currency, company
from erp.revaluation import services
from erp.revaluation.forms import DayForm, TakeBackForm
from erp.revaluation.models import Revaluation
from erp.revaluation.roles import READERS, WRITERS


@role_required(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """What the rates of a day would change; POST posts just that."""
    if request.method == "POST":
        return _revalue(request)
    asked = DayForm(request.GET if "day" in request.GET else None)
    facts: dict[str, Any] = {"form": asked}
    if asked.is_valid():
        facts["day"] = asked.cleaned_data["day"]
        try:
            facts["due"] = services.due(facts["day"])
        except Refused as refusal:
            facts["refusal"] = str(refusal)
    return _home(request, facts)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One revaluation: each item with its rate and what it was worth before and after."""
    return _page(request, _found(request, pk), TakeBackForm())


@role_required(*WRITERS)
@require_POST
@step_up_required
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo it by the mirror of its entry."""
    found, form = _found(request, pk), TakeBackForm(request.POST)
    mirror = carried_out(form, lambda told: services.take_back(found, request.user, **told))
    if mirror is None:
        return _page(request, found, form, status=422)
    messages.success(request, _("It is taken back by {number}.").format(number=mirror.number))
    return redirect(found)


def _revalue(request: HttpRequest) -> HttpResponse:
    require(request.user, *WRITERS)
    form = DayForm(request.POST)
    made = None
    try:
        if form.is_valid():
            made = services.revalue(form.cleaned_data["day"], request.user)
    except Refused as refusal:
        return _home(request, {"form": form, "refusal": str(refusal)}, status=422)
    if not form.is_valid():
        return _home(request, {"form": form}, status=422)
    if made is None:
        messages.info(request, _("Every item has the worth of that day already."))
        return redirect("revaluation:home")
    messages.success(request, _("{number} is posted.").format(number=made.entry.number))
    return redirect(made)


def _home(request: HttpRequest, facts: dict[str, Any], status: int = 200) -> HttpResponse:
    found = Revaluation.objects.visible_to(request.user).filter(company=company())
    found = found.select_related("entry", "reversal").prefetch_related("lines__invoice", "lines__bill")[:60]
    due = facts.get("due", [])
    facts |= {
        "revaluations": found,
        "gain": sum((one.effect for one in due if one.effect > 0), services.ZERO),
        "loss": sum((-one.effect for one in due if one.effect < 0), services.ZERO),
        "currency": base_currency(),
        "may_write": has_role(request.user, *WRITERS),
    }
    return render(request, "erp/revaluation/home.html", facts, status=status)


def _found(request: HttpRequest, pk: UUID) -> Revaluation:
    rows = Revaluation.objects.visible_to(request.user).select_related("entry", "reversal", "company")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: Revaluation, form: TakeBackForm, status: int = 200) -> HttpResponse:
    facts = {
        "revaluation": found,
        "lines": found.lines.select_related("invoice__party", "bill__party"),
        "currency": found.company.base_currency,
        "form": form,
        "may_write": has_role(request.user, *WRITERS),
    }
    return render(request, "erp/revaluation/detail.html", facts, status=status)
