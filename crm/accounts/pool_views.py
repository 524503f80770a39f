"""Pages of the public pool."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.listing.views import show
from base.roles import role_required
from crm.accounts import pool, services
from crm.accounts.forms import GiveBackForm
from crm.accounts.masks import masked, masked_mail, masked_phone
from crm.accounts.models import READERS, Account, PoolAccount, PoolStay
from crm.accounts.pool_lists import POOL
from crm.accounts.sheets import quick_form


@require_GET
@role_required(*READERS)
def pool_list(request: HttpRequest) -> HttpResponse:
    """Accounts that wait for somebody."""
    return show(request, POOL)


@require_GET
@role_required(*READERS)
def pool_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What everybody may know of an account of the pool, and the step to take it."""
    if Account.objects.visible_to(request.user).filter(pk=pk).exists():
        return redirect("accounts:detail", pk)
    account = PoolAccount.objects.visible_to(request.user).filter(pk=pk).first()
    if account is None:
        pool.refuse_if_taken(pk)
        raise Http404
    stays = list(PoolStay.objects.visible_to(request.user).filter(account=pk).select_related("left_by", "taken_by"))
    context = {"account": account, "stays": stays, "facts": _facts(account), "stay": stays[0] if stays else None}
    return render(request, "crm/accounts/pool_account.html", context)


@require_POST
@role_required(*READERS)
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an account that nobody owns."""
    try:
        account = pool.claim(pk, request.user)
    except services.OwnedAlready as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:pool")
    messages.success(request, _("{name} is yours now.").format(name=account.name))
    return redirect(account)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To the pool, with a reason."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), pk=pk)
    services.refuse_unheld(account, request.user)
    back = reverse("accounts:list")
    return quick_form(
        request,
        GiveBackForm(request.POST if request.method == "POST" else None),
        title=_("Back to the pool"),
        submit=_("Give back"),
        save=lambda typed: pool.give_back(account, typed["why"], by=request.user, note=typed["note"]),
        back=back,
        go=lambda _account: back,
        done=_("{name} lies in the pool now.").format(name=account.name),
    )


def _facts(account: PoolAccount) -> list[tuple[Any, Any]]:
    """What one may know before it is one's own: who and where they are, and that there are ways to reach them."""
    people = [masked(name) for name in account.contacts.order_by("pk").values_list("name", flat=True)[:6]]
    return [
        (_("Place"), account.place),
        (_("Industry"), account.industry),
        (_("Service tier"), account.get_tier_display() if account.tier else ""),
        (_("Phone"), masked_phone(account.phone)),
        (_("E-mail"), masked_mail(account.email)),
        (_("People"), ", ".join(people)),
        (_("Party code"), _("known to the ERP") if account.registered else ""),
    ]
