"""The verbs of deals; with `following` the only writers of their tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from base.ids import uuid7
from base.money import line_net, round_money
from base.numbering import next_number
from base.roles import has_role, require
from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.activities import services as activities
from crm.catalogue.models import Product, ProductStatus
from crm.catalogue.services import prices_on
from crm.pipeline.models import APPROVERS, Deal, DealLine, DealOrder, DealStatus, DepositReport, Stage
from crm.pipeline.refusals import (
    AmountMissing,
    ApprovalNeeded,
    BadLine,
    ClosedElsewhere,
    DealClosed,
    NothingPromised,
    NotWon,
    PriceNeeded,
    PromiseTooLong,
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
)
MOST_LINES = 300


@dataclass(frozen=True)
class NewLine:
    """What a rep enters: the rest comes from the catalogue."""

    sku: str
    quantity: Decimal
    discount: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    description: str = ""


@transaction.atomic
def create_deal(
    account: Account,
    *,
    by: Any,
    lines: Sequence[NewLine] = (),
    stage: Stage | None = None,
    id: UUID | None = None,
    **fields: Any,
) -> Deal:
    """A new open deal in the first stage, owned by who made it; the same `id` again is the same deal."""
    if id is not None and (known := Deal.objects.filter(pk=id).first()):
        return known
    assert set(fields) <= set(EDITABLE), fields
    deal = Deal(
        id=id or uuid7(),
        number=next_number("deal_number", "D"),
        account=account,
        stage=stage or Stage.objects.order_by("pipeline__position", "position").select_related("pipeline").first(),
        **{"owner": by, **fields},
    )
    deal.freight = round_money(deal.freight, deal.currency)
    made = _priced(deal, lines)
    deal.net_total = sum((line.net_amount for line in made), Decimal(0))
    deal.save(force_insert=True)
    DealLine.objects.bulk_create(made)
    DealLine.history.bulk_history_create(made)
    return deal


@transaction.atomic
def remove_deal(deal: Deal) -> None:
    """Take back an open deal made by mistake; the history keeps it."""
    deal = _locked(deal.pk)
    _check_open(deal)
    deal.delete()


@transaction.atomic
def change_deal(deal: Deal, **changes: Any) -> Deal:
    """Edit title, owner, dates, freight, deposit and next step; another price day prices the lines anew."""
    assert set(changes) <= set(EDITABLE), changes
    deal = _locked(deal.pk)
    steps_only = set(changes) <= {"next_step", "next_step_on", "owner", "title", "started_on"}
    if not steps_only:
        _check_open(deal)
    before = deal.price_day
    for name, value in changes.items():
        setattr(deal, name, value)
    deal.freight = round_money(deal.freight or Decimal(0), deal.currency)
    if not deal.next_step:
        deal.next_step_on = None
    deal.revision += 1
    deal.save()
    if deal.is_open and deal.price_day != before:
        _price_again(deal)
    return deal


@transaction.atomic
def add_line(deal: Deal, new: NewLine, *, id: UUID | None = None) -> DealLine:
    """One more line, priced from the ERP's published list of the deal's day."""
    if id is not None and (known := DealLine.objects.filter(pk=id).first()):
        return known
    deal = _locked(deal.pk)
    _check_open(deal)
    (line,) = _priced(deal, [new], start=(deal.lines.aggregate(last=Max("position"))["last"] or 0) + 1)
    line.id = id or line.id
    line.save(force_insert=True)
    _sum_up(deal)
    return line


@transaction.atomic
def change_line(line: DealLine, **changes: Any) -> DealLine:
    """Another quantity, price or discount; an approval stands only for the price it was given for."""
    deal = _locked(line.deal_id)
    _check_open(deal)
    line = DealLine.objects.get(pk=line.pk)
    assert set(changes) <= {"quantity", "unit_price", "discount", "description"}, changes
    priced = {name for name in ("unit_price", "discount") if name in changes and getattr(line, name) != changes[name]}
    for name, value in changes.items():
        setattr(line, name, value)
    if priced:
        line.approved_by = line.approved_at = None
    _check_line(line.sku, line.quantity, line.unit_price, line.discount)
    line.net_amount = line_net(line.quantity, line.unit_price, line.discount, deal.currency)
    line.save()
    _sum_up(deal)
    return line


@transaction.atomic
def remove_line(line: DealLine) -> None:
    """Take a line out of an open deal."""
    deal = _locked(line.deal_id)
    _check_open(deal)
    DealLine.objects.get(pk=line.pk).delete()
    _sum_up(deal)


@transaction.atomic
def approve_line(line: DealLine, by: Any) -> DealLine:
    """A manager agrees to a price beyond the rep's limit."""
    require(by, *APPROVERS)
    deal = _locked(line.deal_id)
    _check_open(deal)
    line = DealLine.objects.get(pk=line.pk)
    line.approved_by, line.approved_at = by, timezone.now()
    line.save()
    deal.revision += 1
    deal.save(update_fields=["revision", "updated_at"])
    return line


@transaction.atomic
def move(deal: Deal, stage: Stage) -> Deal:
    """To another stage of the board."""
    deal = _locked(deal.pk)
    _check_open(deal)
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
    deal = _locked(deal.pk)
    if deal.status == DealStatus.WON:
        return deal
    _check_open(deal)
    lines = list(deal.lines.select_related("approved_by"))
    if not lines:
        raise NothingPromised()
    _check_discounts(deal, lines, by)
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
    deal = _locked(deal.pk)
    _check_open(deal)
    deal.lose(timezone.now())
    _close(deal, "deal_lost", reason)
    return deal


