"""Pages of the books: journal, entry, trial balance, accounts, periods. Vouchers have theirs in voucher_views.py."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.refusals import BadInput, Refused
from base.roles import has_role, role_required
from base.sheets import Heading, Line, as_file
from base.stepup import step_up_required
from erp.ledger import attaching, closing, services, sources
from erp.ledger.forms import AccountForm, ReverseForm, TrialBalanceForm
from erp.ledger.lists import JOURNAL, LINES, OF_AN_ACCOUNT
from erp.ledger.lists import READERS as READERS
from erp.ledger.lists import WRITERS as WRITERS
from erp.ledger.models import Account, Attachment, JournalEntry, JournalLine, Period
from erp.ledger.plaintext import DIALECTS, books
from erp.ledger.reporting import sheet_of
from erp.ledger.reports import Row, TrialBalance, balances, trial_balance


@role_required(*READERS)
def journal(request: HttpRequest) -> HttpResponse:
    """Every entry, newest first."""
    return show(request, JOURNAL)


@role_required(*READERS)
def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entry: what was posted, what caused it, what undid it."""
    entries = JournalEntry.objects.visible_to(request.user).select_related(
        "journal", "period", "company", "reverses", "reversed_by"
    )
    found = get_object_or_404(entries, pk=pk)
    lines = list(found.lines.select_related("account", "cost_centre", "project"))
    source = {"source_type": found.source_type, "source_id": found.source_id}
    related = (
        JournalEntry.objects.visible_to(request.user).filter(**source).exclude(pk=pk).order_by("date", "pk")
        if found.source_id
        else []
    )
    by_document = sources.keeps(found.source_type) or any(line.account.control for line in lines)
    facts = {
        "entry": found,
        "lines": lines,
        "related": related,
        "by_document": by_document,
        "reversible": not (by_document or found.reversal or found.reverses_id),
        "credit": sum(line.credit for line in lines),
        "papers": list(Attachment.objects.visible_to(request.user).of_entry(found).for_list()),
        "accept": attaching.ACCEPT,
        **_common(request),
    }
    return render(request, "erp/ledger/entry.html", facts)


@role_required(*WRITERS)
@step_up_required
def reverse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Undo an entry by its mirror."""
    found = get_object_or_404(JournalEntry.objects.visible_to(request.user).select_related("journal"), pk=pk)
    today = max(timezone.localdate(), found.date)
    form = ReverseForm(request.POST or None, initial={"date": today})
    if request.method == "POST" and form.is_valid():
        try:
            undone = services.reverse_by_hand(found, form.cleaned_data["date"], form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            words = _("{number} is reversed by {reversal}.")
            messages.success(request, words.format(number=found.number, reversal=undone.number))
            return redirect(undone)
    return render(
        request, "erp/ledger/reverse.html", {"entry": found, "form": form}, status=422 if form.errors else 200
    )


@role_required(*READERS)
def trial(request: HttpRequest) -> HttpResponseBase:
    """Every account's opening, movements and balance; each leads to its lines."""
    form = TrialBalanceForm(request.GET or None, initial={"as_of": timezone.localdate()})
    try:
        asked = form.asked() if form.is_bound else {"as_of": timezone.localdate()}
    except Refused:
        asked = {"as_of": timezone.localdate()}
    balance = trial_balance(services.company(), **asked)
    if file_format := request.GET.get("format"):
        return _as_file(request, balance, file_format)
    return render(request, "erp/ledger/trial_balance.html", {"balance": balance, "form": form, **_common(request)})


def _as_file(request: HttpRequest, balance: TrialBalance, file_format: str) -> HttpResponseBase:
    """The same rows for a spreadsheet; on paper by kind of account, with the sums."""
    amounts = [Heading(str(name), is_number=True) for name in (_("Opening"), _("Debit"), _("Credit"), _("Closing"))]
    columns = [Heading(_("Account")), Heading(_("Name"), indents=True), *amounts]
    lines = _grouped(balance) if file_format == "pdf" else map(_line, balance.rows)
    sheet = sheet_of(
        services.company(), _("Trial balance"), columns, lines, by=request.user,
        start=balance.start, end=balance.as_of, known=balance.known, only=balance.only,
    )  # fmt: skip
    return as_file(sheet, file_format, f"trial-balance-{balance.as_of.isoformat()}")


def _line(row: Row) -> Line:
    return Line([row.account.code, row.account.label, row.opening, row.debit, row.credit, row.closing])


def _grouped(balance: TrialBalance) -> Iterator[Line]:
    for group in balance.groups:
        yield Line(["", str(capfirst(group.label)), group.opening, group.debit, group.credit, group.closing], "heading")
        yield from map(_line, group.rows)
    yield Line(["", _("Total"), balance.opening, balance.debit, balance.credit, balance.closing], "sum")


