"""Figures of selling: what was won month by month, and what the open deals promise, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from base.charts import Chart, Series, months_back
from crm.pipeline.models import Deal, DealQuerySet, DealStatus, Stage

MONTHS = 12
ZERO = Decimal(0)


def currencies(deals: DealQuerySet) -> list[str]:
    """The currencies of the deals, the most used one first; charts never add two of them."""
    counted = deals.order_by().values("currency").annotate(deals=Count("pk")).order_by("-deals", "currency")
    return [row["currency"] for row in counted]


def won_by_month(deals: DealQuerySet, currency: str) -> Chart | None:
    """Net of the deals won in each of the last twelve months."""
    months, values = map(list, zip(*won_months(deals, currency), strict=True))
    if not any(values):
        return None
    best = months[values.index(max(values))]
    return Chart(
        key="won",
        title=_("Most was won in {month}: {share} % of the last twelve months").format(
            month=date_format(best, "F Y"), share=round(100 * max(values) / sum(values))
        ),
        unit=currency,
        head=_("Month"),
        labels=[date_format(month, "M Y") for month in months],
        series=[Series(_("Won, net"), values)],
        money=True,
    )


def won_months(deals: DealQuerySet, currency: str) -> list[tuple[date, Decimal]]:
    """The last twelve months by their first days, each with the net of what was won in it."""
    months = months_back(MONTHS, timezone.localdate())
    sums = _by_month(deals.filter(status=DealStatus.WON, currency=currency, won_at__date__gte=months[0]))
    return [(month, sums.get(month, ZERO)) for month in months]


def _by_month(deals: QuerySet[Deal]) -> dict[date, Decimal]:
    rows = deals.order_by().annotate(month=TruncMonth("won_at")).values("month").annotate(net=Sum("net_total"))
    return {timezone.localtime(row["month"]).date(): row["net"] for row in rows}


def open_by_stage(deals: DealQuerySet, currency: str, stages: Sequence[Stage]) -> Chart | None:
    """What the open deals come to, and what of it is likely to be won, by each stage's probability."""
    told = open_stages(deals, currency, stages)
    values, likely = [one.net for one in told], [one.likely for one in told]
    total = sum(values, ZERO)
    if not total:
        return None
    return Chart(
        key="open",
        title=_("Of what is open, {share} % is likely to be won").format(share=round(100 * sum(likely) / total)),
        unit=currency,
        head=_("Stage"),
        labels=[stage.name for stage in stages],
        series=[Series(_("Open, net"), values), Series(_("Likely"), likely)],
        kind="across",
        money=True,
    )


@dataclass(frozen=True)
class StageOpen:
    """How many open deals stand in a stage, what they come to, and what of it is likely to be won."""

    stage: Stage
    deals: int
    net: Decimal

    @property
    def likely(self) -> Decimal:
        """By the stage's probability."""
        return (self.net * self.stage.probability).quantize(Decimal("0.01"))


def open_stages(deals: DealQuerySet, currency: str, stages: Sequence[Stage]) -> list[StageOpen]:
    """The open deals of each stage, in one query."""
    rows = deals.open().filter(currency=currency, stage__in=stages).order_by().values("stage")
    sums = {row["stage"]: row for row in rows.annotate(deals=Count("pk"), net=Sum("net_total"))}
    return [
        StageOpen(stage, row["deals"], row["net"]) if (row := sums.get(stage.pk)) else StageOpen(stage, 0, ZERO)
        for stage in stages
    ]


def cycle_days(deals: DealQuerySet) -> int | None:
    """From the first talk to the win, on average, over the last twelve months."""
    start = months_back(MONTHS, timezone.localdate())[0]
    won = deals.filter(status=DealStatus.WON, won_at__date__gte=start)
    took = ExpressionWrapper(TruncDate("won_at") - F("started_on"), output_field=DurationField())
    span = won.aggregate(span=Avg(took))["span"]
    return round(span.total_seconds() / 86400) if span is not None else None