@transaction.atomic
def reopen(deal: Deal) -> Deal:
    """A lost deal comes back to life."""
    deal = _locked(deal.pk)
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
    deal = _locked(deal.pk)
    if deal.status == DealStatus.WITHDRAWN:
        return deal
    if deal.taken_over:
        raise ClosedElsewhere(number=deal.number)
    if deal.status != DealStatus.WON:
        raise NotWon(number=deal.number, state=deal.get_status_display())
    deal.withdraw()
    _close(deal, "deal_withdrawn", reason)
    emit(contracts.DealWithdrawn(deal=deal.pk, reason=reason.strip(), withdrawn_by=_name(by)))
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
    deal = _locked(deal.pk)
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
            reported_by=_name(by),
        )
    )
    return report


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _locked(pk: UUID) -> Deal:
    return (
        Deal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account", "stage__pipeline", "owner")
        .get(pk=pk)
    )


def _check_open(deal: Deal) -> None:
    if not deal.is_open:
        raise DealClosed(number=deal.number, state=deal.get_status_display())


def _priced(deal: Deal, lines: Sequence[NewLine], start: int = 1) -> list[DealLine]:
    """The lines with list price, name and unit of the catalogue on the deal's day; two queries for any number."""
    if start + len(lines) - 1 > MOST_LINES:
        raise BadLine(why=_("A deal has at most {most} lines.").format(most=MOST_LINES), field="lines")
    skus = [line.sku.strip() for line in lines]
    known = {product.sku: product for product in Product.objects.filter(sku__in=skus)} if skus else {}
    listed = prices_on(skus, deal.price_day, deal.currency) if skus else {}
    return [
        priced_line(deal, position, new, known.get(sku), listed.get(sku))
        for position, (new, sku) in enumerate(zip(lines, skus, strict=True), start)
    ]


def priced_line(
    deal: Deal, position: int, new: NewLine, product: Product | None, list_price: Decimal | None
) -> DealLine:
    """A line, not saved yet, with what the catalogue knows of it; without a price of its own it has the list's."""
    sku = new.sku.strip()
    price = new.unit_price if new.unit_price is not None else list_price
    if price is None:
        raise PriceNeeded(sku=sku, date=deal.price_day)
    _check_line(sku, new.quantity, price, new.discount)
    return DealLine(
        deal=deal,
        position=position,
        sku=sku,
        description=(new.description or (product.name if product else ""))[:250],
        unit=product.unit[:100] if product else "",
        in_catalogue=product is not None and product.status == ProductStatus.PUBLISHED,
        quantity=new.quantity,
        list_price=list_price,
        price_as_of=deal.price_day if list_price is not None else None,
        unit_price=price,
        discount=new.discount,
        net_amount=line_net(new.quantity, price, new.discount, deal.currency),
    )


def _check_line(sku: str, quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    if not sku:
        raise BadLine(why=_("Choose a product."), field="sku")
    if not 0 < quantity <= Decimal(10) ** 9 or quantity != round(quantity, 4):
        raise BadLine(why=_("A quantity must be above zero and have at most four decimals."), field="quantity")
    if not 0 <= price <= Decimal(10) ** 9:
        raise BadLine(why=_("A price cannot be negative."), field="unit_price")
    if not 0 <= discount <= 1:
        raise BadLine(why=_("A discount is between 0 and 100 %."), field="discount")


def _price_again(deal: Deal) -> None:
    """Another day, another price list: lines at the old list price follow it, prices a rep set stay."""
    lines = list(deal.lines.all())
    listed = prices_on([line.sku for line in lines], deal.price_day, deal.currency)
    for line in lines:
        follows = line.list_price is not None and line.unit_price == line.list_price and line.sku in listed
        line.list_price, line.price_as_of = listed.get(line.sku), deal.price_day if line.sku in listed else None
        if follows:
            line.unit_price = listed[line.sku]
            line.approved_by = line.approved_at = None
        line.net_amount = line_net(line.quantity, line.unit_price, line.discount, deal.currency)
        line.save()
    _sum_up(deal)


def _sum_up(deal: Deal) -> None:
    deal.net_total = deal.lines.aggregate(total=Sum("net_amount"))["total"] or Decimal(0)
    deal.revision += 1
    deal.save(update_fields=["net_total", "revision", "updated_at"])


def _check_discounts(deal: Deal, lines: list[DealLine], by: Any) -> None:
    """Beyond the limit a manager must have agreed; a manager who wins the deal agrees by doing so."""
    limit = deal.stage.pipeline.discount_limit
    for line in lines:
        line.deal = deal
        if not line.needs_approval:
            continue
        if not has_role(by, *APPROVERS):
            off = f"{(line.discount_from_list * 100).quantize(Decimal('0.1')).normalize():f}"
            raise ApprovalNeeded(sku=line.sku, discount=off, limit=f"{(limit * 100).normalize():f}")
        line.approved_by, line.approved_at = by, timezone.now()
        line.save()


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
                approved_by=_name(line.approved_by),
            )
            for line in lines
        ),
        freight=deal.freight,
        net_total=deal.net_total,
        ordered_on=deal.ordered_on,
        requested_on=deal.requested_on,
        deposit=deal.deposit_agreed,
        won_at=deal.won_at,
        sold_by=_name(by),
    )


def _name(user: Any) -> str:
    return (user.get_full_name() or user.get_username())[:250] if user is not None else ""