@role_required(*READERS)
def account(request: HttpRequest, ref: str) -> HttpResponse:
    """The general ledger of one account, by code or role: its lines with the balance after each."""
    found = services.account(ref)
    fixed = {"account": found.code}
    if not {"columns", "view"} & set(request.GET):
        fixed["columns"] = OF_AN_ACCOUNT
    balance = JournalLine.objects.visible_to(request.user).filter(account=found).balance()
    facts = {"account": found, "balance": balance, **_common(request)}
    return show(request, LINES, fixed=fixed, template="erp/ledger/account.html", **facts)


@role_required(*READERS)
def lines(request: HttpRequest) -> HttpResponse:
    """Every line of every account."""
    return show(request, LINES)


@role_required(*READERS)
def chart(request: HttpRequest) -> HttpResponse:
    """The chart of accounts as a tree, with what stands on each."""
    company = services.company()
    standing = balances(company)
    accounts = list(Account.objects.visible_to(request.user).filter(company=company).order_by("code"))
    depths: dict[UUID | None, int] = {None: 0}
    for one in accounts:
        depths[one.pk] = depths.get(one.parent_id, 0) + 1
        one.depth, one.balance = depths[one.pk], standing[one.pk]  # type: ignore[attr-defined]
    return render(request, "erp/ledger/chart.html", {"accounts": accounts, **_common(request)})


@role_required(*WRITERS)
def edit_account(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Add an account, or rename one."""
    known = (
        get_object_or_404(Account.objects.visible_to(request.user), pk=pk)
        if pk
        else Account(company=services.company())
    )
    form = AccountForm(request.POST or None, instance=known)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_account(form.save(commit=False), request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("{account} is in the chart.").format(account=saved))
            return redirect("ledger:chart")
    return render(request, "erp/ledger/account_form.html", {"form": form, "account": known if pk else None})


@role_required(*READERS)
def plain_text(request: HttpRequest, dialect: str) -> StreamingHttpResponse:
    """The whole books as a file for another program to check."""
    if dialect not in DIALECTS:
        raise Http404
    return books_file(dialect)


def books_file(dialect: str) -> StreamingHttpResponse:
    """The books in that language, written while they are sent."""
    answer = StreamingHttpResponse(
        books(services.company(), DIALECTS[dialect]()), content_type="text/plain; charset=utf-8"
    )
    ending = "beancount" if dialect == "beancount" else "journal"
    answer["Content-Disposition"] = f'attachment; filename="books-{timezone.localdate()}.{ending}"'
    return answer


@role_required(*READERS)
def periods(request: HttpRequest) -> HttpResponse:
    """The months of the books and how far each is closed."""
    found = Period.objects.visible_to(request.user).filter(company=services.company()).select_related("fiscal_year")
    rows = found.annotate(entry_count=Count("entries")).order_by("-starts_on")
    return render(request, "erp/ledger/periods.html", {"periods": rows, **_common(request)})


@role_required(*READERS)
def period(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is still to do in a period, how far it is closed, and who moved it."""
    periods = Period.objects.visible_to(request.user).select_related("fiscal_year", "company")
    found = get_object_or_404(periods, pk=pk)
    facts = {
        "period": found,
        "outcomes": closing.checklist(found),
        "changes": found.changes.order_by("-changed_at"),
        "transfer": closing.transfers(found.fiscal_year).filter(reversed_by=None).first(),
        "last": found.ends_on == found.fiscal_year.ends_on,
        **_common(request),
    }
    return render(request, "erp/ledger/period.html", facts)


@require_POST
@role_required(*WRITERS)
@step_up_required
def set_period(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One step forward or back."""
    period = get_object_or_404(Period.objects.visible_to(request.user), pk=pk)
    status, reason = request.POST.get("status", ""), request.POST.get("reason", "")
    if status == "back":
        moved = closing.reopen(period, request.user, reason)
    elif status in ("closing", "closed", "hard"):
        moved = closing.close(period, request.user, status, reason)
    else:
        raise BadInput(why=_("A period can be closing, closed, or closed for good."), field="status")
    words = _("{period} is {status} now.")
    messages.success(request, words.format(period=moved, status=moved.get_status_display()))
    return redirect("ledger:period", pk)


@require_POST
@role_required(*WRITERS)
@step_up_required
def end_year(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Transfer the year's result to retained earnings."""
    period = get_object_or_404(Period.objects.visible_to(request.user).select_related("fiscal_year"), pk=pk)
    entry = closing.end_year(period.fiscal_year, request.user)
    words = _("{number} transfers the result of {year}.")
    messages.success(request, words.format(number=entry.number, year=period.fiscal_year))
    return redirect(entry)


def _common(request: HttpRequest) -> dict[str, Any]:
    """What every page of the books needs."""
    return {"currency": services.base_currency(), "may_write": has_role(request.user, *WRITERS)}
