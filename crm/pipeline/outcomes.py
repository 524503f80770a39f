"""What became of all deals, over all time: won, lost and open, by owner, product or quarter; every figure drills.

A deal counts with its net total; by product it counts in each product with that product's lines. Closed deals stand in
the quarter they were closed in. One query, whatever the number of deals.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, ExtractQuarter, ExtractYear
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from base.charts import Chart, Series
from crm.pipeline.models import DealQuerySet, DealStatus

WAYS = ("owner", "product", "quarter")
STATES = (DealStatus.WON, DealStatus.LOST, DealStatus.OPEN, DealStatus.WITHDRAWN)
DRAWN = 12
ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """How many deals, worth what, and the address of the list that shows them."""

    count: int = 0
    net: Decimal = ZERO
    url: str = ""


@dataclass
class Row:
    """An owner, a product or a quarter."""

    key: str
    label: str
    cells: dict[str, Cell] = field(default_factory=dict)

    def cell(self, state: str) -> Cell:
        """Of one state; nothing where there was none."""
        return self.cells.get(state, Cell())

    @property
    def shown(self) -> list[Cell]:
        """In the order of the states."""
        return [self.cell(state) for state in STATES]

    @property
    def net(self) -> Decimal:
        """All states together."""
        return sum((cell.net for cell in self.cells.values()), ZERO)

    @property
    def won_share(self) -> Decimal | None:
        """Of what was decided, how much was won, by number."""
        won, lost = self.cell(DealStatus.WON).count, self.cell(DealStatus.LOST).count
        return (Decimal(won) / (won + lost)).quantize(Decimal("0.001")) if won + lost else None


def outcomes(deals: DealQuerySet, by: str, currency: str) -> tuple[list[Row], Row]:
    """The rows, the largest first (quarters in their order), and all of them together."""
    assert by in WAYS, by
    rows: dict[str, Row] = {}
    for told in _sums(deals.filter(currency=currency), by):
        key = told["key"] or ""
        row = rows.setdefault(key, Row(key, _label(by, key, told)))
        drill = _drill(by, key, told["status"], currency)
        row.cells[told["status"]] = Cell(told["deals"], told["net"] or ZERO, drill)
    made = (
        sorted(rows.values(), key=lambda row: row.key or "~")
        if by == "quarter"
        else sorted(rows.values(), key=lambda row: (-row.net, row.label))
    )
    return made, _total(deals.filter(currency=currency), currency)


def chart(rows: list[Row], by: str, currency: str) -> Chart | None:
    """The largest rows as bars; all of them stand in the table."""
    drawn = rows[-DRAWN:] if by == "quarter" else rows[:DRAWN]
    if not drawn:
        return None
    best = max(rows, key=lambda row: row.cell(DealStatus.WON).net)
    head = {"owner": _("Owner"), "product": _("Product"), "quarter": _("Quarter")}[by]
    states = [state for state in STATES if any(row.cell(state).net for row in drawn)]
    finding = {
        "owner": _("Most was won by {name}"),
        "product": _("Most was won with {name}"),
        "quarter": _("Most was won in {name}"),
    }[by].format(name=best.label)
    return Chart(
        key="outcomes",
        title=finding if best.cell(DealStatus.WON).net else _("Nothing was won yet"),
        unit=currency,
        head=head,
        labels=[row.label for row in drawn],
        series=[Series(DealStatus(state).label, [row.cell(state).net for row in drawn]) for state in states],
        kind="stacked",
        money=True,
    )


def _sums(deals: DealQuerySet, by: str) -> QuerySet[Any, dict[str, Any]]:
    if by == "product":
        told = deals.filter(lines__isnull=False).annotate(key=F("lines__sku")).values("key", "status")
        return told.order_by("key").annotate(deals=Count("pk", distinct=True), net=Sum("lines__net_amount"))
    if by == "owner":
        names = ("owner__first_name", "owner__last_name")
        told = deals.annotate(key=Coalesce("owner__username", Value(""))).values("key", "status", *names)
    else:
        quarter = Concat(ExtractYear("closed_at"), Value("-Q"), ExtractQuarter("closed_at"), output_field=CharField())
        closed = Case(When(closed_at__isnull=True, then=Value("")), default=quarter, output_field=CharField())
        told = deals.annotate(key=closed).values("key", "status")
    return told.order_by("key").annotate(deals=Count("pk"), net=Sum("net_total"))


def _total(deals: DealQuerySet, currency: str) -> Row:
    """Each deal once, however many products it has."""
    row = Row("", _("Together"))
    for told in deals.order_by().values("status").annotate(deals=Count("pk"), net=Sum("net_total")):
        url = _list({"status": told["status"], "currency": currency})
        row.cells[told["status"]] = Cell(told["deals"], told["net"] or ZERO, url)
    return row


def _label(by: str, key: str, told: dict[str, Any]) -> str:
    if by == "owner":
        return f"{told['owner__first_name'] or ''} {told['owner__last_name'] or ''}".strip() or key or _("Nobody")
    return key or _("Not closed yet")


def _drill(by: str, key: str, state: str, currency: str) -> str:
    told = {"status": state, "currency": currency}
    if by == "owner":
        told["whose"] = key or "none"
    elif by == "product":
        told["sku"] = key
    elif key:
        first, last = quarter_days(key)
        told |= {"closed_from": first.isoformat(), "closed_until": last.isoformat()}
    return _list(told)


def _list(told: dict[str, str]) -> str:
    return f"{reverse('pipeline:list')}?{urlencode(told)}"


def quarter_days(key: str) -> tuple[date, date]:
    """Its first and its last day.

    >>> quarter_days("2017-Q4")
    (datetime.date(2017, 10, 1), datetime.date(2017, 12, 31))
    """
    year, quarter = int(key[:4]), int(key[-1])
    after = date(year + 1, 1, 1) if quarter == 4 else date(year, quarter * 3 + 1, 1)
    return date(year, quarter * 3 - 2, 1), after - timedelta(days=1)
