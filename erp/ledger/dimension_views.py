"""Pages of cost centres and projects."""

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
from erp.ledger import dimensioning
from erp.ledger.dimension_lists import DIMENSIONS
from erp.ledger.forms import DimensionForm
from erp.ledger.models import Dimension
from erp.ledger.roles import READERS, WRITERS


@role_required(*READERS)
def dimension_list(request: HttpRequest) -> HttpResponse:
    """All of them, by kind."""
    return show(request, DIMENSIONS)


@role_required(*WRITERS)
def new(request: HttpRequest) -> HttpResponse:
    """A cost centre or project more."""
    form = DimensionForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = dimensioning.open_dimension(by=request.user, id=once(request.POST), **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("{name} can be named on lines now.").format(name=made))
            return redirect("ledger:dimensions")
    return _form(request, form)


@role_required(*READERS)
def dimension(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them; who keeps the books changes it here."""
    found = get_object_or_404(Dimension.objects.visible_to(request.user).select_related("parent"), pk=pk)
    may_write = has_role(request.user, *WRITERS)
    form = DimensionForm(request.POST or None if may_write else None, known=found)
    if request.method == "POST" and may_write and form.is_valid():
        try:
            dimensioning.change_dimension(found, request.user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("ledger:dimensions")
    return _form(request, form, found, may_write)


@role_required(*WRITERS)
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what was opened by mistake."""
    found = get_object_or_404(Dimension.objects.visible_to(request.user), pk=pk)
    dimensioning.remove_dimension(found, request.user)
    messages.success(request, _("{name} is removed.").format(name=found))
    return redirect("ledger:dimensions")


def _form(
    request: HttpRequest, form: DimensionForm, found: Dimension | None = None, may_write: bool = True
) -> HttpResponse:
    facts = {"form": form, "dimension": found, "may_write": may_write}
    return render(request, "erp/ledger/dimension.html", facts, status=422 if form.is_bound else 200)
