"""Deals of another system: many at once, the closed ones as the history they are.

What was won or lost elsewhere is told to nobody: no order, no notice, no task. Such a deal is `taken_over`; nothing can
be withdrawn from it, and as long as it is history only it may be taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from base.bulk import insert_many
from base.money import round_money
from base.numbering import next_numbers
from base.recording import keep_made
from crm.accounts import keeping
from crm.accounts.models import Account
from crm.activities import services as activities
from crm.catalogue.models import Product
from crm.catalogue.services import price_book
from crm.pipeline.models import Deal, DealLine, DealStatus, Stage
from crm.pipeline.pricing import MOST_LINES, NewLine, priced_line
from crm.pipeline.refusals import BadLine
from crm.pipeline.services import remove_deal


@dataclass(frozen=True)
class FoundDeal:
    """A deal as the other system has it; `told` are title, days, next step, tags and custom fields."""

    id: UUID
    account: Account
    owner: Any
    stage: Stage
    status: str = DealStatus.OPEN
    closed_on: date | None = None
    close_reason: str = ""
    lines: Sequence[NewLine] = ()
    told: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def take_over(found: Sequence[FoundDeal]) -> list[Deal]:
    """Make all of them in a few statements, or none."""
    numbers = next_numbers("deal_number", "D", len(found))
    deals = [_deal(one, number) for one, number in zip(found, numbers, strict=True)]
    keeping.made_many(deals)
    lines = _lines(found, deals)
    # The lines first: the database lets a closed deal come only with its lines there, and none be added after.
    insert_many(lines)
    insert_many(deals)
    keep_made(deals)
    keep_made(lines)
    activities.record_facts([_fact(deal) for deal in deals if deal.taken_over])
    return deals


@transaction.atomic
def take_back(deal: Deal) -> None:
    """Taken over by mistake: it goes, and the timeline forgets it; what was promised here stays."""
    deal = Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
    if deal.taken_over:
        deal.unwin() if deal.status == DealStatus.WON else deal.reopen()
        deal.save()
        activities.forget_deal(deal.pk)
    remove_deal(deal)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _deal(one: FoundDeal, number: str) -> Deal:
    closed_at = _noon(one.closed_on) if one.closed_on else None
    is_open, won = one.status == DealStatus.OPEN, one.status == DealStatus.WON
    started_on = one.told.get("started_on") or one.closed_on or timezone.localdate()
    told = {**one.told, "started_on": started_on}
    if won:
        told["ordered_on"] = told.get("ordered_on") or one.closed_on
    return Deal(
        id=one.id,
        number=number,
        account=one.account,
        owner=one.owner,
        stage=one.stage,
        stage_since=closed_at or min(_noon(started_on), timezone.now()),
        status=one.status,
        taken_over=not is_open,
        won_at=closed_at if won else None,
        won_by=one.owner if won else None,
        closed_at=None if is_open else closed_at,
        close_reason=one.close_reason[:250],
        **told,
    )


def _lines(found: Sequence[FoundDeal], deals: Sequence[Deal]) -> list[DealLine]:
    """All lines, priced as a rep's are; two queries whatever their number."""
    skus = {line.sku.strip() for one in found for line in one.lines}
    known = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
    books = {currency: price_book(skus, currency) for currency in {deal.currency for deal in deals}}
    made = []
    for one, deal in zip(found, deals, strict=True):
        if len(one.lines) > MOST_LINES:
            raise BadLine(why=_("A deal has at most {most} lines.").format(most=MOST_LINES), field="lines")
        book, day = books[deal.currency], deal.price_day
        lines = [
            priced_line(deal, position, new, known.get(new.sku.strip()), book.on(new.sku.strip(), day))
            for position, new in enumerate(one.lines, 1)
        ]
        deal.net_total = round_money(sum((line.net_amount for line in lines), Decimal(0)), deal.currency)
        made += lines
    return made


def _fact(deal: Deal) -> dict[str, Any]:
    facts = {"number": deal.number, "total": str(deal.net_total), "currency": deal.currency}
    won = deal.status == DealStatus.WON
    return {
        "account": deal.account,
        "kind": "deal_won" if won else "deal_lost",
        "text": str(deal) if won else deal.close_reason,
        "facts": facts if won else {"number": deal.number, "reason": deal.close_reason},
        "occurred_at": deal.closed_at,
        "deal": deal.pk,
    }


def _noon(day: date) -> datetime:
    """The day, wherever its reader is."""
    return timezone.make_aware(datetime.combine(day, time(12)))
