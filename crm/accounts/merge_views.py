"""Making one of two, and two of one again: choose, look at what will be, do it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from base.refusals import NotAllowed, Refused
from base.roles import role_required
from crm.accounts import merging
from crm.accounts.models import READERS, Account, Contact, Merge

FOUND_MOST = 12


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def account_merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another account becomes a part of this one."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), pk=pk)
    return _merge(request, account, Account.objects.visible_to(request.user).select_related("owner"))


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def contact_merge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another contact of the account is this very person."""
    contacts = Contact.objects.visible_to(request.user).select_related("account")
    return _merge(request, get_object_or_404(contacts, pk=pk), contacts)


@require_POST
@role_required(*READERS)
def split(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They were two after all."""
    made = get_object_or_404(Merge.objects.visible_to(request.user), pk=pk)
    loser: Any = merging.split(made, by=request.user)
    messages.success(request, _("{name} stands by itself again.").format(name=loser.name))
    return redirect(loser if isinstance(loser, Account) else loser.account)


def _merge(request: HttpRequest, winner: Any, rows: Any) -> HttpResponse:
    if not merging.may_decide(winner, request.user):
        raise NotAllowed()
    told = request.POST if request.method == "POST" else request.GET
    if not told.get("other"):
        return _choose(request, winner)
    try:
        loser = get_object_or_404(rows, pk=UUID(told["other"]))
    except ValueError:
        raise Http404 from None
    take, refusal = told.getlist("take"), ""
    if request.method == "POST":
        try:
            merging.merge(winner, loser, by=request.user, take=take, mark=told.get("mark", ""))
        except Refused as refused:
            refusal = str(refused)
        else:
            done = _("{loser} is a part of {winner} now; for thirty days it can be split again.")
            messages.success(request, done.format(loser=loser.name, winner=winner.name))
            return redirect(merging.account_of(winner))
    return _preview(request, winner, loser, take, refusal)


def _preview(request: HttpRequest, winner: Any, loser: Any, take: list[str], refusal: str) -> HttpResponse:
    context: dict[str, Any] = {**_names(winner), "loser": loser, "refusal": refusal}
    try:
        context["plan"] = merging.plan(winner, loser, by=request.user, take=take)
    except Refused as refused:
        context["refusal"] = refusal or str(refused)
    return render(request, "crm/accounts/merge.html", context, status=422 if refusal else 200)


def _choose(request: HttpRequest, winner: Any) -> HttpResponse:
    """What looks like it first; anything by typing."""
    text = request.GET.get("q", "").strip()
    rows = merging.candidates(winner, request.user)
    if text:
        found = list(rows.matching(text).order_by("name", "pk")[:FOUND_MOST])
    else:
        found = merging.likely(winner, request.user) or list(rows.order_by("name", "pk")[:FOUND_MOST])
    context = {**_names(winner), "found": found, "text": text}
    part = request.headers.get("HX-Target") == "found"
    return render(request, f"crm/accounts/{'_merge_with.html' if part else 'merge_with.html'}", context)


def _names(winner: Any) -> dict[str, Any]:
    kind = "account" if isinstance(winner, Account) else "contact"
    here = reverse(f"accounts:{kind}_merge", args=[winner.pk])
    return {"winner": winner, "kind": kind, "here": here, "back": merging.account_of(winner).get_absolute_url()}
