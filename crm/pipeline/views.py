"""The deal's page and its steps: fetch, call, answer."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.refusals import NotAllowed
from base.roles import has_role, role_required
from crm.accounts.custom_values import rules_of
from crm.accounts.models import Account
from crm.accounts.sheets import form_key, quick_form
from crm.accounts.tag_lists import chips
from crm.accounts.tag_views import tags_sheet
from crm.activities import timeline
from crm.pipeline import approvals, quotes, reports, services
from crm.pipeline import life as order_life
from crm.pipeline.forms import DealForm, DepositForm, LossForm, NewDealForm, ReasonForm, StepForm, typed
from crm.pipeline.models import APPROVERS, READERS, WRITERS, Deal, Quote, Stage


@require_GET
@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One deal: header, next step, lines, and after the win the life of its order."""
    deal = readable(request, pk)
    context = {**page_facts(request, deal), **life_facts(deal), "timeline": timeline.render(request, deal=deal)}
    context["quotes"] = made = list(Quote.objects.visible_to(request.user).filter(deal=deal).select_related("made_by"))
    context["quote_is_old"] = bool(made) and deal.is_open and quotes.differs(made[0], deal, context["lines"])
    return render(request, "crm/pipeline/deal.html", context)


@require_GET
@role_required(*READERS)
def life(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The live part: nothing while nothing changed; the whole page anew when the deal itself took another state."""
    seen = request.GET.get("revision", "")
    now = Deal.objects.visible_to(request.user).only("status", "revision").filter(pk=pk).first()
    if now is not None and order_life.revision_of(now) == seen:
        return HttpResponse(status=204)
    deal = readable(request, pk)
    if seen.partition("-")[0] != deal.status:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    response = render(request, "crm/pipeline/_life.html", {"deal": deal, **life_facts(deal), "swap": True})
    response.headers["HX-Trigger-After-Swap"] = "changed"
    return response


@role_required(*WRITERS)
def new(request: HttpRequest, account: UUID | None = None) -> HttpResponse:
    """For whom, then what: the account is found first, unless the page before has named it.

    It begins in the pipeline that the page before showed (`?pipeline=`).
    """
    if account is None:
        return _choose_account(request)
    chosen = get_object_or_404(Account.objects.visible_to(request.user), pk=account)
    pipelines = reports.pipelines()
    return quick_form(
        request,
        NewDealForm(request.POST or None, pipelines=pipelines, initial={"pipeline": request.GET.get("pipeline")}),
        title=_("New deal with {account}").format(account=chosen.name),
        submit=_("Create deal"),
        back=reverse("pipeline:board"),
        save=lambda told: services.create_deal(chosen, by=request.user, id=form_key(request), **told),
        go=lambda deal: deal.get_absolute_url(),
    )


def _choose_account(request: HttpRequest) -> HttpResponse:
    """The user's own accounts first; any by typing."""
    text = request.GET.get("q", "").strip()
    accounts = Account.objects.visible_to(request.user).order_by("name_key", "id")
    found = accounts.matching(text)[:12] if text else accounts.filter(owner=request.user.pk)[:12] or accounts[:12]
    template = "_accounts.html" if request.headers.get("HX-Target") == "found" else "new.html"
    return render(request, f"crm/pipeline/{template}", {"accounts": found, "text": text})


@role_required(*WRITERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The terms."""
    deal = writable(request, pk)
    return quick_form(
        request,
        DealForm.of(deal, request.user, request.POST or None),
        title=_("Edit {number}").format(number=deal.number),
        back=deal.get_absolute_url(),
        save=lambda told: services.change_deal(deal, **told),
        go=lambda changed: changed.get_absolute_url(),
    )


@role_required(*WRITERS)
def tags(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which words a deal bears."""
    deal = writable(request, pk)
    return tags_sheet(request, deal, lambda words: services.change_deal(deal, tags=words))


@role_required(*WRITERS)
def step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The next step."""
    deal = writable(request, pk)
    told = {"next_step": deal.next_step, "next_step_on": deal.next_step_on}
    return quick_form(
        request,
        StepForm(request.POST or None, initial=told),
        title=_("Next step"),
        back=deal.get_absolute_url(),
        save=lambda told: services.change_deal(deal, next_step=told["next_step"], next_step_on=told["next_step_on"]),
        go=lambda changed: changed.get_absolute_url(),
    )


@require_POST
@role_required(*WRITERS)
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To another stage: by a drop or key on the board, or from the deal's stage path."""
    deal = writable(request, pk)
    try:
        stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=UUID(request.POST.get("stage", "")))
    except ValueError:
        return HttpResponse(status=422)
    services.move(deal, stage)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    back = request.headers.get("Referer", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else deal.get_absolute_url())


@role_required(*WRITERS)
def win(request: HttpRequest, pk: UUID) -> HttpResponse:
    """First what is promised, then the promise."""
    deal = writable(request, pk)
    if request.method == "POST":
        services.win(deal, request.user)
        return redirect(deal.get_absolute_url())
    context = page_facts(request, deal)
    context["blocked"] = _blocked(request, deal, context["lines"])
    page = "_win.html" if request.headers.get("HX-Request") else "win.html"
    return render(request, f"crm/pipeline/{page}", context)


def _blocked(request: HttpRequest, deal: Deal, lines: list[Any]) -> str:
    """Why winning would be refused now, so that the sheet can say it before the tap."""
    if not lines:
        return _("Add at least one line before you win the deal.")
    waiting = [line for line in lines if line.needs_approval]
    if has_role(request.user, *APPROVERS):
        waiting = [line for line in waiting if request.user.pk in (line.priced_by_id, deal.owner_id)]
    skus = ", ".join(line.sku for line in waiting)
    return _("A manager must approve the price first: {skus}.").format(skus=skus) if waiting else ""


@role_required(*WRITERS)
def lose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It is over."""
    deal = writable(request, pk)
    form = LossForm(request.POST or None)
    return quick_form(
        request,
        form,
        title=_("Mark as lost"),
        submit=_("Lost"),
        back=deal.get_absolute_url(),
        save=lambda told: services.lose(deal, form.reason),
        go=lambda lost: lost.get_absolute_url(),
    )


@require_POST
@role_required(*WRITERS)
def reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A lost deal comes back."""
    return redirect(services.reopen(writable(request, pk)).get_absolute_url())


@role_required(*WRITERS)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The customer takes it back."""
    deal = writable(request, pk)
    return quick_form(
        request,
        ReasonForm(request.POST or None),
        title=_("Withdraw {number}").format(number=deal.number),
        submit=_("Ask the ERP to cancel the order"),
        back=deal.get_absolute_url(),
        save=lambda told: services.withdraw(deal, told["reason"], request.user),
        go=lambda gone: gone.get_absolute_url(),
    )


@role_required(*WRITERS)
def deposit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Money heard of."""
    deal = writable(request, pk)
    return quick_form(
        request,
        DepositForm(request.POST or None, initial={"amount": deal.deposit_agreed}),
        title=_("Report a deposit"),
        submit=_("Tell accounting"),
        back=deal.get_absolute_url(),
        save=lambda told: services.report_deposit(deal, by=request.user, id=form_key(request), **told),
        go=lambda report: deal.get_absolute_url(),
    )


# ---- below: what several pages need ----------------------------------------------------------------------------------


def readable(request: HttpRequest, pk: UUID) -> Deal:
    """The deal, when this user may see it."""
    deals = Deal.objects.visible_to(request.user)
    deals = deals.select_related("account", "owner", "won_by", "stage__pipeline", "order")
    deals = deals.prefetch_related("order_steps", "shipments", "invoices", "payments", "deposits")
    return get_object_or_404(deals, pk=pk)


def writable(request: HttpRequest, pk: UUID) -> Deal:
    """The deal, when this user may change it."""
    deal = get_object_or_404(
        Deal.objects.visible_to(request.user).select_related("account", "owner", "stage__pipeline"), pk=pk
    )
    if not deal.writable_by(request.user):
        raise NotAllowed()
    return deal


def page_facts(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    """What the head and the lines of the page show."""
    lines: list[Any] = list(approvals.lines_of(deal))
    for line in lines:
        line.typed = typed(line)
        line.may_approve = deal.is_open and line.needs_approval and approvals.may_approve(line, request.user)
    reports.tell_promotions(deal, lines)
    may_write = deal.writable_by(request.user)
    last = deal.approvals.select_related("asked_by", "answered_by").first()
    if last is not None:
        last.deal = deal
    return {
        "approval": last,
        "may_decide": last is not None and last.is_open and approvals.may_decide(last, request.user),
        "to_approve": [line for line in lines if line.needs_approval] if deal.is_open else [],
        "deal": deal,
        "lines": lines,
        "gross_note": deal.net_total + deal.freight,
        "warnings": reports.warnings(deal, lines),
        "stages": deal.stage.pipeline.stages.order_by("position"),
        "may_write": may_write,
        "may_edit": may_write and deal.is_open,
        "tag_chips": chips(deal),
        "custom_facts": rules_of("deal").facts(deal),
        "step_note": reports.urgency_note(deal),
        "step_tone": reports.URGENCY_TONES[deal.urgency],
    }


def life_facts(deal: Deal) -> dict[str, Any]:
    """What the live part shows; it asks more often while the ERP's first answer is awaited."""
    order = getattr(deal, "order", None)
    waiting = order is not None and order.state == "promised"
    return {
        "order": order,
        "steps": order_life.steps(deal),
        "revision": order_life.revision_of(deal),
        "pace": "1s" if waiting else "2s",
        "deposits": list(deal.deposits.all()),
    }
