"""Closing a period and a year: what is still to do is computed, not remembered.

A domain that leaves work in a period says so in its own `closing.py`:

    @check("deposits", _("deposits heard of and not booked"))
    def deposits(period: Period) -> Count:
        return Count(Deposit.objects.waiting()..., reverse("banking:deposits"))
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from base.roles import require
from erp.ledger import sealing, services
from erp.ledger.models import (
    AccountType,
    FiscalYear,
    JournalEntry,
    JournalLine,
    Period,
    PeriodStatus,
    Voucher,
    VoucherStatus,
)
from erp.ledger.refusals import ChecklistOpen, ReasonMissing, YearStays
from erp.ledger.reports import YEAR_END, ZERO, sums
from erp.ledger.services import Line, Posting

WRITERS = ("accountant", "admin")


@dataclass(frozen=True)
class Count:
    """How much is still to do, and where."""

    count: int
    url: str = ""


@dataclass(frozen=True)
class Check:
    """Something to do before a period is closed; what only should be done may be left with a reason."""

    code: str
    words: Promise
    find: Callable[[Period], Count]
    must: bool


@dataclass(frozen=True)
class Outcome:
    """A check and what it found."""

    check: Check
    found: Count

    @property
    def done(self) -> bool:
        """Nothing left of it?"""
        return not self.found.count


_checks: dict[str, Check] = {}


def check(code: str, words: Promise, *, must: bool = True) -> Callable[[Callable[[Period], Count]], Any]:
    """Register what counts the work left in a period."""

    def register(find: Callable[[Period], Count]) -> Callable[[Period], Count]:
        _checks[code] = Check(code, words, find, must)
        return find

    return register


def checklist(period: Period) -> list[Outcome]:
    """Every check with what it finds now: what must be done first."""
    for domain in settings.DOMAINS:
        if domain != "erp.ledger" and find_spec(f"{domain}.closing"):
            import_module(f"{domain}.closing")
    found = [Outcome(one, one.find(period)) for one in _checks.values()]
    return sorted(found, key=lambda one: (not one.check.must, one.done))


def close(period: Period, by: Any, status: str, reason: str = "") -> Period:
    """Move a period forward: `closing`, `closed`, or `hard`; the checklist must be done for the last two."""
    require(by, *WRITERS)
    if status == PeriodStatus.HARD:
        sealing.fold(period.company)
        sealing.seal(period.company)
    with transaction.atomic():
        if status in (PeriodStatus.CLOSED, PeriodStatus.HARD):
            services.still_period(period)
            for one in checklist(period):
                told: dict[str, Any] = {"period": str(period), "what": one.check.words, "count": one.found.count}
                if not one.done and one.check.must:
                    raise ChecklistOpen(**told)
                if not one.done and not reason.strip():
                    raise ReasonMissing(**told)
        return services.set_period(period, status, by.get_username(), reason)


def reopen(period: Period, by: Any, reason: str) -> Period:
    """Back from closing to open, or from closed to closing: by a second person, with a reason."""
    require(by, *WRITERS)
    back = PeriodStatus.CLOSING if period.status == PeriodStatus.CLOSED else PeriodStatus.OPEN
    return services.set_period(period, back, by.get_username(), reason)


@transaction.atomic
def end_year(year: FiscalYear, by: Any) -> JournalEntry:
    """Transfer the year's result: every income and expense account to zero, the difference to retained earnings.

    Dated on the year's last day, in the general journal; statements of performance leave it out. The same once more
    gives the entry that stands; after its reversal a new one is made.
    """
    require(by, *WRITERS)
    standing = transfers(year).filter(reversed_by=None).first()
    if standing:
        return standing
    periods = list(year.periods.order_by("starts_on"))
    if open_ones := [one for one in periods[:-1] if one.status in (PeriodStatus.OPEN, PeriodStatus.CLOSING)]:
        why = _("{period} is not closed yet.").format(period=open_ones[0])
        raise YearStays(year=year.year, why=why)
    services.hold_period(year.ends_on, year.company)
    lines = _result(year)
    if not lines:
        raise YearStays(year=year.year, why=_("No income or expense account has moved."))
    return services.post(
        Posting(
            journal="general",
            date=year.ends_on,
            text=str(_("Result of {year}")).format(year=year.year),
            key=f"year-end:{year.year}:{transfers(year).count()}",
            source=(YEAR_END, year.pk),
            lines=lines,
            company=year.company,
        )
    )


def transfers(year: FiscalYear) -> Any:
    """The entries that transferred the year's result."""
    return JournalEntry.objects.filter(source_type=YEAR_END, source_id=year.pk, reverses=None)


def _result(year: FiscalYear) -> list[Line]:
    moved = sums(year.company, year.ends_on, start=year.starts_on)
    kinds = (AccountType.INCOME, AccountType.EXPENSE)
    parts = _named_parts(year)
    lines, total = [], Decimal("0.00")
    for account in year.company.accounts.filter(pk__in=moved, type__in=kinds).order_by("code"):
        row = moved[account.pk]
        rest = row.debit - row.credit - row.before_debit + row.before_credit
        total += rest
        for centre, project, amount in parts.get(account.pk, []):
            lines.append(_line(account.code, -amount, centre, project))
            rest -= amount
        if rest:
            lines.append(_line(account.code, -rest))
    return [*lines, _line("retained_earnings", total)] if lines else []


def _named_parts(year: FiscalYear) -> dict[UUID, list[tuple[str | None, str | None, Decimal]]]:
    """What each account moved for each cost centre and project: each of them ends the year at zero, too."""
    lines = JournalLine.objects.filter(account__company=year.company, date__range=(year.starts_on, year.ends_on))
    lines = lines.filter(Q(cost_centre__isnull=False) | Q(project__isnull=False))
    by = ("account", "cost_centre__code", "project__code")
    parts: dict[UUID, list[tuple[str | None, str | None, Decimal]]] = {}
    sums_of = lines.order_by(*by).values_list(*by).annotate(amount=Sum("debit") - Sum("credit"))
    for account, centre, project, amount in sums_of:
        if amount:
            parts.setdefault(account, []).append((centre, project, amount))
    return parts


def _line(account: str, amount: Decimal, centre: str | None = None, project: str | None = None) -> Line:
    debit, credit = max(amount, ZERO), max(-amount, ZERO)
    return Line(account, debit=debit, credit=credit, cost_centre=centre, project=project)


# -- what the books themselves leave to do -----------------------------------------------------------------------------


@check("vouchers", _("vouchers not posted"))
def _vouchers(period: Period) -> Count:
    waiting = Q(status__in=(VoucherStatus.DRAFT, VoucherStatus.SUBMITTED))
    dated = Q(date__range=(period.starts_on, period.ends_on))
    return Count(Voucher.objects.filter(waiting, dated, company=period.company).count(), reverse("ledger:vouchers"))


@check("earlier", _("earlier periods still open"))
def _earlier(period: Period) -> Count:
    still = (PeriodStatus.OPEN, PeriodStatus.CLOSING)
    earlier = Period.objects.filter(company=period.company, starts_on__lt=period.starts_on, status__in=still)
    return Count(earlier.filter(entries__isnull=False).distinct().count(), reverse("ledger:periods"))
