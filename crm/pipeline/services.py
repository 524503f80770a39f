"""The verbs of deals; with `following` and `pricing` the only writers of their tables."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from base.ids import uuid7
from base.money import line_net, round_money
from base.numbering import next_number
from base.recording import keep_made
from crm.access.people import name_of
from crm.accounts import keeping, tag_words
from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.activities import services as activities
from crm.pipeline import pricing, promoted
from crm.pipeline.models import Deal, DealLine, DealOrder, DealStatus, DepositReport, Pipeline, Stage
from crm.pipeline.pricing import NewLine
from crm.pipeline.refusals import (
    AmountMissing,
    ClosedElsewhere,
    DealClosed,
    NoStages,
    NothingPromised,
    NotWon,
    PromiseTooLong,
    QuotesStay,
    ReasonMissing,
)
from integration.contracts import deals as contracts
from integration.events import BadEvent
from integration.outbox.emitting import emit

EDITABLE = (
    "title",
    "owner",
    "started_on",
    "ordered_on",
    "requested_on",
    "freight",
    "deposit_agreed",
    "next_step",
    "next_step_on",
    "tags",
    "custom",
)
# What does not belong to the promise: it changes on a deal that is closed, too.
ALWAYS = {"title", "owner", "started_on", "next_step", "next_step_on", "tags", "custom"}


@transaction.atomic
def create_deal(
    account: Account,
    *,
    by: Any,
    lines: Sequence[NewLine] = (),
    stage: Stage | None = None,
    pipeline: Pipeline | None = None,
    id: UUID | None = None,
    **fields: Any,
) -> Deal:
    """A new open deal in the pipeline's first stage, owned by who made it; the same `id` again is the same deal."""
    if id is not None and (known := Deal.objects.filter(pk=id).first()):
        return known
    assert set(fields) <= set(EDITABLE), fields
    deal = Deal(
        id=id or uuid7(),
        number=next_number("deal_number", "D"),
        account=account,
        stage=stage or _first_stage(pipeline),
        **{"owner": by, **fields},
    )
    keeping.made(deal)
    deal.freight = round_money(deal.freight, deal.currency)
    made = pricing.priced_lines(deal, lines)
    for line in made:
        line.priced_by = by
    deal.net_total = sum((line.net_amount for line in made), Decimal(0))
    deal.save(force_insert=True)
    DealLine.objects.bulk_create(made)
    keep_made(made)
    return deal


@transaction.atomic
def remove_deal(deal: Deal) -> None:
    """Take back an open deal made by mistake; the history keeps it."""
    deal = locked(deal.pk)
    check_open(deal)
    if deal.quotes.exists():
        raise QuotesStay(number=deal.number)
    deal.delete()


@transaction.atomic
def change_deal(deal: Deal, **changes: Any) -> Deal:
    """Edit its own fields and the company's; another price day prices the lines anew."""
    assert set(changes) <= set(EDITABLE), changes
    deal = locked(deal.pk)
    if not set(changes) <= ALWAYS:
        check_open(deal)
    before = deal.price_day
    for name, value in changes.items():
        setattr(deal, name, keeping.changed(deal, name, value))
    deal.freight = round_money(deal.freight or Decimal(0), deal.currency)
    if not deal.next_step:
        deal.next_step_on = None
    deal.revision += 1
    deal.save()
    if deal.is_open and deal.price_day != before:
        pricing.price_again(deal)
    return deal


@transaction.atomic
def join_tags(deal: Deal, words: Sequence[str]) -> Deal:
    """It bears these words from now on beside its own: nothing is lost when something else becomes a part of it."""
    if not words:
        return deal
    deal = locked(deal.pk)
    if (both := tag_words.joined(deal.tags, words)) != deal.tags:
        deal.tags, deal.revision = both, deal.revision + 1
        deal.save()
    return deal


@transaction.atomic
def add_line(deal: Deal, new: NewLine, *, by: Any = None, id: UUID | None = None) -> DealLine:
    """One more line, priced from the ERP's published list of the deal's day."""
    if id is not None and (known := DealLine.objects.filter(pk=id).first()):
        return known
    deal = locked(deal.pk)
    check_open(deal)
    (line,) = pricing.priced_lines(deal, [new], start=(deal.lines.aggregate(last=Max("position"))["last"] or 0) + 1)
    line.id, line.priced_by = id or line.id, by
    line.save(force_insert=True)
    pricing.sum_up(deal)
    return line


