"""Pages of vouchers: the list, the grid, and the steps of a voucher's life."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.ids import uuid7
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from erp.ledger import attaching, services, vouchers
from erp.ledger.dimensions import KINDS
from erp.ledger.forms import Grid, NoteForm, VoucherForm
from erp.ledger.lists import VOUCHERS
from erp.ledger.models import Account, Company, Dimension, Voucher, VoucherStatus
from erp.ledger.views import READERS, WRITERS


@role_required(*READERS)
def voucher_list(request: HttpRequest) -> HttpResponse:
    """Vouchers by state, newest first."""
    return show(request, VOUCHERS)


@role_required(*WRITERS)
def new(request: HttpRequest) -> HttpResponse:
    """An empty grid; the page brings the voucher's identity, so that a doubled submit is one voucher."""
    if request.method == "POST":
        return _save(request, None)
    start = {"date": timezone.localdate(), "journal": "general"}
    return _grid(request, None, VoucherForm(initial=start), Grid([]), uuid7())


@role_required(*READERS)
def voucher(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A draft as a grid for who may write; what is submitted or posted as it stands."""
    found = get_object_or_404(Voucher.objects.visible_to(request.user).with_all(), pk=pk)
    editable = found.status == VoucherStatus.DRAFT and has_role(request.user, *WRITERS)
    if request.method == "POST" and editable:
        return _save(request, found)
    if not editable:
        return _document(request, found)
    start = {"date": found.date, "journal": found.journal.code, "text": found.text, "reverse_on": found.reverse_on}
    return _grid(request, found, VoucherForm(initial=start), Grid.of_lines(found.lines.all()), found.pk)


@require_POST
@role_required(*WRITERS)
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One step of a voucher's life: post, submit, send back, discard."""
    found = get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk)
    step = request.POST.get("step", "")
    if step == "send_back":
        form = NoteForm(request.POST)
        if not form.is_valid():
            return _document(request, Voucher.objects.visible_to(request.user).with_all().get(pk=pk), form)
        vouchers.send_back(found, request.user, form.cleaned_data["note"])
        messages.success(request, _("The voucher went back to its author."))
    elif step in ("post", "submit", "discard"):
        _say(request, getattr(vouchers, step)(found, request.user))
    return redirect("ledger:vouchers" if step == "discard" else found)


def _save(request: HttpRequest, known: Voucher | None) -> HttpResponse:
    """Keep what was typed, and post or submit it if asked; on a refusal nothing is kept but all stays on the screen."""
    form, grid = VoucherForm(request.POST), Grid.typed(request.POST)
    identity = known.pk if known else _identity(request)
    if form.is_valid() and grid.valid:
        try:
            saved = _kept(request, known, identity, form.cleaned_data, grid)
        except Refused as refusal:
            show_refusal(refusal, form, grid)
        else:
            _say(request, saved)
            return redirect(saved)
    return _grid(request, known, form, grid, identity, status=422)


@transaction.atomic
def _kept(request: HttpRequest, known: Voucher | None, identity: UUID, told: dict[str, Any], grid: Grid) -> Voucher:
    if known:
        saved = vouchers.change(known, request.user, **told, lines=grid.lines, seen=request.POST.get("seen", ""))
    else:
        saved = vouchers.write(request.user, **told, lines=grid.lines, identity=identity)
    step = request.POST.get("step")
    if step == "post":
        return vouchers.post(saved, request.user)
    return vouchers.submit(saved, request.user) if step == "submit" else saved


def show_refusal(refusal: Refused, form: BaseForm, grid: Grid) -> None:
    """Put a refusal where it belongs: into the cell, at the field, or over the grid."""
    line, column = getattr(refusal, "line", None), getattr(refusal, "column", "") or "account"
    if not (line and grid.blame(line, column, str(refusal))):
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _say(request: HttpRequest, saved: Voucher) -> None:
    words = {
        VoucherStatus.POSTED: _("Posted as {number}."),
        VoucherStatus.SUBMITTED: _("Submitted: a second person posts it."),
        VoucherStatus.DRAFT: _("Draft saved."),
        VoucherStatus.DISCARDED: _("The voucher is discarded."),
    }[VoucherStatus(saved.status)]
    messages.success(request, words.format(number=saved.entry.number if saved.entry else ""))


def _identity(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("identity", ""))
    except ValueError:
        return uuid7()


def _grid(
    request: HttpRequest, known: Voucher | None, form: VoucherForm, grid: Grid, identity: UUID, status: int = 200
) -> HttpResponse:
    company = services.company()
    facts = {
        "voucher": known,
        "form": form,
        "rows": grid.padded(),
        "identity": identity,
        "seen": (request.POST.get("seen") or vouchers.revision(known)) if known else "",
        "accounts": choices(request.user, company),
        "dimensions": dimension_choices(request.user, company, grid),
        "currency": company.base_currency,
        "limit": company.approval_from,
        "papers": list(known.attachments.for_list()) if known else [],
        "accept": attaching.ACCEPT,
    }
    return render(request, "erp/ledger/voucher.html", facts, status=status)


def choices(user: Any, company: Company) -> list[list[Any]]:
    """The accounts that a line may take, as the grid's script looks them up."""
    rows = Account.objects.visible_to(user).filter(company=company, active=True, is_group=False).order_by("code")
    return [[one.code, one.label, one.initials, one.control] for one in rows]


def dimension_choices(user: Any, company: Company, grid: Grid) -> dict[str, list[list[Any]]]:
    """Cost centres and projects that a line may take; a kind that the company does not use has no column."""
    rows = Dimension.objects.visible_to(user).filter(company=company, active=True).order_by("code")
    found: dict[str, list[list[Any]]] = {kind: [] for kind in KINDS if any(row.values[kind] for row in grid.rows)}
    for one in rows:
        found.setdefault(one.kind, []).append([one.code, one.label, one.initials])
    return found


def _document(request: HttpRequest, found: Voucher, form: NoteForm | None = None) -> HttpResponse:
    submitted = found.status == VoucherStatus.SUBMITTED and has_role(request.user, *WRITERS)
    facts = {
        "voucher": found,
        "lines": found.lines.all(),
        "currency": found.company.base_currency,
        "may_post": submitted and found.created_by_id != request.user.pk,
        "may_send_back": submitted,
        "may_write": has_role(request.user, *WRITERS),
        "form": form or NoteForm(),
        "papers": list(found.attachments.for_list()),
        "accept": attaching.ACCEPT,
    }
    return render(request, "erp/ledger/voucher_document.html", facts, status=422 if form else 200)
