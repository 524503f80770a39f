"""Quotes: each is the deal as it stood on its day, and stays; another offer is another version."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from base.ids import uuid7
from base.refusals import BadInput
from crm.access.people import name_of
from crm.accounts import services as accounts
from crm.pipeline import pricing
from crm.pipeline.approvals import lines_of
from crm.pipeline.models import Deal, DealLine, Letterhead, Quote
from crm.pipeline.refusals import NothingPromised
from crm.pipeline.services import check_open, locked

VALID_DAYS = 30


@transaction.atomic
def make(deal: Deal, *, by: Any, valid_until: date | None = None, note: str = "", id: UUID | None = None) -> Quote:
    """Put the deal on paper as its next version; prices beyond the limit must be approved first.

    With its first quote an account becomes a customer of the ERP. The same `id` again is the same quote.
    """
    if id is not None and (known := Quote.objects.filter(pk=id, deal=deal).first()):
        return known
    deal = locked(deal.pk)
    check_open(deal)
    lines = lines_of(deal)
    if not lines:
        raise NothingPromised()
    pricing.check_discounts(deal, lines, by)
    today = timezone.localdate()
    valid_until = valid_until or today + timedelta(days=VALID_DAYS)
    if valid_until < today:
        raise BadInput(why=_("A quote is valid for some days yet to come."), field="valid_until")
    accounts.register(deal.account)
    quote = Quote.objects.create(
        id=id or uuid7(),
        deal=deal,
        version=(deal.quotes.aggregate(last=Max("version"))["last"] or 0) + 1,
        currency=deal.currency,
        lines=[line_as_offered(line) for line in lines],
        freight=deal.freight,
        net_total=deal.net_total,
        deposit=deal.deposit_agreed,
        requested_on=deal.requested_on,
        payment_days=deal.account.payment_terms_days,
        valid_until=valid_until,
        note=note.strip()[:2000],
        buyer=accounts.snapshot(deal.account).model_dump(mode="json", include={"name", "address", "tax_id"}),
        seller=_seller(by),
        made_on=today,
        made_by=by,
    )
    deal.revision += 1
    deal.save(update_fields=["revision", "updated_at"])
    return quote


def line_as_offered(line: DealLine) -> dict[str, Any]:
    """What of a line the customer sees, and what a later version is compared with."""
    told = {"promotion": line.promotion.name} if line.promotion else {}
    return {
        "position": line.position,
        "sku": line.sku,
        "description": line.description,
        "unit": line.unit,
        "quantity": _plain(line.quantity),
        "unit_price": _plain(line.unit_price),
        "discount": _plain(line.discount),
        "net_amount": str(line.net_amount),
        **told,
    }


def differs(quote: Quote, deal: Deal, lines: list[DealLine]) -> bool:
    """Has the deal moved on since this quote?"""
    now, then = [_unnamed(line_as_offered(line)) for line in lines], [_unnamed(line) for line in quote.lines]
    return (then, quote.freight, quote.deposit, quote.requested_on) != (
        now, deal.freight, deal.deposit_agreed, deal.requested_on,
    )  # fmt: skip


def was_offered(line: DealLine, quotes: Iterable[Quote]) -> bool:
    """Does a quote that was made while the line's promotion ran say this very line? Then its price stands."""
    now = _unnamed(line_as_offered(line))
    return any(
        line.promotion is not None
        and line.promotion.ran_at(quote.created_at)
        and any("promotion" in one and _unnamed(one) == now for one in quote.lines)
        for quote in quotes
    )


def _unnamed(line: dict[str, Any]) -> dict[str, Any]:
    """A promotion that is called otherwise is no other price."""
    return {name: value for name, value in line.items() if name != "promotion"}


def _plain(number: Decimal) -> str:
    """A number as it is written, whatever its idle zeros.

    >>> _plain(Decimal("18.000000")), _plain(Decimal("100"))
    ('18', '100')
    """
    return f"{number.normalize():f}"


def _seller(by: Any) -> dict[str, Any]:
    head = Letterhead.objects.first() or Letterhead()
    return {
        "name": head.name,
        "address": [line.strip() for line in head.address.splitlines() if line.strip()],
        "phone": head.phone,
        "email": head.email,
        "small_print": head.small_print,
        "person": name_of(by),
        "person_email": by.email,
    }
