"""Asking a sales manager for prices beyond the limit, and the answer.

Whoever set a price, asked for it or owns the deal does not approve it. An answer counts for the lines that the manager
saw: what changed in between is looked at again, and a line that changes later needs a new word.
"""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.ids import uuid7
from base.notices import Tone, notify
from base.refusals import ChangedMeanwhile
from base.roles import has_role, require
from crm.access.people import leaders_of, managers, name_of
from crm.pipeline import pricing
from crm.pipeline.models import APPROVERS, ApprovalState, Deal, DealLine, PriceApproval
from crm.pipeline.refusals import AnsweredAlready, NothingToApprove, OwnPrice, ReasonMissing
from crm.pipeline.services import check_open, locked


@transaction.atomic
def ask(deal: Deal, *, by: Any, why: str, id: UUID | None = None) -> PriceApproval:
    """Ask for the prices beyond the limit, with a word why; asking twice is asking once."""
    why = " ".join(why.split())[:250]
    if not why:
        raise ReasonMissing(field="why")
    if id is not None and (known := PriceApproval.objects.filter(pk=id, deal=deal).first()):
        return known
    deal = locked(deal.pk)
    check_open(deal)
    if known := deal.approvals.open().first():
        return known
    waiting = [line for line in lines_of(deal) if line.needs_approval]
    if not waiting:
        raise NothingToApprove()
    for line in waiting:
        if not line.price_reason:
            line.price_reason = why
            line.save()
    asked = PriceApproval(
        id=id or uuid7(),
        deal=deal,
        why=why,
        net_total=deal.net_total,
        discount=deepest(waiting),
        asked_by=by,
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        return deal.approvals.open().get()
    _moved(deal)
    text = format_lazy(
        _("{person} asks for {discount} % off for {account}: {why}"),
        person=name_of(by),
        discount=pricing.per_cent(asked.discount),
        account=deal.account.name,
        why=why,
    )
    notify(who_decides(asked), text, url=asked.get_absolute_url(), tone=Tone.WARN)
    return asked


@transaction.atomic
def give(asked: PriceApproval, *, by: Any, seen: str = "") -> PriceApproval:
    """The prices stand: the rep may promise them. `seen` is the mark of the lines that the manager looked at."""
    deal, asked = _answerable(asked, by)
    waiting = [line for line in lines_of(deal) if line.needs_approval]
    if seen and seen != mark(deal):
        raise ChangedMeanwhile()
    refuse_own(waiting, by)
    pricing.approve(waiting, by)
    return _answer(deal, asked, ApprovalState.GIVEN, by)


@transaction.atomic
def refuse(asked: PriceApproval, *, by: Any, answer: str = "") -> PriceApproval:
    """The prices do not stand: the rep changes them, or asks again with a better reason."""
    deal, asked = _answerable(asked, by)
    return _answer(deal, asked, ApprovalState.REFUSED, by, " ".join(answer.split())[:250])


@transaction.atomic
def approve_line(line: DealLine, by: Any) -> DealLine:
    """A manager who looks at the deal agrees to one price; an open question is answered with the last of them."""
    require(by, *APPROVERS)
    deal = locked(line.deal_id)
    check_open(deal)
    (line,) = [one for one in lines_of(deal) if one.pk == line.pk]
    refuse_own([line], by)
    pricing.approve([line], by)
    asked = deal.approvals.open().first()
    if asked is not None and not any(one.needs_approval for one in lines_of(deal)):
        _answer(deal, asked, ApprovalState.GIVEN if by.pk != asked.asked_by_id else ApprovalState.LAPSED, by)
    else:
        _moved(deal)
    return line


def who_decides(asked: PriceApproval) -> list[Any]:
    """Who leads the rep, or every sales manager where nobody who leads them may decide."""
    out = {asked.asked_by_id, asked.deal.owner_id}
    leaders = [one for one in leaders_of(asked.asked_by) if one.pk not in out and has_role(one, *APPROVERS)]
    return leaders or [one for one in managers() if one.pk not in out]


def may_decide(asked: PriceApproval, user: Any) -> bool:
    """Another person than who asked or owns the deal, with the role for it."""
    return has_role(user, *APPROVERS) and user.pk not in (asked.asked_by_id, asked.deal.owner_id)


def may_approve(line: DealLine, user: Any) -> bool:
    """Another person than who set the price or owns the deal, with the role for it."""
    return has_role(user, *APPROVERS) and user.pk not in (line.priced_by_id, line.deal.owner_id)


def lines_of(deal: Deal) -> list[DealLine]:
    """The lines, each with this very deal at hand."""
    lines = list(deal.lines.select_related("approved_by", "priced_by", "promotion").order_by("position"))
    for line in lines:
        line.deal = deal
    return lines


def mark(deal: Deal) -> str:
    """Changes whenever a line is another one, or its numbers are."""
    told = deal.lines.order_by("pk").values_list("pk", "sku", "quantity", "list_price", "unit_price", "discount")
    return hashlib.sha256(repr([tuple(map(str, row)) for row in told]).encode()).hexdigest()[:32]


def deepest(lines: Sequence[DealLine]) -> Decimal:
    """The largest discount from the list price among the lines, between nothing and all."""
    worst = max((line.discount_from_list for line in lines), default=Decimal(0))
    return min(max(worst, Decimal(0)), Decimal(1)).quantize(Decimal("0.001"))


def refuse_own(lines: Sequence[DealLine], by: Any) -> None:
    """Nobody approves a price of their own."""
    for line in lines:
        if not may_approve(line, by):
            raise OwnPrice(sku=line.sku)


def _answerable(asked: PriceApproval, by: Any) -> tuple[Deal, PriceApproval]:
    require(by, *APPROVERS)
    deal = locked(asked.deal_id)
    asked = PriceApproval.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=asked.pk)
    asked.deal = deal
    if not asked.is_open:
        raise AnsweredAlready(state=asked.get_state_display())
    check_open(deal)
    if not may_decide(asked, by):
        raise OwnPrice(sku=deal.number)
    return deal, asked


def _answer(deal: Deal, asked: PriceApproval, state: str, by: Any, words: str = "") -> PriceApproval:
    asked.state, asked.answered_at, asked.answer = state, timezone.now(), words
    asked.answered_by = by if state != ApprovalState.LAPSED else None
    asked.save()
    _moved(deal)
    if state == ApprovalState.LAPSED:
        return asked
    given = state == ApprovalState.GIVEN
    yes, no = _("{person} approved your price for {account}."), _("{person} refused your price for {account}.")
    told = format_lazy(
        "{said}{words}",
        said=format_lazy(yes if given else no, person=name_of(by), account=deal.account.name),
        words=f" {words}" if words else "",
    )
    people = {one.pk: one for one in (asked.asked_by, deal.owner) if one is not None and one.pk != by.pk}
    notify(people.values(), told, url=deal.get_absolute_url(), tone=Tone.GOOD if given else Tone.BAD)
    return asked


def _moved(deal: Deal) -> None:
    deal.revision += 1
    deal.save(update_fields=["revision", "updated_at"])
