"""The verbs of vouchers: write, change, submit, send back, post, discard.

A small voucher is posted by its author. From the company's limit on it is submitted, and posted by somebody else.
"""

from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from base.notices import notify
from base.recording import keep_made
from base.refusals import BadInput, ChangedMeanwhile, MoveRefused, NotAllowed, Refused
from base.roles import require
from erp.ledger import services as ledger
from erp.ledger.dimensions import by_code
from erp.ledger.models import Account, Company, Journal, Voucher, VoucherLine, VoucherStatus
from erp.ledger.refusals import (
    UNKNOWN,
    AccountUnknown,
    BooksRefused,
    DebitOrCredit,
    JournalUnknown,
    TooFewLines,
    TooFine,
)
from erp.ledger.services import CENT, Line, Posting

WRITERS = ("accountant", "admin")


class SecondPerson(NotAllowed, BooksRefused):
    """Who wrote a voucher does not approve it."""

    message = _("You wrote this voucher; somebody else posts it.")


class NeedsApproval(BooksRefused):
    """Too large to be posted by one person alone."""

    message = _("Vouchers from {limit} on need a second person: submit it for approval.")


@transaction.atomic
def write(
    by: Any,
    journal: str,
    date: date,
    text: str,
    lines: Sequence[Line],
    *,
    of: Company | None = None,
    identity: UUID | None = None,
    reverse_on: date | None = None,
) -> Voucher:
    """A new draft; the same `identity` sent again gives the draft that is there (a form sent twice).

    What is accrued is taken back on `reverse_on`: from that day on its entry is reversed, dated so.
    """
    require(by, *WRITERS)
    if identity and (known := Voucher.objects.filter(pk=identity).first()):
        return known
    return draft(by, journal, date, text, lines, of=of, identity=identity, reverse_on=reverse_on)


@transaction.atomic
def draft(
    by: Any,
    journal: str,
    date: date,
    text: str,
    lines: Sequence[Line],
    *,
    of: Company | None = None,
    identity: UUID | None = None,
    reverse_on: date | None = None,
) -> Voucher:
    """As `write`, for the machine, which writes in the name of somebody who once said so."""
    voucher = Voucher(company=of or ledger.company(), created_by=by)
    if identity:
        voucher.pk = identity
    _fill(voucher, journal, date, text, reverse_on)
    voucher.save()
    _write_lines(voucher, lines)
    return voucher


@transaction.atomic
def change(
    voucher: Voucher,
    by: Any,
    journal: str,
    date: date,
    text: str,
    lines: Sequence[Line],
    *,
    seen: str = "",
    reverse_on: date | None = None,
) -> Voucher:
    """Another content for a draft; `seen` is the revision the person had in view."""
    require(by, *WRITERS)
    voucher = _locked(voucher)
    if voucher.status != VoucherStatus.DRAFT:
        raise _wrong_state(voucher, _("changed"))
    if seen and seen != revision(voucher):
        raise ChangedMeanwhile()
    _fill(voucher, journal, date, text, reverse_on)
    voucher.save()
    voucher.lines.all().delete()
    _write_lines(voucher, lines)
    return voucher


@transaction.atomic
def submit(voucher: Voucher, by: Any) -> Voucher:
    """Ask a second person to look at it and post it."""
    require(by, *WRITERS)
    voucher = _locked(voucher)
    lines = _lines(voucher)
    if difference := ledger.imbalance(lines):
        debit = sum((line.debit for line in lines), Decimal(0))
        raise ledger.NotBalanced(debit=debit, credit=debit - difference, difference=difference)
    if len(lines) < 2:
        raise TooFewLines(lines=len(lines))
    _move(voucher, _("submitted"), voucher.submit)
    return voucher


@transaction.atomic
def send_back(voucher: Voucher, by: Any, note: str) -> Voucher:
    """Back to its author, saying what to change; an author may take it back too."""
    require(by, *WRITERS)
    if not note.strip():
        raise BadInput(why=_("Say what should change."), field="note")
    voucher = _locked(voucher)
    _move(voucher, _("sent back"), voucher.send_back, note.strip()[:250])
    return voucher


@transaction.atomic
def post(voucher: Voucher, by: Any, today: date | None = None) -> Voucher:
    """Into the books. From the company's limit on: submitted before, and by somebody other than its author."""
    require(by, *WRITERS)
    voucher = _locked(voucher)
    if voucher.status == VoucherStatus.POSTED:
        return voucher
    if voucher.status == VoucherStatus.SUBMITTED and voucher.created_by_id == by.pk:
        raise SecondPerson()
    if voucher.status == VoucherStatus.DRAFT and needs_second_person(voucher):
        raise NeedsApproval(limit=f"{voucher.company.approval_from} {voucher.company.base_currency}")
    if voucher.status == VoucherStatus.DISCARDED:
        raise _wrong_state(voucher, _("posted"))
    entry = ledger.post(
        Posting(
            journal=voucher.journal.code,
            date=voucher.date,
            text=voucher.text,
            key=f"voucher:{voucher.pk}",
            source=("voucher", voucher.pk),
            lines=_lines(voucher),
            company=voucher.company,
        )
    )
    _move(voucher, _("posted"), voucher.post, entry, by)
    if voucher.reverse_on and voucher.reverse_on <= (today or timezone.localdate()):
        take_back(voucher)
    return voucher


