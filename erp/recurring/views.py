"""Pages of recurring vouchers: the list, the grid, and one with what came of it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.ids import uuid7
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from erp.ledger.forms import Grid
from erp.ledger.models import Voucher
from erp.ledger.roles import READERS, WRITERS
from erp.ledger.services import base_currency, company
from erp.ledger.voucher_views import choices, dimension_choices, show_refusal
from erp.recurring import services
from erp.recurring.forms import RecurringForm
from erp.recurring.lists import RECURRING
from erp.recurring.models import RecurringStatus, RecurringVoucher

SHOWN = 60


@role_required(*READERS)
def recurring_list(request: HttpRequest) -> HttpResponse:
    """Every pattern with its next day."""
    return show(request, RECURRING)


@role_required(*WRITERS)
def new(request: HttpRequest) -> HttpResponse:
    """An empty pattern, or one like a voucher that is there."""
    if request.method == "POST":
        return _save(request, None)
    start: dict[str, Any] = {"journal": "general", "first_on": timezone.localdate()}
    grid = Grid([])
    if voucher := _voucher_named(request):
        start |= {"journal": voucher.journal.code, "text": voucher.text, "name": voucher.text[:120]}
        grid = Grid.of_lines(voucher.lines.all())
    return _grid(request, None, RecurringForm(initial=start), grid, uuid7())


@role_required(*WRITERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another content from the next time on."""
    found = _found(request, pk)
    if found.status == RecurringStatus.ENDED:
        return redirect(found)
    if request.method == "POST":
        return _save(request, found)
    form = RecurringForm(instance=found, initial={"journal": found.journal.code})
    return _grid(request, found, form, Grid.of_lines(found.lines.all()), found.pk)


@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its lines, its rhythm, and the vouchers that came of it."""
    found = _found(request, pk)
    writes = has_role(request.user, *WRITERS)
    facts = {
        "recurring": found,
        "lines": found.lines.all(),
        "currency": found.company.base_currency,
        "occurrences": found.occurrences.select_related("voucher__entry")[:SHOWN],
        "may_write": writes and found.status != RecurringStatus.ENDED,
        "may_take": writes and found.status == RecurringStatus.ACTIVE,
    }
    return render(request, "erp/recurring/detail.html", facts)


@require_POST
@role_required(*WRITERS)
def move(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """Pause, resume or end it."""
    found = _found(request, pk)
    try:
        {"pause": services.pause, "resume": services.resume, "end": services.end}[step](found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        words = {"pause": _("It is paused."), "resume": _("It goes on."), "end": _("It has ended.")}
        messages.success(request, words[step])
    return redirect(found)


@require_POST
@role_required(*WRITERS)
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The next draft now."""
    found = _found(request, pk)
    try:
        voucher = services.take(found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("The draft is written: look at it and post it."))
    return redirect(voucher)


def _found(request: HttpRequest, pk: UUID) -> RecurringVoucher:
    return get_object_or_404(RecurringVoucher.objects.visible_to(request.user).with_all(), pk=pk)


def _voucher_named(request: HttpRequest) -> Voucher | None:
    try:
        named = UUID(request.GET.get("voucher", ""))
    except ValueError:
        return None
    return Voucher.objects.visible_to(request.user).with_all().filter(pk=named).first()


def _save(request: HttpRequest, known: RecurringVoucher | None) -> HttpResponse:
    """Keep what was typed; on a refusal nothing is kept but all stays on the screen."""
    form, grid = RecurringForm(request.POST), Grid.typed(request.POST)
    identity = known.pk if known else _identity(request)
    if form.is_valid() and grid.valid:
        lines = [replace(line, due=None) for line in grid.lines]
        try:
            if known:
                saved = services.change(known, request.user, form.pattern, lines)
            else:
                saved = services.write(request.user, form.pattern, lines, identity=identity)
        except Refused as refusal:
            show_refusal(refusal, form, grid)
        else:
            messages.success(request, _("“{name}” is kept.").format(name=saved.name))
            return redirect(saved)
    return _grid(request, known, form, grid, identity, status=422)


def _identity(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("identity", ""))
    except ValueError:
        return uuid7()


def _grid(
    request: HttpRequest,
    known: RecurringVoucher | None,
    form: RecurringForm,
    grid: Grid,
    identity: UUID,
    status: int = 200,
) -> HttpResponse:
    facts = {
        "recurring": known,
        "form": form,
        "rows": grid.padded(),
        "identity": identity,
        "accounts": choices(request.user, company()),
        "dimensions": dimension_choices(request.user, company(), grid),
        "currency": base_currency(),
    }
    return render(request, "erp/recurring/form.html", facts, status=status)
