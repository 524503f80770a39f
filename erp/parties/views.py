"""Pages of parties."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base import context
from base.forms import once, refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.stepup import step_up_required
from base.tiers import Tier, sees
from erp.parties import limits, services, trail
from erp.parties.forms import DeclineForm, SupplierForm, TermsForm
from erp.parties.lists import PARTIES
from erp.parties.models import Party, PartyKind
from erp.parties.roles import EVERYBODY, KEEPERS


@role_required(*EVERYBODY)
def party_list(request: HttpRequest) -> HttpResponse:
    """Whom we sell to and buy from."""
    return show(request, PARTIES)


@role_required(*EVERYBODY)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One party: who they are, their terms, and what the domains above know of them."""
    party = get_object_or_404(Party.objects.visible_to(request.user), pk=pk)
    facts = {
        "party": party,
        "sections": trail.sections(request, party),
        "parts": list(party.parts.visible_to(request.user)) if party.kind == PartyKind.CUSTOMER else [],
        "standing": trail.facts(request, party),
        "changes": list(party.history.select_related("history_user")[:8]),
        "may_write": has_role(request.user, *KEEPERS),
        "sees_credit": sees(request.user, Tier.CREDIT),
        "decline_form": DeclineForm(),
        "asked_it": party.limit_asked_by == request.user.get_username(),
    }
    return render(request, "erp/parties/detail.html", facts)


@role_required(*KEEPERS)
@step_up_required
def terms(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set terms, limit, class or hold."""
    party = get_object_or_404(Party.objects.visible_to(request.user), pk=pk)
    form = TermsForm(request.POST or None, instance=party)
    if request.method == "POST" and form.is_valid():
        try:
            with context.because(form.cleaned_data["why"]):
                asked = limits.set_terms(Party(pk=pk), **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The terms are saved."))
            if asked:
                messages.info(request, _("The larger limit waits for a second person."))
            return redirect(party)
    return render(request, "erp/parties/form.html", {"form": form, "party": party, "heading": _("Terms")})


@role_required(*KEEPERS)
@require_POST
@step_up_required
def approve_limit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the customer have the limit that somebody asked for."""
    party = limits.approve(get_object_or_404(Party.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("The limit is approved."))
    return redirect(party)


@role_required(*KEEPERS)
@require_POST
def decline_limit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave the limit as it is."""
    party = get_object_or_404(Party.objects.visible_to(request.user), pk=pk)
    party = limits.decline(party, request.POST.get("reason", ""))
    messages.success(request, _("The limit stays as it is."))
    return redirect(party)


@role_required(*KEEPERS)
def new_supplier(request: HttpRequest) -> HttpResponse:
    """Open a supplier; customers come from the CRM."""
    form = SupplierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.told
        try:
            party = services.open_supplier(told.pop("name"), id=once(request.POST), **told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("{code} is open.").format(code=party.code))
            return redirect(party)
    return render(request, "erp/parties/form.html", {"form": form, "heading": _("New supplier")})


@role_required(*KEEPERS)
def edit_supplier(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change who a supplier is."""
    party = get_object_or_404(Party.objects.visible_to(request.user), pk=pk, kind=PartyKind.SUPPLIER)
    form = SupplierForm(request.POST or None, instance=party)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_own(Party(pk=pk), **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(party)
    return render(request, "erp/parties/form.html", {"form": form, "party": party, "heading": _("Edit")})
