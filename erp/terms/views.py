"""Pages of payment terms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import once, refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from erp.terms import services
from erp.terms.forms import TermsForm, step_grid
from erp.terms.lists import TERMS
from erp.terms.models import PaymentTerms
from erp.terms.roles import KEEPERS, READERS


@role_required(*READERS)
def terms_list(request: HttpRequest) -> HttpResponse:
    """All terms."""
    return show(request, TERMS)


@role_required(*KEEPERS)
def new(request: HttpRequest) -> HttpResponse:
    """Write new terms."""
    return _page(request, None, may_write=True)


@role_required(*READERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them; whoever keeps them changes them here."""
    found = get_object_or_404(PaymentTerms.objects.visible_to(request.user).with_lines(), pk=pk)
    return _page(request, found, may_write=has_role(request.user, *KEEPERS))


@role_required(*KEEPERS)
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back terms that nobody has."""
    found = get_object_or_404(PaymentTerms.objects.visible_to(request.user), pk=pk)
    try:
        services.remove_terms(found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("The terms are removed."))
    return redirect("terms:list")


def _page(request: HttpRequest, found: PaymentTerms | None, may_write: bool) -> HttpResponse:
    data = request.POST if request.method == "POST" and may_write else None
    initial = {name: getattr(found, name) for name in ("code", "name", "name_zh")} if found else {}
    form, grid = TermsForm(data, initial=initial), step_grid(data, found)
    if data is not None and form.is_valid() and grid.is_valid():
        told = form.cleaned_data
        try:
            if found is None:
                services.write_terms(**told, lines=grid.steps, by=request.user, id=once(data))
            else:
                services.change_terms(found, request.user, lines=grid.steps, version=data.get("version", ""), **told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The terms are saved."))
            return redirect("terms:list")
    facts = {"form": form, "grid": grid, "terms": found, "may_write": may_write}
    return render(request, "erp/terms/form.html", facts, status=200 if data is None else 422)