@transaction.atomic
def change_line(line: DealLine, *, by: Any = None, **changes: Any) -> DealLine:
    """Another quantity, price or discount; an approval and a reason stand only for the price they were given for."""
    deal = locked(line.deal_id)
    check_open(deal)
    line = DealLine.objects.select_related("promotion").get(pk=line.pk)
    assert set(changes) <= {"quantity", "unit_price", "discount", "description", "price_reason"}, changes
    changed = {name for name, value in changes.items() if getattr(line, name) != value}
    if changed & {"unit_price", "discount"}:
        line.priced_by = by
        line.price_reason = ""
    if changed & {"quantity", "unit_price", "discount"}:
        line.approved_by = line.approved_at = None
    for name in changed:
        setattr(line, name, changes[name])
    if changed & {"quantity", "unit_price", "discount"}:
        running = promoted.best_for(deal, line.sku)
        if not changed & {"unit_price", "discount"}:
            promoted.take(line, running)
        promoted.settle(line, running)
    _price(line, deal)
    return line


@transaction.atomic
def price_anew(line: DealLine, *, by: Any = None) -> DealLine:
    """The discount of the best promotion that runs today instead of the one it has: no line does that by itself.

    A line that has none, and cannot have what runs, stays as it is.
    """
    deal = locked(line.deal_id)
    check_open(deal)
    line = DealLine.objects.select_related("promotion").get(pk=line.pk)
    running = promoted.best_for(deal, line.sku)
    given = running.discount if running and promoted.is_at_list(line) else None
    if given is None and line.promotion is None:
        return line
    discount = given or Decimal(0)
    if discount != line.discount:
        line.approved_by = line.approved_at = None
        line.priced_by, line.price_reason, line.discount = by, "", discount
    line.promotion, line.promotion_discount = None, Decimal(0)
    promoted.settle(line, running)
    _price(line, deal)
    return line


@transaction.atomic
def remove_line(line: DealLine) -> None:
    """Take a line out of an open deal."""
    deal = locked(line.deal_id)
    check_open(deal)
    DealLine.objects.get(pk=line.pk).delete()
    pricing.sum_up(deal)


@transaction.atomic
def move(deal: Deal, stage: Stage) -> Deal:
    """To another stage of the board."""
    deal = locked(deal.pk)
    check_open(deal)
    if deal.stage_id != stage.pk:
        deal.stage, deal.stage_since = stage, timezone.now()
        deal.revision += 1
        deal.save()
    return deal


@transaction.atomic
def win(deal: Deal, by: Any) -> Deal:
    """The customer agreed: freeze what is promised and tell the ERP. Winning twice is winning once.

    The first win makes the account a customer of the ERP.
    """
    deal = locked(deal.pk)
    if deal.status == DealStatus.WON:
        return deal
    check_open(deal)
    lines = list(deal.lines.select_related("approved_by", "promotion"))
    if not lines:
        raise NothingPromised()
    pricing.check_discounts(deal, lines, by)
    now = timezone.now()
    if deal.ordered_on is None:
        deal.ordered_on = timezone.localdate()
    deal.win(now)
    deal.won_by = by
    deal.next_step, deal.next_step_on = "", None
    deal.revision += 1
    deal.save()
    DealOrder.objects.create(deal=deal, as_of=now, received_at=now)
    accounts.register(deal.account)
    activities.record_fact(
        deal.account,
        "deal_won",
        str(deal),
        {"number": deal.number, "total": str(deal.net_total), "currency": deal.currency},
        now,
        deal=deal.pk,
    )
    try:
        emit(_won(deal, lines, by))
    except BadEvent:
        raise PromiseTooLong() from None
    return deal


@transaction.atomic
def lose(deal: Deal, reason: str) -> Deal:
    """It went to somebody else, or to nobody; the reason is what we learn from it."""
    if not reason.strip():
        raise ReasonMissing()
    deal = locked(deal.pk)
    check_open(deal)
    deal.lose(timezone.now())
    pricing.let_questions_lapse(deal)
    _close(deal, "deal_lost", reason)
    return deal


@transaction.atomic
def reopen(deal: Deal) -> Deal:
    """A lost deal comes back to life."""
    deal = locked(deal.pk)
    if deal.status != DealStatus.LOST:
        raise DealClosed(number=deal.number, state=deal.get_status_display())
    deal.reopen()
    deal.revision += 1
    deal.save()
    return deal


