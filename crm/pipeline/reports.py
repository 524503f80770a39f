"""Reads of deals that span tables: the board with its exact sums, the deal's warnings, its prices' past."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from base.days import written
from base.roles import has_role
from base.standing import standing_of
from crm.pipeline import promoted, quotes
from crm.pipeline.models import (
    APPROVERS,
    Deal,
    DealInvoice,
    DealLine,
    DealQuerySet,
    Pipeline,
    PriceApproval,
    Stage,
    Urgency,
)
from crm.promotions import services as promotions

CARDS_PER_COLUMN = 40
URGENCY_TONES: dict[str, str] = {
    Urgency.OVERDUE: "bad",
    Urgency.TODAY: "good",
    Urgency.LATER: "quiet",
    Urgency.NONE: "warn",
}


@dataclass
class Column:
    """One stage of the board: its sums are of all its deals, its cards the most urgent ones."""

    stage: Stage
    count: int = 0
    totals: list[tuple[Decimal, str]] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many deals the board does not draw."""
        return self.count - len(self.deals)


def default_pipeline() -> Pipeline:
    """The first pipeline: a migration makes it, so there is one."""
    return Pipeline.objects.order_by("position", "id")[0]


def pipelines() -> list[Pipeline]:
    """All of them, in their order."""
    return list(Pipeline.objects.order_by("position", "id"))


def promotion_limit() -> Decimal:
    """How deep a promotion may go: it counts in every pipeline, so the lowest limit does."""
    lowest: Decimal | None = Pipeline.objects.aggregate(lowest=Min("promotion_limit"))["lowest"]
    return Decimal(1) if lowest is None else lowest


def board(deals: QuerySet[Deal], pipeline: Pipeline, cards: bool = True) -> list[Column]:
    """The columns of the given open deals; four queries, whatever their number."""
    columns = {stage.pk: Column(stage) for stage in pipeline.stages.order_by("position")}
    deals = deals.filter(stage__in=list(columns), status="open")
    sums = deals.order_by().values("stage", "currency").annotate(deals=Count("pk"), total=Sum("net_total"))
    for row in sums.order_by("stage", "currency"):
        columns[row["stage"]].count += row["deals"]
        columns[row["stage"]].totals.append((row["total"], row["currency"]))
    if cards:
        for deal in _cards(deals):
            columns[deal.stage_id].deals.append(deal)
    return list(columns.values())


