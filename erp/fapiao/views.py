"""Pages of the register: the list, a fapiao with its trail, and the steps an accountant takes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import once
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.stepup import step_up_required
from erp.banking.forms import carried_out
from erp.fapiao import amounts, services
from erp.fapiao.forms import EnterForm, NumberForm, RedForm, RequestForm
from erp.fapiao.lists import FAPIAOS, state_of
from erp.fapiao.models import Fapiao, FapiaoStatus
from erp.fapiao.roles import READERS, WRITERS
from erp.invoices.models import Invoice


@role_required(*READERS)
def fapiao_list(request: HttpRequest) -> HttpResponse:
    """The register, the last first."""
    return show(request, FAPIAOS)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What it says at the left, where it stands and what can be done at the right."""
    return _page(request, _fapiao(request, pk))


@role_required(*WRITERS)
def new(request: HttpRequest, invoice: UUID) -> HttpResponse:
    """Ask the provider for the invoice's fapiao."""
    return _new(request, invoice, RequestForm, services.request, "request")


@role_required(*WRITERS)
def enter(request: HttpRequest, invoice: UUID) -> HttpResponse:
    """Enter one that was issued by hand, on the pages of the tax bureau."""
    return _new(request, invoice, EnterForm, services.enter, "enter")


@role_required(*WRITERS)
@require_POST
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was asked for was issued by hand."""
    found, form = _fapiao(request, pk), NumberForm(request.POST)
    done = carried_out(form, lambda told: services.record(found, by=request.user, **told))
    if done is None:
        return _page(request, found, status=422, number=form)
    messages.success(request, _("Fapiao {number} is in the register.").format(number=done.told_number))
    return redirect(done)


@role_required(*WRITERS)
@require_POST
@step_up_required
def red(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a red letter of it."""
    found = _fapiao(request, pk)
    form = RedForm(found, request.POST)
    made = carried_out(form, lambda told: services.take_back(found, by=request.user, id=once(request.POST), **told))
    if made is None:
        return _page(request, found, status=422, red=form)
    done = _("Fapiao {number} is in the register.") if made.number else _("The red letter is asked for.")
    messages.success(request, done.format(number=made.told_number))
    return redirect(made)


@role_required(*WRITERS)
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It is not wanted any more."""
    found = _fapiao(request, pk)
    try:
        services.withdraw(found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is withdrawn."))
    return redirect(found)


def _new(
    request: HttpRequest, pk: UUID, form_class: type[RequestForm], act: Callable[..., Fapiao], step: str
) -> HttpResponse:
    invoices = Invoice.objects.visible_to(request.user).select_related("company", "party")
    invoice = get_object_or_404(invoices, pk=pk)
    form = form_class.of(invoice, request.POST or None)
    if request.method == "POST":
        made = carried_out(form, lambda told: act(invoice, by=request.user, id=once(request.POST), **told))
        if made is not None:
            done = _("Fapiao {number} is in the register.") if made.number else _("The fapiao is asked for.")
            messages.success(request, done.format(number=made.told_number))
            return redirect(made)
    said = amounts.of_invoice(invoice)
    net, tax = amounts.sums(said)
    facts: dict[str, Any] = {
        "form": form, "step": step, "invoice": invoice, "amounts": amounts.told(said), "net": net, "tax": tax,
        "gross": net + tax, "seller": services.seller_of(invoice.company)[1],
    }  # fmt: skip
    return render(request, "erp/fapiao/form.html", facts, status=422 if request.method == "POST" else 200)


def _fapiao(request: HttpRequest, pk: UUID) -> Fapiao:
    rows = Fapiao.objects.visible_to(request.user).for_list().select_related("company")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: Fapiao, status: int = 200, **given: Any) -> HttpResponse:
    may_write = has_role(request.user, *WRITERS)
    reds = found.reds.select_related("invoice", "credit_note").order_by("requested_at", "pk")
    can_be_red = may_write and not found.is_red and found.status == FapiaoStatus.ISSUED
    facts: dict[str, Any] = {
        "fapiao": found,
        "state": state_of(found),
        "amounts": found.amounts.all(),
        "reds": [(one, state_of(one)) for one in reds],
        "left": sum(amounts.sums(amounts.left_of(found))) if reds else None,
        "may_write": may_write,
        "number": given.get("number") or NumberForm() if may_write and found.status == FapiaoStatus.REQUESTED else None,
        "red": given.get("red") or RedForm(found) if can_be_red else None,
    }
    return render(request, "erp/fapiao/detail.html", facts, status=status)
