"""The verbs of recurring vouchers: write, change, pause, resume, end, and bring what is due.

A pattern makes drafts; who posts them, and whether a second person must, is the voucher's own rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from base.notices import notify
from base.recording import keep_made
from base.refusals import BadInput, MoveRefused, Refused
from base.roles import require
from erp.ledger import services as ledger
from erp.ledger import vouchers
from erp.ledger.models import Journal, Voucher
from erp.ledger.refusals import JournalUnknown, NotBalanced, TooFewLines
from erp.ledger.roles import WRITERS
from erp.ledger.services import CENT, Line
from erp.recurring.models import Occurrence, RecurringLine, RecurringStatus, RecurringVoucher
from erp.recurring.rhythm import Every, day_of, first_of_next_month, share

AT_MOST = 120  # ten years of months at once; more is a slip of the pen in the first day


class NameTaken(Refused):
    """People find a pattern by its name."""

    message = _("There is a recurring voucher “{name}” already.")
    field = "name"


class TooLittleToSpread(Refused):
    """A share must be a cent at least, on every line."""

    message = _("The amounts are too small to be shared out over {times} times.")
    status = 422
    field = "times"


class WrittenAlready(Refused):
    """What came of a pattern stays: it cannot have come fewer times, nor on other days."""

    message = _("{written} vouchers were written by this pattern already; {what} stays as it is.")


@dataclass(frozen=True)
class Pattern:
    """What a recurring voucher says, apart from its lines."""

    name: str
    journal: str
    text: str
    first_on: date
    every: str = Every.MONTH
    times: int | None = None
    spread: bool = False
    reverse_next: bool = False


@transaction.atomic
def write(
    by: Any, told: Pattern, lines: Sequence[Line], *, identity: UUID | None = None, today: date | None = None
) -> RecurringVoucher:
    """A new pattern; what is due by today is written at once. The same `identity` sent again changes nothing."""
    today = today or timezone.localdate()
    require(by, *WRITERS)
    company = ledger.company()
    if identity and (known := RecurringVoucher.objects.filter(pk=identity).first()):
        return known
    recurring = RecurringVoucher(company=company, created_by=by)
    if identity:
        recurring.pk = identity
    _fill(recurring, told, lines, today)
    bring(recurring, today)
    return recurring


@transaction.atomic
def change(recurring: RecurringVoucher, by: Any, told: Pattern, lines: Sequence[Line]) -> RecurringVoucher:
    """From the next time on; the rhythm and the spread stay once something was written."""
    require(by, *WRITERS)
    recurring = _locked(recurring)
    if recurring.status == RecurringStatus.ENDED:
        raise MoveRefused(what=recurring.name, state=recurring.get_status_display(), verb=_("changed"))
    if recurring.written:
        for name, what in (("every", _("how often")), ("first_on", _("the first day")), ("spread", _("the spread"))):
            if getattr(recurring, name) != getattr(told, name):
                raise WrittenAlready(written=recurring.written, what=what)
        if recurring.spread and told.times != recurring.times:
            raise WrittenAlready(written=recurring.written, what=_("how many times"))
        if told.times is not None and told.times < recurring.written:
            raise WrittenAlready(written=recurring.written, what=_("how many times"))
    recurring.lines.all().delete()
    _fill(recurring, told, lines, timezone.localdate())
    return recurring


@transaction.atomic
def pause(recurring: RecurringVoucher, by: Any) -> RecurringVoucher:
    """Nothing is written until it is resumed."""
    return _moved(recurring, by, "pause", _("paused"))


@transaction.atomic
def resume(recurring: RecurringVoucher, by: Any, today: date | None = None) -> RecurringVoucher:
    """What became due meanwhile is written now."""
    recurring = _moved(recurring, by, "resume", _("resumed"))
    bring(recurring, today or timezone.localdate())
    return recurring


@transaction.atomic
def end(recurring: RecurringVoucher, by: Any) -> RecurringVoucher:
    """Nothing comes of it any more; what was written stays."""
    return _moved(recurring, by, "end", _("ended"))


@transaction.atomic
def remove(recurring: RecurringVoucher, by: Any) -> None:
    """Take back a pattern that nothing came of; the history keeps it. Of any other one say that it ends."""
    require(by, *WRITERS)
    recurring = _locked(recurring)
    if recurring.written:
        raise WrittenAlready(written=recurring.written, what=recurring.name)
    recurring.delete()


@transaction.atomic
def take(recurring: RecurringVoucher, by: Any, day: date | None = None) -> Voucher:
    """The next one now, at somebody's wish: of a template dated today, of a rhythm on its day."""
    require(by, *WRITERS)
    recurring = _locked(recurring)
    if recurring.status != RecurringStatus.ACTIVE:
        raise MoveRefused(what=recurring.name, state=recurring.get_status_display(), verb=_("written"))
    return _written(recurring, by, day or recurring.next_on or timezone.localdate())


@transaction.atomic
def bring(recurring: RecurringVoucher, today: date) -> list[Voucher]:
    """Write every draft that is due by today; who comes second finds nothing to do."""
    recurring, brought = _locked(recurring), []
    while recurring.status == RecurringStatus.ACTIVE and recurring.next_on and recurring.next_on <= today:
        brought.append(_written(recurring, recurring.created_by, recurring.next_on))
    if brought:
        url = recurring.get_absolute_url()
        words = format_lazy(_("A recurring voucher waits to be posted: {name}"), name=recurring.name)
        notify([recurring.created_by], words, url)
    return brought


