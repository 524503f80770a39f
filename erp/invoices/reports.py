"""Reads over documents and money: what is open and how old, whether the books agree, what was sold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, DecimalField, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext_lazy as _

from erp.banking.models import Receipt
from erp.invoices.models import Allocation, Instalment, Invoice, InvoiceKind, InvoiceLine, LineKind
from erp.ledger.reports import account_balance
from erp.ledger.services import base_currency, company
from erp.parties.models import Party
from erp.rates.services import share

ZERO = Decimal("0.00")
_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)

# The columns of the aging page: label, and from how many days after the due date on.
BANDS = ((_("Not due"), None), (_("1–30 days"), 1), (_("31–60 days"), 31), (_("61–90 days"), 61), (_("Over 90"), 91))


class OpenWorth(Func):
    """What was open of a foreign document on a day, in the currency of the books (public.open_worth)."""

    function = "public.open_worth"
    output_field = _MONEY


def open_items(as_of: Day) -> QuerySet[Any]:
    """Documents that were not settled on that day, each with `open_then`, a credit note's negative.

    `worth_then` is the same in the currency of the books.
    """
    settled = Coalesce(
        Sum("amount"),
        Value(ZERO),
        output_field=_MONEY,
    )
    against = Allocation.objects.filter(date__lte=as_of).order_by().values("invoice").annotate(of=settled)
    given = Allocation.objects.filter(date__lte=as_of).order_by().values("credit").annotate(of=settled)
    received = Coalesce(Subquery(against.filter(invoice=OuterRef("pk")).values("of")), Value(ZERO), output_field=_MONEY)
    used = Coalesce(Subquery(given.filter(credit=OuterRef("pk")).values("of")), Value(ZERO), output_field=_MONEY)
    left = F("payable") - received - used

    def signed(amount: Any) -> Case:
        return Case(When(kind=InvoiceKind.CREDIT_NOTE, then=-amount), default=amount, output_field=_MONEY)

    worth = Case(When(rate=None, then=left), default=OpenWorth(F("pk"), Value(as_of)), output_field=_MONEY)
    there = Invoice.objects.filter(date__lte=as_of)
    return there.annotate(open_then=signed(left), worth_then=signed(worth)).exclude(open_then=0)


@dataclass(frozen=True)
class PartThen:
    """What of an instalment was open on a day, in its own currency and in that of the books."""

    instalment: Instalment
    open_then: Decimal
    worth_then: Decimal


def parts_then(invoice: Any) -> list[PartThen]:
    """Of one of `open_items` its instalments that were open then; they add up to it.

    The same as `public.instalment_open`, which the aging asks.
    """
    paid, house = invoice.payable - invoice.open_then, base_currency()
    found: list[PartThen] = []
    told = worth = ZERO
    for one in invoice.instalments.all():
        until = max(one.until - paid, ZERO)
        if until > told:
            worth_until = share(until, invoice.open_then, invoice.worth_then, house)
            found.append(PartThen(one, until - told, worth_until - worth))
            told, worth = until, worth_until
    return found


def rests_of(party: Party, as_of: Day) -> Iterator[tuple[Receipt, Decimal]]:
    """Payments of which a part settled nothing and was not paid back on that day."""
    for one in Receipt.objects.filter(party=party, excess__gt=0, date__lte=as_of).order_by("date", "id"):
        uses = (one.allocations, one.opening_allocations, one.refunded_by)
        taken = (use.filter(date__lte=as_of).aggregate(of=Sum("amount"))["of"] or ZERO for use in uses)
        if left := one.amount - sum(taken, ZERO):
            yield one, left


# Of each party, by how long it is overdue: not due (credit with it), then as BANDS has it. All in the currency of the
# books: what is open in another one is worth what it was last revalued at, less what later revaluations changed.
# What is asked in instalments is told by them: payments settle what is due first.
_OPEN_THEN = """
  WITH since AS MATERIALIZED (
    SELECT id, sum(own) AS own, sum(amount) AS amount FROM (
      SELECT invoice_id AS id, amount AS own, coalesce(house_amount, amount) AS amount
        FROM public.invoices_allocation WHERE date > %(as_of)s
      UNION ALL
      SELECT credit_id, amount, coalesce(credit_house, amount)
        FROM public.invoices_allocation WHERE date > %(as_of)s AND credit_id IS NOT NULL
      UNION ALL
      SELECT invoice_id, 0, -amount FROM public.revalued_since(%(as_of)s) WHERE invoice_id IS NOT NULL) moved
    GROUP BY id),
  open_then AS (
    SELECT i.party_id, CASE i.kind WHEN 'credit_note' THEN 0 ELSE %(as_of)s - coalesce(n.due, i.due) END AS late,
           CASE WHEN n.id IS NULL
                THEN (coalesce(o.house_open, o.open_amount) + coalesce(s.amount, 0))
                       * CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END
                ELSE public.instalment_open(n.until, n.amount, i.payable, o.open_amount + coalesce(s.own, 0),
                       coalesce(o.house_open, o.open_amount) + coalesce(s.amount, 0), %(digits)s) END AS amount
      FROM public.invoices_openitem o JOIN public.invoices_invoice i ON i.id = o.invoice_id
      LEFT JOIN since s ON s.id = i.id
      LEFT JOIN public.invoices_instalment n ON n.invoice_id = i.id
     WHERE i.date <= %(as_of)s AND (o.open_amount > 0 OR s.id IS NOT NULL)
    UNION ALL
    SELECT n.party_id, %(as_of)s - n.due, n.open_amount
             + coalesce((SELECT sum(a.amount) FROM public.openings_openingallocation a
                          WHERE a.item_id = n.id AND a.date > %(as_of)s), 0)
      FROM public.openings_openingitem n
     WHERE n.side = 'receivable' AND n.reversal_id IS NULL AND n.opened_on <= %(as_of)s
    UNION ALL
    SELECT r.party_id, 0, -(r.amount
             - coalesce((SELECT sum(a.amount) FROM public.invoices_allocation a
                          WHERE a.receipt_id = r.id AND a.date <= %(as_of)s), 0)
             - coalesce((SELECT sum(a.amount) FROM public.openings_openingallocation a
                          WHERE a.receipt_id = r.id AND a.date <= %(as_of)s), 0)
             - coalesce((SELECT sum(b.amount) FROM public.banking_receipt b
                          WHERE b.refunds_id = r.id AND b.date <= %(as_of)s), 0))
      FROM public.banking_receipt r WHERE r.excess > 0 AND r.date <= %(as_of)s)