def _cards(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """The most urgent deals of each stage, those without a next step last."""
    urgent_first = [F("next_step_on").asc(nulls_last=True), F("id").desc()]
    place = Window(RowNumber(), partition_by=F("stage"), order_by=urgent_first)
    # Ranked by their keys alone: of a hundred thousand deals only those that are drawn are read whole.
    ranked = deals.order_by().annotate(place=place).filter(place__lte=CARDS_PER_COLUMN).values_list("pk", flat=True)
    drawn = Deal.objects.filter(pk__in=list(ranked))
    return drawn.select_related("account", "owner", "stage").order_by(*urgent_first)


def urgency_note(deal: Deal) -> str:
    """The next step in a few words with its day."""
    if deal.next_step_on is None:
        return _("No next step")
    return f"{_day(deal.next_step_on)} · {deal.next_step}" if deal.next_step else _day(deal.next_step_on)


def _day(day: date) -> str:
    away = (day - timezone.localdate()).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    return near.get(away) or written(day, year=abs(away) >= 300)


def glance(deals: DealQuerySet) -> dict[str, Any]:
    """Open deals in three figures: how many, worth what per currency, won in the last 30 days per currency."""
    sums = deals.open().order_by().values("currency").annotate(deals=Count("pk"), total=Sum("net_total"))
    since = timezone.now() - timedelta(days=30)
    won = deals.filter(status="won", won_at__gte=since).order_by().values("currency")
    rows = list(sums.order_by("currency"))
    return {
        "count": sum(row["deals"] for row in rows),
        "totals": [(row["total"], row["currency"]) for row in rows],
        "won": [(row["total"], row["currency"]) for row in won.annotate(total=Sum("net_total")).order_by("currency")],
    }


def warnings(deal: Deal, lines: list[DealLine]) -> list[tuple[str, str]]:
    """What a rep should know before promising: (tone, sentence). None of these forbids; refusals are the services'."""
    said: list[tuple[str, str]] = []
    unknown = [line.sku for line in lines if not line.in_catalogue]
    if unknown:
        said.append(
            (
                "warn",
                _("Not in the catalogue: {skus}. The ERP will refuse an order it cannot deliver.").format(
                    skus=", ".join(unknown)
                ),
            )
        )
    band = deal.account.credit_band
    if band in {"tight", "stopped"}:
        said.append(
            (
                "warn",
                _("Their credit is “{band}” in the books: the order may be held until accounting has looked.").format(
                    band=deal.account.get_credit_band_display()
                ),
            )
        )
    if deal.requested_on and deal.requested_on < timezone.localdate():
        said.append(("warn", _("The wanted day has passed.")))
    return said


def tell_promotions(deal: Deal, lines: list[Any]) -> None:
    """What the deal's page says at each line, two queries at most: `ended`, where a price stands on a promotion that is
    over and nobody was offered it while it ran; `better`, where one runs that the line does not have.
    """
    if not deal.is_open or not lines:
        return
    running = promotions.running_for(deal.account)
    over = [line for line in lines if line.promotion and line.promotion.has_ended]
    made = list(deal.quotes.all()) if over else []
    for line in lines:
        line.ended = line in over and not quotes.was_offered(line, made)
        best = promotions.best_of(running, line.sku) if promoted.is_at_list(line) else None
        line.better = best if best is not None and best.discount > line.discount else None


def price_changes(deal: Deal) -> list[dict[str, Any]]:
    """Every change of a price or discount: who, when, before, after and why; the newest first, one query."""
    changes: list[dict[str, Any]] = []
    before: dict[Any, Any] = {}
    last: dict[Any, dict[str, Any]] = {}
    rows = (
        DealLine.history.filter(deal_id=deal.pk).select_related("history_user").order_by("history_date", "history_id")
    )
    for row in rows:
        old = before.get(row.id)
        before[row.id] = row
        if old is None or row.history_type == "-":
            continue
        if (old.unit_price, old.discount) != (row.unit_price, row.discount):
            who, at = row.history_user, row.history_date
            last[row.id] = {"sku": row.sku, "at": at, "by": who, "old": old, "new": row, "why": row.price_reason}
            changes.append(last[row.id])
        elif row.id in last and row.price_reason:
            # The reason is often said a moment after the number.
            last[row.id]["why"] = row.price_reason
    return changes[::-1]


def approvals_for(user: Any) -> list[PriceApproval]:
    """What waits for this person's word: of the people they lead, or of everybody where they lead nobody."""
    if not has_role(user, *APPROVERS):
        return []
    rows = PriceApproval.objects.visible_to(user).open().exclude(asked_by=user.pk).exclude(deal__owner=user.pk)
    if led := standing_of(user).leads:
        rows = rows.filter(asked_by__in=led)
    return list(rows.select_related("deal__account", "deal__stage__pipeline", "asked_by").order_by("id")[:50])


def whole_discount(lines: list[DealLine]) -> Decimal | None:
    """How far below the list prices the whole comes; of the lines that have one."""
    listed = [line for line in lines if line.list_price]
    full = sum((line.quantity * line.list_price for line in listed if line.list_price), Decimal(0))
    if not full:
        return None
    return (1 - sum((line.net_amount for line in listed), Decimal(0)) / full).quantize(Decimal("0.001"))


def overdue_of(account: Any) -> list[tuple[Decimal, str]]:
    """What the account owes past its day, per currency, as far as the ERP has told us."""
    late = DealInvoice.objects.filter(
        deal__account=account, kind="invoice", open_amount__gt=0, due_on__lt=timezone.localdate()
    )
    sums = late.order_by().values("currency").annotate(total=Sum("open_amount")).order_by("currency")
    return [(row["total"], row["currency"]) for row in sums]