def bring_all(today: date) -> int:
    """For the clock: every pattern whose day has come, each in a transaction of its own; how many drafts."""
    return sum(len(bring(one, today)) for one in RecurringVoucher.objects.due(today).order_by("next_on", "pk"))


def _written(recurring: RecurringVoucher, by: Any, day: date) -> Voucher:
    """One draft, counted, and when the next is due."""
    number = recurring.written + 1
    lines = [_line_of(line) for line in recurring.lines.select_related("account", "cost_centre", "project")]
    if recurring.spread:
        assert recurring.times
        lines = share(lines, number, recurring.times)
    voucher = vouchers.draft(
        by,
        recurring.journal.code,
        day,
        _filled_in(recurring.text, day),
        lines,
        of=recurring.company,
        reverse_on=first_of_next_month(day) if recurring.reverse_next else None,
    )
    Occurrence.objects.create(recurring=recurring, number=number, date=day, voucher=voucher)
    recurring.written = number
    _set_next(recurring)
    if recurring.times == number:
        recurring.end()
    recurring.save()
    return voucher


def _set_next(recurring: RecurringVoucher) -> None:
    if recurring.every == Every.ASKED:
        recurring.next_on = None
    else:
        recurring.next_on = day_of(recurring.first_on, recurring.every, recurring.written + 1)


def _filled_in(text: str, day: date) -> str:
    return text.replace("{month}", f"{day:%Y-%m}").replace("{year}", f"{day:%Y}")[:250]


def _fill(recurring: RecurringVoucher, told: Pattern, lines: Sequence[Line], today: date) -> None:
    """Judge the whole, keep it with its lines."""
    if not told.name.strip():
        raise BadInput(why=_("Give it a name to find it by."), field="name")
    if not told.text.strip():
        raise BadInput(why=_("Say what the voucher is about."), field="text")
    book = Journal.objects.filter(company=recurring.company, code=told.journal).first()
    if book is None:
        raise JournalUnknown(journal=told.journal)
    others = RecurringVoucher.objects.filter(company=recurring.company, name=told.name.strip()).exclude(pk=recurring.pk)
    if others.exists():
        raise NameTaken(name=told.name.strip())
    _judge_times(told, today)
    _judge_lines(told, lines)
    recurring.journal, recurring.name, recurring.text = book, told.name.strip(), told.text.strip()[:250]
    for name in ("every", "first_on", "times", "spread", "reverse_next"):
        setattr(recurring, name, getattr(told, name))
    _set_next(recurring)
    if recurring.times == recurring.written:
        recurring.end()
    recurring.save()
    accounts = vouchers.judge(recurring.company, lines)
    named = vouchers.named_lines(recurring.company, lines)
    made = [
        RecurringLine(
            recurring=recurring,
            position=position,
            account=accounts[line.account],
            debit=line.debit,
            credit=line.credit,
            party=line.party or "",
            tax_code=line.tax_code or "",
            text=line.text[:250],
            **dimensions,
        )
        for position, (line, dimensions) in enumerate(zip(lines, named, strict=True), 1)
    ]
    RecurringLine.objects.bulk_create(made)
    keep_made(made)


def _judge_times(told: Pattern, today: date) -> None:
    if told.times is not None and told.times < 1:
        raise BadInput(why=_("Once at least, or leave it empty."), field="times")
    if told.spread and (told.times or 0) < 2:
        raise BadInput(why=_("Spread over how many times?"), field="times")
    if told.every == Every.ASKED and (told.spread or told.times):
        raise BadInput(why=_("A template has no rhythm: leave this empty."), field="times")
    if told.every != Every.ASKED:
        last = day_of(told.first_on, told.every, min(told.times or AT_MOST + 1, AT_MOST + 1))
        if last <= today and (told.times or AT_MOST + 1) > AT_MOST:
            raise BadInput(why=_("That is too long ago."), field="first_on")


def _judge_lines(told: Pattern, lines: Sequence[Line]) -> None:
    """A pattern balances from the start, as nobody looks again before it is written."""
    if len(lines) < 2:
        raise TooFewLines(lines=len(lines))
    vouchers.judge(ledger.company(), lines)
    if difference := ledger.imbalance(lines):
        debit = sum(line.debit for line in lines)
        raise NotBalanced(debit=debit, credit=debit - difference, difference=difference)
    if told.spread and told.times:
        for number in range(1, told.times + 1):
            if any(line.debit + line.credit < CENT for line in share(lines, number, told.times)):
                raise TooLittleToSpread(times=told.times)


def _line_of(line: RecurringLine) -> Line:
    return Line(
        account=line.account.code,
        debit=line.debit,
        credit=line.credit,
        party=line.party or None,
        tax_code=line.tax_code or None,
        text=line.text,
        cost_centre=line.cost_centre.code if line.cost_centre else None,
        project=line.project.code if line.project else None,
    )


def _locked(recurring: RecurringVoucher) -> RecurringVoucher:
    """As it stands now; who comes second waits here."""
    rows = RecurringVoucher.objects.select_for_update(of=("self",)).select_related("company", "journal", "created_by")
    return rows.get(pk=recurring.pk)


def _moved(recurring: RecurringVoucher, by: Any, step: str, verb: Any) -> RecurringVoucher:
    require(by, *WRITERS)
    recurring = _locked(recurring)
    try:
        getattr(recurring, step)()
    except TransitionNotAllowed:
        raise MoveRefused(what=recurring.name, state=recurring.get_status_display(), verb=verb) from None
    recurring.save()
    return recurring
