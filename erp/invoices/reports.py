"""Reads over documents and money: what is open and how old, whether the books agree, what was sold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from erp.invoices.models import Allocation, Invoice, InvoiceKind, InvoiceLine, LineKind
from erp.ledger.reports import account_balance
from erp.parties.models import Party

ZERO = Decimal("0.00")
_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)

# The columns of the aging page: label, and from how many days after the due date on.
BANDS = ((_("Not due"), None), (_("1–30 days"), 1), (_("31–60 days"), 31), (_("61–90 days"), 61), (_("Over 90"), 91))


def open_items(as_of: Day) -> QuerySet[Any]:
    """Documents that were not settled on that day, each with `open_then`; a credit note's is negative."""
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
    signed = Case(When(kind=InvoiceKind.CREDIT_NOTE, then=-left), default=left, output_field=_MONEY)
    return Invoice.objects.filter(date__lte=as_of).annotate(open_then=signed).exclude(open_then=0)


@dataclass
class Aging:
    """What one party owes, by how long it is overdue; credit that is not set off counts as not due."""

    party: Party
    bands: list[Decimal] = field(default_factory=lambda: [ZERO] * len(BANDS))

    @property
    def total(self) -> Decimal:
        return sum(self.bands, ZERO)


def aging(as_of: Day) -> list[Aging]:
    """Every party with something open on that day, who owes most first; one query."""
    found: dict[Any, Aging] = {}
    for item in open_items(as_of).select_related("party"):
        row = found.setdefault(item.party_id, Aging(item.party))
        row.bands[band_of(0 if item.is_credit_note else (as_of - item.due).days)] += item.open_then
    return sorted(found.values(), key=lambda row: (-row.total, row.party.code))


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
    """Do the open items add up to the receivables account: now, or as they stood on a day?"""
    if as_of is not None:
        owed_then = open_items(as_of).aggregate(owed=Sum("open_then"))["owed"]
        return Check(owed_then or ZERO, account_balance("receivable", as_of=as_of))
    signed = Case(
        When(kind=InvoiceKind.CREDIT_NOTE, then=-F("item__open_amount")),
        default=F("item__open_amount"),
        output_field=_MONEY,
    )
    owed = Invoice.objects.unsettled().aggregate(owed=Sum(signed))["owed"]
    return Check(owed or ZERO, account_balance("receivable"))


def net_sales(start: Day | None = None, end: Day | None = None) -> Decimal:
    """Σ of invoiced goods without freight and tax, before returns."""
    lines = InvoiceLine.objects.filter(invoice__kind=InvoiceKind.INVOICE, kind=LineKind.GOODS)
    if start:
        lines = lines.filter(invoice__date__gte=start)
    if end:
        lines = lines.filter(invoice__date__lte=end)
    return lines.aggregate(net=Sum("net"))["net"] or ZERO


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