@transaction.atomic
def withdraw(deal: Deal, reason: str, by: Any = None) -> Deal:
    """The customer takes it back; the ERP cancels the order, or answers that it is too late."""
    if not reason.strip():
        raise ReasonMissing()
    deal = locked(deal.pk)
    if deal.status == DealStatus.WITHDRAWN:
        return deal
    if deal.taken_over:
        raise ClosedElsewhere(number=deal.number)
    if deal.status != DealStatus.WON:
        raise NotWon(number=deal.number, state=deal.get_status_display())
    deal.withdraw()
    _close(deal, "deal_withdrawn", reason)
    emit(contracts.DealWithdrawn(deal=deal.pk, reason=reason.strip(), withdrawn_by=name_of(by)))
    return deal


@transaction.atomic
def report_deposit(
    deal: Deal, amount: Decimal, *, by: Any, reference: str = "", on: date | None = None, id: UUID | None = None
) -> DepositReport:
    """Money the rep heard of: a task on the accountant's desk the same minute. The same `id` is one report."""
    if id is not None and (known := DepositReport.objects.filter(pk=id).first()):
        return known
    if amount <= 0:
        raise AmountMissing()
    deal = locked(deal.pk)
    if deal.status not in {DealStatus.OPEN, DealStatus.WON}:
        raise DealClosed(number=deal.number, state=deal.get_status_display())
    if deal.taken_over:
        raise ClosedElsewhere(number=deal.number)
    report = DepositReport.objects.create(
        id=id or uuid7(),
        deal=deal,
        amount=round_money(amount, deal.currency),
        currency=deal.currency,
        reference=reference.strip()[:250],
        reported_on=on or timezone.localdate(),
        reported_by=by,
    )
    deal.revision += 1
    deal.save(update_fields=["revision", "updated_at"])
    activities.record_fact(
        deal.account,
        "deposit_reported",
        str(deal),
        {"number": deal.number, "amount": str(report.amount), "currency": report.currency},
        timezone.now(),
        deal=deal.pk,
    )
    emit(
        contracts.DepositReported(
            deposit=report.pk,
            deal=deal.pk,
            customer=accounts.snapshot(deal.account),
            amount=report.amount,
            currency=report.currency,
            reported_on=report.reported_on,
            reference=report.reference,
            reported_by=name_of(by),
        )
    )
    return report


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def locked(pk: UUID) -> Deal:
    return (
        Deal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account", "stage__pipeline", "owner")
        .get(pk=pk)
    )


def check_open(deal: Deal) -> None:
    if not deal.is_open:
        raise DealClosed(number=deal.number, state=deal.get_status_display())


def _price(line: DealLine, deal: Deal) -> None:
    pricing.check_line(line.sku, line.quantity, line.unit_price, line.discount)
    line.net_amount = line_net(line.quantity, line.unit_price, line.discount, deal.currency)
    line.save()
    pricing.sum_up(deal)


def _first_stage(pipeline: Pipeline | None) -> Stage:
    """Of the pipeline; of the first one where none is named."""
    stages = Stage.objects.order_by("pipeline__position", "position").select_related("pipeline")
    found = (stages.filter(pipeline=pipeline) if pipeline else stages).first()
    if found is None:
        raise NoStages(pipeline=pipeline.name if pipeline else "")
    return found


def _close(deal: Deal, kind: str, reason: str) -> None:
    deal.close_reason = reason.strip()[:250]
    deal.revision += 1
    deal.save()
    facts = {"number": deal.number, "reason": deal.close_reason}
    activities.record_fact(deal.account, kind, deal.close_reason, facts, timezone.now(), deal=deal.pk)


def _won(deal: Deal, lines: list[DealLine], by: Any) -> contracts.DealWon:
    assert deal.ordered_on is not None
    return contracts.DealWon(
        deal=deal.pk,
        number=deal.number,
        title=deal.title,
        customer=accounts.snapshot(deal.account),
        currency=deal.currency,
        lines=tuple(
            contracts.DealLine(
                line=line.pk,
                position=line.position,
                sku=line.sku,
                description=line.description,
                unit=line.unit,
                quantity=line.quantity,
                list_price=line.list_price,
                unit_price=line.unit_price,
                discount=line.discount,
                net_amount=line.net_amount,
                approved_by=name_of(line.approved_by),
                promotion=line.promotion.name if line.promotion else "",
            )
            for line in lines
        ),
        freight=deal.freight,
        net_total=deal.net_total,
        ordered_on=deal.ordered_on,
        requested_on=deal.requested_on,
        deposit=deal.deposit_agreed,
        won_at=deal.won_at,
        sold_by=name_of(by),
    )
