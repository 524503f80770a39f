"""Pages of exchange rates."""

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
from erp.ledger.services import base_currency
from erp.rates import services
from erp.rates.forms import ChangeRateForm, RateForm
from erp.rates.lists import RATES
from erp.rates.models import ExchangeRate
from erp.rates.roles import KEEPERS, READERS


@role_required(*READERS)
def rate_list(request: HttpRequest) -> HttpResponse:
    """All rates, the newest first."""
    return show(request, RATES)


@role_required(*KEEPERS)
def new(request: HttpRequest) -> HttpResponse:
    """Enter the rate of a day."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_rate(by=request.user, id=once(request.POST), **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The rate is set."))
            return redirect("rates:list")
    return _form(request, form)


@role_required(*READERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One rate; whoever keeps them puts it right here."""
    found = get_object_or_404(ExchangeRate.objects.visible_to(request.user), pk=pk)
    may_write = has_role(request.user, *KEEPERS)
    initial = {"rate": services.plain(found.rate), "source": found.source}
    form = ChangeRateForm(request.POST or None if may_write else None, initial=initial)
    if request.method == "POST" and may_write and form.is_valid():
        try:
            services.change_rate(found, request.user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("rates:list")
    return _form(request, form, found, may_write)


@role_required(*KEEPERS)
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what was entered by mistake."""
    services.remove_rate(get_object_or_404(ExchangeRate.objects.visible_to(request.user), pk=pk), request.user)
    messages.success(request, _("The rate is removed."))
    return redirect("rates:list")


def _form(
    request: HttpRequest, form: RateForm, found: ExchangeRate | None = None, may_write: bool = True
) -> HttpResponse:
    facts = {"form": form, "rate": found, "may_write": may_write, "currency": base_currency()}
    return render(request, "erp/rates/form.html", facts, status=422 if form.is_bound else 200)
