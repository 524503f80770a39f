"""The home page, the sheet behind "+", and the quick log."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from base.roles import has_role, role_required
from crm.accounts.models import READERS, Account
from crm.accounts.sheets import form_key, quick_form
from crm.activities.models import Entry
from crm.activities.recordings import taken_along
from crm.pipeline.models import WRITERS, Deal
from crm.pipeline.reports import approvals_for
from crm.today import reports, services
from crm.today.forms import LogForm


@require_GET
@role_required(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """Next steps, news, open deals."""
    day = reports.today()
    context = {
        "day": day,
        "steps": reports.due_steps(request.user, day),
        "news": reports.news(request),
        "revision": reports.news_revision(request.user),
        "open": reports.open_deals(request.user),
        "approvals": approvals_for(request.user),
        "may_sell": has_role(request.user, *WRITERS),
    }
    return render(request, "crm/today/home.html", context)


@require_GET
@role_required(*READERS)
def news(request: HttpRequest) -> HttpResponse:
    """The news, live: nothing while nothing is new."""
    revision = reports.news_revision(request.user)
    if revision == request.GET.get("revision"):
        return HttpResponse(status=204)
    return render(request, "crm/today/_news.html", {"news": reports.news(request), "revision": revision})


@require_GET
@role_required(*READERS)
def new(request: HttpRequest) -> HttpResponse:
    """What can be made, as big rows."""
    sell = has_role(request.user, *WRITERS)
    wanted = [
        ("leads:new", "user-plus", _("Lead"), _("Somebody new; a name or a number is enough"), True),
        ("pipeline:new", "layout-kanban", _("Deal"), _("Something you hope to sell"), sell),
        ("accounts:new", "building", _("Account"), _("A company or person; a name is enough"), True),
        ("tickets:new", "ticket", _("Ticket"), _("A customer needs help"), True),
    ]
    choices = [(url, icon, title, text) for name, icon, title, text, may in wanted if may and (url := _url(name))]
    if shown := _board_shown(request):
        deal = _url("pipeline:new")
        choices = [(f"{one[0]}?pipeline={shown}" if one[0] == deal else one[0], *one[1:]) for one in choices]
    captures = [
        (f"{reverse('today:log')}?kind={kind}", icon, title)
        for kind, icon, title in (
            ("visit", "walk", _("Visit")),
            ("call", "phone", _("Call")),
            ("meeting", "users", _("Meeting")),
            ("note", "note", _("Note")),
            ("task", "calendar-check", _("Task")),
        )
    ]
    page = "_new.html" if request.headers.get("HX-Request") else "new.html"
    return render(request, f"crm/today/{page}", {"choices": choices, "captures": captures})


def _board_shown(request: HttpRequest) -> str:
    """The pipeline of the board that the sheet was opened over: a new deal begins there."""
    page = urlsplit(request.headers.get("HX-Current-URL", "") or request.headers.get("Referer", ""))
    told = parse_qs(page.query).get("pipeline", [""])[0] if page.path.startswith(_url("pipeline:board")) else ""
    try:
        return str(UUID(told))
    except ValueError:
        return ""


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@role_required(*READERS)
def log(request: HttpRequest) -> HttpResponse:
    """Log a talk or plan a task: on a deal, answering a step, with an account, or with one of the likeliest."""
    deal: Deal | None = _named(
        request, "deal", Deal.objects.visible_to(request.user).select_related("account", "owner")
    )
    entry: Entry | None = _named(request, "entry", Entry.objects.visible_to(request.user).select_related("account"))
    account: Account | None = _named(request, "account", Account.objects.visible_to(request.user))
    if about := deal or entry:
        account = about.account
        if account is None and entry is not None:  # said with a lead, which has a sheet of its own
            return redirect(f"{reverse('leads:log', args=[entry.lead, 'call'])}?entry={entry.pk}")
    likeliest = [] if account or request.GET.get("whom") else reports.likeliest(request.user, reports.today())
    if account is None and not likeliest:
        return _whom(request)
    form = LogForm(
        request.POST or None,
        request.FILES or None,
        initial={"kind": request.GET.get("kind", "call")},
        likeliest=likeliest,
        allowed=Account.objects.visible_to(request.user),
    )
    other = f"{reverse('today:log')}?{urlencode({'kind': form['kind'].value(), 'whom': 'other'})}"
    facts = {"by": request.user, "deal": deal, "entry": entry, "id": form_key(request)}
    return quick_form(
        request,
        form,
        title=f"{form.kind_label}: {account.name}" if account else form.kind_label,
        back=deal.get_absolute_url() if deal else reverse("today:home"),
        save=lambda told: services.log(**{"account": account, "along": taken_along(told), **told, **facts}),
        other=(other, _("Somebody else…")) if likeliest else None,
        go=lambda made: deal.get_absolute_url() if deal else reverse("today:home"),
        done=_("Logged."),
    )


def _named(request: HttpRequest, name: str, rows: QuerySet[Any]) -> Any:
    """The row that the address names, if the user may see it."""
    text = request.GET.get(name)
    if not text:
        return None
    try:
        return get_object_or_404(rows, pk=UUID(text))
    except ValueError:
        raise Http404 from None


def _whom(request: HttpRequest) -> HttpResponse:
    """The accounts this user talks to, the likeliest first; found by typing."""
    text = request.GET.get("q", "").strip()
    accounts = Account.objects.visible_to(request.user)
    if text:
        found = list(accounts.matching(text).order_by("name_key", "id")[:12])
    else:
        recent = Entry.objects.visible_to(request.user).filter(author=request.user.pk)
        talked_to = recent.order_by("-occurred_at").values_list("account", flat=True)
        likeliest = list(dict.fromkeys(talked_to[:50]))[:6]
        found = sorted(accounts.filter(pk__in=likeliest), key=lambda one: likeliest.index(one.pk))
        found = found or list(accounts.filter(owner=request.user.pk).order_by("name_key", "id")[:12])
        found = found or list(accounts.order_by("name_key", "id")[:12])
    context = {"accounts": found, "text": text, "kind": request.GET.get("kind", "call")}
    page = "_whom.html" if request.headers.get("HX-Target") == "found" else "whom.html"
    return render(request, f"crm/today/{page}", context)
