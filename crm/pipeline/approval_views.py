"""Prices beyond the limit: the rep asks from the deal, the sales manager answers in two taps."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.roles import role_required
from crm.accounts.sheets import form_key, quick_form
from crm.pipeline import approvals, reports
from crm.pipeline.forms import ApprovalForm
from crm.pipeline.models import APPROVERS, READERS, WRITERS, PriceApproval
from crm.pipeline.views import writable


@role_required(*WRITERS)
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One word why, and the question is with the sales manager."""
    deal = writable(request, pk)
    last = deal.approvals.first()
    return quick_form(
        request,
        ApprovalForm(request.POST or None, initial={"why": last.why if last else ""}),
        title=_("Ask for a discount approval"),
        submit=_("Ask"),
        back=deal.get_absolute_url(),
        save=lambda told: approvals.ask(deal, by=request.user, id=form_key(request), **told),
        go=lambda _asked: deal.get_absolute_url(),
    )


@require_GET
@role_required(*READERS)
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this manager's word, the oldest first."""
    return render(request, "crm/pipeline/approvals.html", {"approvals": reports.approvals_for(request.user)})


@require_GET
@role_required(*READERS)
def approval(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The card: who asks for what and why, with the two answers under the thumb."""
    asked = _readable(request, pk)
    lines = approvals.lines_of(asked.deal)
    context = {
        "asked": asked,
        "deal": asked.deal,
        "lines": [line for line in lines if line.is_beyond_limit],
        "others": sum(not line.is_beyond_limit for line in lines),
        "whole": reports.whole_discount(lines),
        "seen": approvals.mark(asked.deal),
        "may_decide": asked.is_open and approvals.may_decide(asked, request.user),
    }
    page = "_approval.html" if request.headers.get("HX-Request") else "approval.html"
    return render(request, f"crm/pipeline/{page}", context)


@require_POST
@role_required(*APPROVERS)
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The prices stand."""
    return _on(request, approvals.give(_readable(request, pk), by=request.user, seen=request.POST.get("seen", "")))


@require_POST
@role_required(*APPROVERS)
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They do not; a word of explanation is welcome and not asked for."""
    return _on(
        request, approvals.refuse(_readable(request, pk), by=request.user, answer=request.POST.get("answer", ""))
    )


def _readable(request: HttpRequest, pk: UUID) -> PriceApproval:
    rows = PriceApproval.objects.visible_to(request.user)
    rows = rows.select_related("deal__account", "deal__owner", "deal__stage__pipeline", "asked_by", "answered_by")
    return get_object_or_404(rows, pk=pk)


def _on(request: HttpRequest, answered: PriceApproval) -> HttpResponse:
    """To the next that waits, if there is one; else to the deal."""
    more = reports.approvals_for(request.user)
    return redirect(reverse("pipeline:approvals") if more else answered.deal.get_absolute_url())
