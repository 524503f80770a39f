"""The verbs of revaluations: look, revalue, take back.

What is open in another currency is worth what the newest rate of the day says. The difference to what it was worth
before is one entry in the general journal, and each item keeps its new worth: a payment's gain or loss counts from
there. What is worth the same is left alone, so the same day twice changes nothing.

An item is revalued as far as it is open now: what a later payment settled has its difference already.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from base.refusals import BadInput
from base.roles import require
from erp.banking.receipts import name_of
from erp.banking.refusals import checked_day
from erp.bills.models import Bill, BillStatus
from erp.invoices import foreign
from erp.invoices.models import Invoice
from erp.ledger.models import Company, JournalEntry
from erp.ledger.services import Line, Posting, company, hold_period, post, reverse
from erp.rates.booking import difference, moved
from erp.rates.services import in_house, rate_on
from erp.revaluation import refusals
from erp.revaluation.models import Revaluation, RevaluationLine, sign_of
from erp.revaluation.refusals import revaluation_rules
from erp.revaluation.roles import WRITERS

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Due:
    """An open item that is worth something else at the rate of the day."""

    document: Any
    rate: Decimal
    after: Decimal

    @property
    def currency(self) -> str:
        return str(self.document.currency)

    @property
    def open_amount(self) -> Decimal:
        return Decimal(self.document.open_amount)

    @property
    def before(self) -> Decimal:
        return Decimal(self.document.open_worth)

    @property
    def effect(self) -> Decimal:
        """What it changes in our favour."""
        return sign_of(self.document) * (self.after - self.before)

    @property
    def role(self) -> str:
        """The account it stands on."""
        return "receivable" if isinstance(self.document, Invoice) else "payable"


def due(day: Day, of: Company | None = None) -> list[Due]:
    """What a revaluation as at the day would change; a currency without a rate is refused."""
    ours = of or company()
    return _due([*_invoices(day, ours), *_bills(day, ours)], day, ours)


@transaction.atomic
def revalue(day: Day, by: Any) -> Revaluation | None:
    """Give every open foreign item the worth of the day; None where all have it."""
    require(by, *WRITERS)
    ours = company()
    hold_period(checked_day(day, "day"), ours)
    _alone(ours)
    if later := Revaluation.objects.standing().filter(company=ours, day__gt=day).order_by("-day").first():
        raise refusals.RevaluedLater(later=later.day)
    invoices, bills = list(_invoices(day, ours)), list(_bills(day, ours).select_for_update(of=("self",)))
    foreign.hold(*invoices)
    found = _due([*(one for one in invoices if one.open_amount), *bills], day, ours)
    if not found:
        return None
    made = Revaluation(company=ours, day=day, recorded_by=name_of(by))
    made.entry = post(
        Posting(
            journal="general",
            date=day,
            text=str(_("Revaluation as at {day}")).format(day=day),
            key=f"revaluation:{made.pk}",
            source=("revaluation", made.pk),
            company=ours,
            lines=entry_lines(found),
        )
    )
    with revaluation_rules():
        made.save(force_insert=True)
        RevaluationLine.objects.bulk_create(_line(made, place, one) for place, one in enumerate(found, 1))
    return made


@transaction.atomic
def take_back(revaluation: Revaluation, by: Any, reason: str, date: Day | None = None) -> JournalEntry:
    """Undo a revaluation by the mirror of its entry, on its own day or a later one; its items are worth what they were.

    Only the last one, and only while nothing of its items was settled since.
    """
    require(by, *WRITERS)
    if not reason.strip():
        raise BadInput(why=_("Say why the revaluation is taken back."), field="reason")
    on = checked_day(date or revaluation.day)
    hold_period(on, revaluation.company)
    _alone(revaluation.company)
    found = (
        Revaluation.objects.select_for_update(of=("self",))
        .select_related("entry__journal", "reversal")
        .get(pk=revaluation.pk)
    )
    if found.reversal:
        raise refusals.TakenBack(number=found.reversal.number)
    foreign.hold(*Invoice.objects.filter(revaluations__revaluation=found))
    list(Bill.objects.select_for_update(of=("self",)).filter(revaluations__revaluation=found).order_by("pk"))
    found.reversal = reverse(found.entry, on, reason)
    with revaluation_rules():
        found.save(update_fields=["reversal"])
    return found.reversal


def entry_lines(found: Sequence[Due]) -> list[Line]:
    """Each party's account in each currency by what its items changed; gains and losses are never set off."""
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(lambda: ZERO)
    results: defaultdict[tuple[str, bool], Decimal] = defaultdict(lambda: ZERO)
    for one in found:
        sums[one.role, one.document.party.code, one.currency] += one.effect
        results[one.currency, one.effect > 0] += one.effect
    lines = [moved(role, party, amount, currency) for (role, party, currency), amount in sorted(sums.items()) if amount]
    for (currency, _gained), amount in sorted(results.items()):
        lines += difference(amount, currency)
    return lines


def _due(documents: Iterable[Any], day: Day, ours: Company) -> list[Due]:
    rates: dict[str, Decimal] = {}
    found = []
    for one in documents:
        if one.currency not in rates:
            rates[one.currency] = rate_on(one.currency, day, ours)
        rate = rates[one.currency]
        told = Due(one, rate, in_house(one.open_amount, rate, ours.base_currency))
        if told.after != told.before:
            found.append(told)
    return found


def _invoices(day: Day, ours: Company) -> Any:
    rows = Invoice.objects.unsettled().filter(company=ours, rate__isnull=False, date__lte=day)
    return rows.select_related("item", "party").order_by("id")


def _bills(day: Day, ours: Company) -> Any:
    rows = Bill.objects.filter(
        company=ours, status=BillStatus.POSTED, open_amount__gt=0, rate__isnull=False, date__lte=day
    )
    return rows.select_related("party").order_by("id")


def _line(made: Revaluation, place: int, one: Due) -> RevaluationLine:
    of = {"invoice" if isinstance(one.document, Invoice) else "bill": one.document}
    return RevaluationLine(
        revaluation=made, position=place, currency=one.currency, open_amount=one.open_amount, rate=one.rate,
        before=one.before, after=one.after, **of,
    )  # fmt: skip


def _alone(ours: Company) -> None:
    """Of two at once the second one waits, and finds what the first one did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7111, hashtext(%s))", [str(ours.pk)])