@transaction.atomic
def take_back(voucher: Voucher) -> None:
    """Reverse an accrual on its day; done once, by whoever is first."""
    voucher = _locked(voucher)
    assert voucher.entry
    assert voucher.reverse_on
    if voucher.entry.reversal is None:
        ledger.reverse(voucher.entry, voucher.reverse_on, f"{voucher.entry.number}: {voucher.text}")


def take_back_due(today: date) -> int:
    """For the clock: every accrual whose day has come; one that is refused keeps back no other and is told of."""
    count = 0
    for voucher in Voucher.objects.to_take_back(today).select_related("created_by").order_by("reverse_on", "pk"):
        try:
            take_back(voucher)
            count += 1
        except Refused as refusal:
            words = format_lazy(_("{name} could not be reversed on its day: {why}"), name=voucher.text, why=refusal)
            notify([voucher.created_by], words, voucher.get_absolute_url(), "bad")
    return count


@transaction.atomic
def discard(voucher: Voucher, by: Any) -> Voucher:
    """Not wanted after all; it stays in the list of discarded ones."""
    require(by, *WRITERS)
    voucher = _locked(voucher)
    _move(voucher, _("discarded"), voucher.discard)
    return voucher


def needs_second_person(voucher: Voucher) -> bool:
    """Is it large enough that one person alone may not post it?"""
    return bool(voucher.total >= voucher.company.approval_from)


def revision(voucher: Voucher) -> str:
    """Changes with every change of the voucher."""
    return voucher.updated_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")


def _fill(voucher: Voucher, journal: str, date: date, text: str, reverse_on: date | None) -> None:
    if not text.strip():
        raise BadInput(why=_("Say what the voucher is about."), field="text")
    if reverse_on and reverse_on <= date:
        raise BadInput(why=_("It can be reversed from the day after on."), field="reverse_on")
    book = Journal.objects.filter(company=voucher.company, code=journal).first()
    if book is None:
        raise JournalUnknown(journal=journal)
    voucher.journal, voucher.date, voucher.text = book, date, text.strip()[:250]
    voucher.reverse_on = reverse_on


def _write_lines(voucher: Voucher, lines: Sequence[Line]) -> None:
    """The lines as typed; balance is asked when it is posted."""
    accounts = judge(voucher.company, lines)
    named = named_lines(voucher.company, lines)
    rows = [
        VoucherLine(
            voucher=voucher,
            position=position,
            account=accounts[line.account],
            debit=line.debit,
            credit=line.credit,
            party=line.party or "",
            due=line.due,
            tax_code=line.tax_code or "",
            text=line.text[:250],
            **dimensions,
        )
        for position, (line, dimensions) in enumerate(zip(lines, named, strict=True), 1)
    ]
    keep_made(VoucherLine.objects.bulk_create(rows))


def judge(company: Company, lines: Sequence[Line]) -> dict[str, Account]:
    """The accounts of the lines by their codes; refuses unknown ones, and amounts that are not one of whole cents."""
    codes = {line.account for line in lines}
    accounts = {one.code: one for one in Account.objects.filter(company=company, code__in=codes)}
    for position, line in enumerate(lines, 1):
        if line.account not in accounts:
            raise AccountUnknown(line=position, account=line.account)
        if line.debit < 0 or line.credit < 0 or bool(line.debit) == bool(line.credit):
            raise DebitOrCredit(line=position, debit=line.debit, credit=line.credit)
        amount = line.debit or line.credit
        if not amount.is_finite() or amount != amount.quantize(CENT):
            raise TooFine(line=position)
    return accounts


def named_lines(company: Company, lines: Sequence[Any]) -> list[dict[str, Any]]:
    """The cost centre and the project of each line; refuses a code that is none.

    Whether it is in use, and whether the account asks for one, is seen when it is posted.
    """
    found: list[dict[str, Any]] = []
    known = {kind: by_code(company, kind, {getattr(line, kind) for line in lines}) for kind in UNKNOWN}
    for position, line in enumerate(lines, 1):
        told = {kind: getattr(line, kind) for kind in UNKNOWN}
        for kind, code in told.items():
            if code and code not in known[kind]:
                raise UNKNOWN[kind](line=position, code=code)
        found.append({kind: known[kind].get(code or "") for kind, code in told.items()})
    return found


def _lines(voucher: Voucher) -> list[Line]:
    return [
        Line(
            account=line.account.code,
            debit=line.debit,
            credit=line.credit,
            party=line.party or None,
            due=line.due,
            tax_code=line.tax_code or None,
            text=line.text,
            cost_centre=line.cost_centre.code if line.cost_centre else None,
            project=line.project.code if line.project else None,
        )
        for line in voucher.lines.select_related("account", "cost_centre", "project")
    ]


def _locked(voucher: Voucher) -> Voucher:
    """The voucher as it stands now; who comes second waits here."""
    found: Voucher = (
        Voucher.objects.select_for_update(of=("self",)).select_related("company", "journal").get(pk=voucher.pk)
    )
    return found


def _move(voucher: Voucher, verb: Any, transition: Any, *facts: Any) -> None:
    try:
        transition(*facts)
    except TransitionNotAllowed:
        raise _wrong_state(voucher, verb) from None
    voucher.save()


def _wrong_state(voucher: Voucher, verb: Any) -> MoveRefused:
    return MoveRefused(what=voucher.text, state=voucher.get_status_display(), verb=verb)
