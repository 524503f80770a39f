"""The proof's pages: every rule with what the last run found, earlier runs, and a button."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base import jobs
from base.listing.views import show
from base.roles import role_required
from erp.proof.invariants import all_invariants
from erp.proof.lists import RUNS
from erp.proof.models import READERS, STARTERS, Run

LATEST = 10


@role_required(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """The last run, or an invitation to the first."""
    last = Run.objects.visible_to(request.user).first()
    return _page(request, last)


@role_required(*READERS)
def runs(request: HttpRequest) -> HttpResponse:
    """All runs there were."""
    return show(request, RUNS)


@role_required(*READERS)
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run."""
    return _page(request, get_object_or_404(Run.objects.visible_to(request.user), pk=pk))


@role_required(*STARTERS)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Prove now; the page of the work shows how it ends."""
    job = jobs.start("proof", by=request.user, title=_("Proof of the books"), url=reverse("proof:home"))
    return redirect(job)


def _page(request: HttpRequest, shown: Run | None) -> HttpResponse:
    found = {finding.code: finding for finding in shown.findings.all()} if shown else {}
    rules = [(invariant, found.get(invariant.code)) for invariant in all_invariants()]
    rules.sort(key=lambda pair: pair[1].holds if pair[1] else True)
    latest = Run.objects.visible_to(request.user)[:LATEST]
    return render(request, "erp/proof/home.html", {"run": shown, "rules": rules, "latest": latest})
