"""Figures of invoicing: sales month by month, and how old the receivables are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Sum, When
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from base.charts import Chart, Series, months_back
from erp.invoices.models import HOUSE_NET, Invoice, InvoiceKind
from erp.invoices.reports import BANDS
from erp.ledger.services import base_currency

MONTHS = 12
ZERO = Decimal(0)


@dataclass(frozen=True)
class MonthSales:
    """What was invoiced and credited in a month, net, in the currency of the books."""

    month: date
    invoiced: Decimal
    credited: Decimal


def monthly_sales() -> list[MonthSales]:
    """The last twelve months, the running one last."""
    months = months_back(MONTHS, timezone.localdate())
    signed = {kind: Sum(Case(When(kind=kind, then=HOUSE_NET), default=ZERO)) for kind in InvoiceKind.values}
    rows = Invoice.objects.filter(date__gte=months[0]).order_by().annotate(month=TruncMonth("date"))
    found: dict[date, dict[str, Decimal]] = {row["month"]: row for row in rows.values("month").annotate(**signed)}
    kinds = InvoiceKind.INVOICE, InvoiceKind.CREDIT_NOTE
    sums = {month: [found.get(month, {}).get(kind, ZERO) for kind in kinds] for month in months}
    return [MonthSales(month, invoiced, -credited) for month, (invoiced, credited) in sums.items()]


def sales_by_month() -> Chart | None:
    """Net invoiced and net credited in each of the last twelve months."""
    told = monthly_sales()
    months, invoiced, credited = ([getattr(one, name) for one in told] for name in ("month", "invoiced", "credited"))
    if not any([*invoiced, *credited]):
        return None
    return Chart(
        key="sales",
        title=_sales_finding(months, [one + other for one, other in zip(invoiced, credited, strict=True)]),
        unit=base_currency(),
        head=_("Month"),
        labels=[date_format(month, "M Y") for month in months],
        series=[Series(_("Invoiced, net"), invoiced), Series(_("Credited, net"), credited)],
        kind="stacked",
        money=True,
    )


def _sales_finding(months: Sequence[date], net: Sequence[Decimal]) -> str:
    best = months[net.index(max(net))]
    if net[-2] <= 0:
        return _("The best month was {month}").format(month=date_format(best, "F Y"))
    change = round(100 * (net[-1] - net[-2]) / net[-2])
    told = _("{change} % against last month so far; the best month was {month}")
    return told.format(change=f"{change:+d}".replace("-", "\N{MINUS SIGN}"), month=date_format(best, "F Y"))


def aging_bands(totals: Sequence[Decimal]) -> Chart | None:
    """The sums of the aging by band; `totals` as the report gives them, the grand total last."""
    *bands, total = totals
    if total <= 0:
        return None
    late = sum(bands[1:], ZERO)
    title = _("{share} % of the receivables are overdue").format(share=round(100 * late / total))
    if not late:
        title = _("Nothing is overdue")
    return Chart(
        key="aging",
        title=title,
        unit=base_currency(),
        head=_("Overdue by"),
        labels=[label for label, _start in BANDS],
        series=[Series(_("Open"), bands)],
        kind="across",
        money=True,
    )
