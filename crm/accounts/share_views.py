"""Who else sees an account for some time: on its page, the sheet to share it, and the end of a share."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.roles import role_required
from crm.accounts import panels, services, sharing
from crm.accounts.models import READERS, Account, AccountShare
from crm.accounts.share_forms import ShareForm
from crm.accounts.sheets import quick_form


@require_GET
@role_required(*READERS)
def share_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the account's page, asked for again after a change."""
    return HttpResponse(panels.shares(request, _account(request, pk)))


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a colleague or a team in; `?share=` names one that is looked at again."""
    account = _account(request, pk)
    services.refuse_unheld(account, request.user)

    def save(typed: dict[str, Any]) -> AccountShare:
        whom = typed.get("team") or typed["person"]
        told = {name: typed[name] for name in ("level", "until", "why")}
        return sharing.share(account, whom, by=request.user, **told)

    return quick_form(
        request,
        ShareForm(request.POST if request.method == "POST" else None, account.owner_id, _known(request, account)),
        title=_("Share {name}").format(name=account.name),
        submit=_("Share"),
        save=save,
        back=account.get_absolute_url(),
        done=_("Shared."),
    )


@require_POST
@role_required(*READERS)
def share_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They see it no more by this."""
    given = get_object_or_404(AccountShare.objects.visible_to(request.user).select_related("account"), pk=pk)
    sharing.end(given, by=request.user)
    messages.success(request, _("Not shared with {whom} any more.").format(whom=given.whom))
    return redirect(given.account)


def _account(request: HttpRequest, pk: UUID) -> Account:
    account: Account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), pk=pk)
    return account


def _known(request: HttpRequest, account: Account) -> AccountShare | None:
    try:
        wanted = UUID(request.GET.get("share", ""))
    except ValueError:
        return None
    known: AccountShare | None = (
        AccountShare.objects.visible_to(request.user).filter(account=account, pk=wanted).first()
    )
    return known