"""
_AGING = f"""{_OPEN_THEN}
  SELECT party_id, sum(amount) FILTER (WHERE late < 1), sum(amount) FILTER (WHERE late BETWEEN 1 AND 30),
         sum(amount) FILTER (WHERE late BETWEEN 31 AND 60), sum(amount) FILTER (WHERE late BETWEEN 61 AND 90),
         sum(amount) FILTER (WHERE late > 90)
    FROM open_then WHERE amount <> 0 GROUP BY party_id
"""  # noqa: S608 -- our own words
_OWED = f"{_OPEN_THEN} SELECT coalesce(sum(amount), 0.00) FROM open_then"  # noqa: S608 -- our own words


@dataclass
class Aging:
    """What one party owes, by how long it is overdue; credit that is not set off counts as not due."""

    party: Party
    bands: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BANDS))

    @property
    def total(self) -> Decimal:
        return sum(self.bands, ZERO)


def aging(as_of: Day) -> list[Aging]:
    """Every party with something open on that day, who owes most first; the sums are the database's.

    What is open now and what was settled since then make up what was open then; money paid too much counts as credit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AGING, {"as_of": as_of, "digits": company().currency_digits})
        sums = cursor.fetchall()
    parties = Party.objects.in_bulk([party for party, *_bands in sums])
    found = [Aging(parties[party], [amount or ZERO for amount in bands]) for party, *bands in sums]
    return sorted(found, key=lambda row: (-row.total, row.party.code))


def band_of(days: int) -> int:
    """Which band so many days after the due date are in.

    >>> [band_of(days) for days in (-5, 0, 1, 30, 31, 90, 91)]
    [0, 0, 1, 1, 2, 3, 4]
    """
    return max(index for index, (_label, start) in enumerate(BANDS) if start is None or days >= start)


def totals(rows: Iterable[Aging]) -> list[Decimal]:
    """The sum of each band, and the sum of all."""
    columns = [sum(column, ZERO) for column in zip(*(row.bands for row in rows), strict=True)] or [ZERO] * len(BANDS)
    return [*columns, sum(columns, ZERO)]


@dataclass(frozen=True)
class Check:
    """The sub-ledger against its control account; anything but zero is a fault."""

    open_items: Decimal
    control_account: Decimal

    @property
    def difference(self) -> Decimal:
        return self.open_items - self.control_account


def receivables_check(as_of: Day | None = None) -> Check:
    """Do the open items, less what was paid too much, add up to the receivables account: now, or as on a day?"""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, {"as_of": as_of or Day.max, "digits": company().currency_digits})
        (owed,) = cursor.fetchone()
    return Check(owed, account_balance("receivable", as_of=as_of))


def net_sales(start: Day | None = None, end: Day | None = None) -> Decimal:
    """Σ of invoiced goods without freight and tax, before returns, in the currency of the books."""
    lines = InvoiceLine.objects.filter(invoice__kind=InvoiceKind.INVOICE, kind=LineKind.GOODS)
    if start:
        lines = lines.filter(invoice__date__gte=start)
    if end:
        lines = lines.filter(invoice__date__lte=end)
    house = Round(F("net") * Coalesce(F("invoice__rate"), Value(Decimal(1))), precision=2, output_field=_MONEY)
    return lines.aggregate(net=Sum(house))["net"] or ZERO


def list_totals(rows: QuerySet[Invoice]) -> dict[str, Decimal]:
    """Sums over a whole filtered list, not only its page; credit notes take off."""
    sums = {
        name: Coalesce(
            Sum(name, filter=Q(kind=InvoiceKind.INVOICE))
            - Coalesce(Sum(name, filter=Q(kind=InvoiceKind.CREDIT_NOTE)), Value(ZERO), output_field=_MONEY),
            Value(ZERO),
            output_field=_MONEY,
        )
        for name in ("net", "tax", "gross", "payable", "item__open_amount")
    }
    found = rows.order_by().aggregate(**{name.replace("item__", ""): value for name, value in sums.items()})
    return dict(found)


@dataclass(frozen=True)
class TaxRow:
    """Net and tax of one tax class at one rate on a document, deposits taken off."""

    tax_class: str
    rate: Decimal
    net: Decimal
    tax: Decimal


def tax_summary(lines: Iterable[InvoiceLine]) -> list[TaxRow]:
    """A document's tax by class and rate, as the law wants it shown."""
    sums: dict[tuple[str, Decimal], list[Decimal]] = {}
    for line in lines:
        row = sums.setdefault((line.tax_class, line.rate), [ZERO, ZERO])
        row[0] += line.net
        row[1] += line.tax
    return [TaxRow(tax_class, rate, net, tax) for (tax_class, rate), (net, tax) in sorted(sums.items())]
