"""The page on which words are erased: first what is meant, then, with a reason and a proof of who asks, for good."""

from django.contrib import messages
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext

from base.forms import refuse
from base.refusals import Refused
from base.stepup import step_up_required
from integration.hub import erasing
from integration.hub.forms import ErasureForm
from integration.hub.models import Erasure
from integration.hub.pages import page
from integration.hub.roles import granters_only, readers_only

SHOWN = 100


@readers_only
def erasures(request: HttpRequest) -> HttpResponse:
    """What was erased, by whom and why; `what` shows which events an erasure would be about."""
    if request.method == "POST":
        return _erase(request)
    what = request.GET.get("what", "").replace("\x00", "")[:300]
    return _page(request, ErasureForm(initial={"what": what}), what)


@granters_only
@step_up_required
def _erase(request: HttpRequest) -> HttpResponse:
    form = ErasureForm(request.POST)
    if form.is_valid():
        try:
            count = erasing.erase(form.cleaned_data["what"], request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            told = ngettext("The words of %(count)d event are gone.", "The words of %(count)d events are gone.", count)
            messages.success(request, told % {"count": count})
            return redirect("hub:erasures")
    return _page(request, form, request.POST.get("what", "").replace("\x00", "")[:300], 422)


def _page(request: HttpRequest, form: ErasureForm, what: str, status: int = 200) -> HttpResponse:
    meant = erasing.found_by(what) if what else None
    erased = Erasure.objects.visible_to(request.user).select_related("event").defer("event__body")
    facts = {
        "form": form,
        "what": what,
        "meant": meant.events.order_by().values("type", "source").annotate(
            count=Count("pk"), first=Min("told_at"), last=Max("told_at")
        ).order_by("type") if meant is not None else [],
        "cases": meant.cases.defer("refused_body").order_by("-opened_at")[:SHOWN] if meant is not None else [],
        "erasures": erased.order_by("-at")[:SHOWN],
    }  # fmt: skip
    return page(request, "erasures", facts, status)
