"""Pages of tickets: the queues, one conversation, and the returns that come of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.listing.views import show
from base.refusals import Refused
from base.roles import role_required
from crm.accounts.models import Account
from crm.accounts.sheets import add_refusal, form_key, quick_form
from crm.activities import timeline
from crm.pipeline.models import Deal
from crm.tickets import services
from crm.tickets.forms import AssignForm, NewTicketForm, ReplyForm, ReturnForm
from crm.tickets.lists import TICKETS
from crm.tickets.models import ROLES, ReturnRequest, Ticket
from crm.tickets.reports import conversation_revision, deals_with_goods, return_steps, returnable


@require_GET
@role_required(*ROLES)
def ticket_list(request: HttpRequest) -> HttpResponse:
    """One queue of tickets, the last touched first; a search looks into all of them."""
    return show(request, TICKETS)


@require_http_methods(["GET", "POST"])
@role_required(*ROLES)
def ticket_new(request: HttpRequest, account_pk: UUID) -> HttpResponse:
    """A customer asks something."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user), pk=account_pk)
    initial = {"deal": request.GET.get("deal") or None}

    def save(typed: dict[str, Any]) -> Ticket:
        return services.open_ticket(account, by=request.user, id=form_key(request), **typed)

    return quick_form(
        request,
        NewTicketForm(request.POST if request.method == "POST" else None, account=account, initial=initial),
        title=_("New ticket: {account}").format(account=account.name),
        submit=_("Open ticket"),
        save=save,
        back=account.get_absolute_url(),
        go=lambda ticket: ticket.get_absolute_url(),
    )


@require_GET
@role_required(*ROLES)
def choose_account(request: HttpRequest) -> HttpResponse:
    """A new ticket begins with whose it is."""
    text = request.GET.get("q", "").strip()
    visible = Account.objects.visible_to(request.user)
    found = (visible.matching(text) if text else visible.order_by("-updated_at"))[:20]
    return render(request, "crm/tickets/choose_account.html", {"accounts": found, "text": text})


@require_GET
@role_required(*ROLES)
def ticket_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The conversation, its returns, and what happened."""
    ticket = _ticket(request, pk)
    context = {
        **_conversation(ticket),
        "reply_form": ReplyForm(),
        "assign_form": AssignForm(initial={"assignee": ticket.assignee, "priority": ticket.priority}),
        "may_return": deals_with_goods(ticket.account).exists(),
        "timeline": timeline.render(request, ticket=ticket),
    }
    return render(request, "crm/tickets/detail.html", context)


@require_GET
@role_required(*ROLES)
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Conversation and returns as they are now; 204 while nothing has changed."""
    ticket = _ticket(request, pk)
    known = request.GET.get("revision", "")
    if known and known == conversation_revision(ticket):
        return HttpResponse(status=204)
    return render(request, "crm/tickets/_live.html", _conversation(ticket))


def _conversation(ticket: Ticket) -> dict[str, Any]:
    returns = ticket.returns.select_related("deal").prefetch_related("lines")
    return {
        "ticket": ticket,
        "words": list(ticket.messages.select_related("author")),
        "returns": [{"wish": wish, "steps": return_steps(wish), "lines": list(wish.lines.all())} for wish in returns],
        "revision": conversation_revision(ticket),
    }


@require_POST
@role_required(*ROLES)
def reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a word; on a mistake the form comes back with what was typed."""
    ticket, form = _ticket(request, pk), ReplyForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            services.reply(ticket, form.cleaned_data["body"], by=request.user, id=form_key(request), **form.told())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            form, status = ReplyForm(), 200
    if not request.headers.get("HX-Request"):
        if status == 200:
            return redirect(ticket)
        return render(request, "crm/tickets/reply.html", {"ticket": ticket, "form": form}, status=status)
    answer = render(request, "crm/tickets/_reply.html", {"ticket": ticket, "reply_form": form}, status=status)
    if status == 200:
        answer["HX-Trigger"] = "changed"
    return answer


@require_POST
@role_required(*ROLES)
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give it to somebody, or say how much it presses."""
    ticket, form = _ticket(request, pk), AssignForm(request.POST)
    if form.is_valid():
        if form.cleaned_data["assignee"] != ticket.assignee:
            services.assign(ticket, form.cleaned_data["assignee"])
        if form.cleaned_data["priority"] != ticket.priority:
            services.change_priority(ticket, form.cleaned_data["priority"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("This person or priority is not there any more."))
    return redirect(ticket)


@require_POST
@role_required(*ROLES)
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """I answer it."""
    ticket = services.assign(_ticket(request, pk), request.user)
    return redirect(ticket)


@require_POST
@role_required(*ROLES)
def move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Wait, solve or reopen."""
    deed = {"wait": services.wait, "solve": services.solve, "reopen": services.reopen}[verb]
    return redirect(deed(_ticket(request, pk)))


@require_http_methods(["GET", "POST"])
@role_required(*ROLES)
def ask_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a return: first of which deal (when there are several), then how many of what, and why."""
    ticket = _ticket(request, pk)
    deals = list(deals_with_goods(ticket.account)[:30])
    chosen = request.GET.get("deal") or (str(deals[0].pk) if len(deals) == 1 else "")
    deal = next((one for one in deals if str(one.pk) == chosen), None)
    if deal is None:
        page = "_choose_deal.html" if request.headers.get("HX-Request") else "choose_deal.html"
        return render(request, f"crm/tickets/{page}", {"ticket": ticket, "deals": deals})
    return _ask_return(request, ticket, deal)


def _ask_return(request: HttpRequest, ticket: Ticket, deal: Deal) -> HttpResponse:
    form = ReturnForm(request.POST if request.method == "POST" else None, goods=returnable(deal))

    def save(typed: dict[str, Any]) -> ReturnRequest:
        return services.request_return(
            ticket, deal, form.lines(), typed["reason"], by=request.user, id=form_key(request)
        )

    return quick_form(
        request,
        form,
        title=_("Return from {deal}").format(deal=deal),
        submit=_("Ask for the return"),
        save=save,
        back=ticket.get_absolute_url(),
        done=_("Asked. The answer will show here."),
    )


def _ticket(request: HttpRequest, pk: UUID) -> Ticket:
    rows = Ticket.objects.visible_to(request.user).select_related("account", "contact", "assignee", "deal", "opened_by")
    ticket: Ticket = get_object_or_404(rows, pk=pk)
    return ticket
