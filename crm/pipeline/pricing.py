"""What the lines of a deal cost: prices of the catalogue's day, discounts and who must agree to them, the total."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from base.money import line_net
from base.roles import has_role
from crm.catalogue.models import Product, ProductStatus
from crm.catalogue.services import prices_on
from crm.pipeline import promoted
from crm.pipeline.models import APPROVERS, ApprovalState, Deal, DealLine
from crm.pipeline.refusals import ApprovalNeeded, BadLine, OwnPrice, PriceNeeded
from crm.promotions import services as promotions
from crm.promotions.models import Promotion

MOST_LINES = 300


@dataclass(frozen=True)
class NewLine:
    """What a rep enters: the rest comes from the catalogue."""

    sku: str
    quantity: Decimal
    discount: Decimal | None = None
    """Nothing said: what a promotion that runs today takes off the list price."""
    unit_price: Decimal | None = None
    description: str = ""


def priced_lines(deal: Deal, lines: Sequence[NewLine], start: int = 1) -> list[DealLine]:
    """The lines with list price, name and unit of the catalogue on the deal's day; three queries for any number."""
    if start + len(lines) - 1 > MOST_LINES:
        raise BadLine(why=_("A deal has at most {most} lines.").format(most=MOST_LINES), field="lines")
    skus = [line.sku.strip() for line in lines]
    known = {product.sku: product for product in Product.objects.filter(sku__in=skus)} if skus else {}
    listed = prices_on(skus, deal.price_day, deal.currency) if skus else {}
    running = promotions.running_for(deal.account) if skus else []
    return [
        priced_line(deal, position, new, known.get(sku), listed.get(sku), promotions.best_of(running, sku))
        for position, (new, sku) in enumerate(zip(lines, skus, strict=True), start)
    ]


def priced_line(
    deal: Deal,
    position: int,
    new: NewLine,
    product: Product | None,
    list_price: Decimal | None,
    promotion: Promotion | None = None,
) -> DealLine:
    """A line, not saved yet, with what the catalogue knows of it; without a price of its own it has the list's, less
    what the promotion gives."""
    sku = new.sku.strip()
    price = new.unit_price if new.unit_price is not None else list_price
    if price is None:
        raise PriceNeeded(sku=sku, date=deal.price_day)
    discount = new.discount
    if discount is None:
        discount = promotion.discount if promotion and new.unit_price is None else Decimal(0)
    check_line(sku, new.quantity, price, discount)
    line = DealLine(
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
        discount=discount,
        net_amount=line_net(new.quantity, price, discount, deal.currency),
    )
    promoted.settle(line, promotion)
    return line


def check_line(sku: str, quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    """Refuse what no line may say."""
    if not sku:
        raise BadLine(why=_("Choose a product."), field="sku")
    if not 0 < quantity <= Decimal(10) ** 9 or quantity != round(quantity, 4):
        raise BadLine(why=_("A quantity must be above zero and have at most four decimals."), field="quantity")
    if not 0 <= price <= Decimal(10) ** 9:
        raise BadLine(why=_("A price cannot be negative."), field="unit_price")
    if not 0 <= discount <= 1:
        raise BadLine(why=_("A discount is between 0 and 100 %."), field="discount")


def price_again(deal: Deal) -> None:
    """Another day, another price list: lines at the old list price follow it, prices a rep set stay."""
    lines = list(deal.lines.all())
    listed = prices_on([line.sku for line in lines], deal.price_day, deal.currency)
    for line in lines:
        follows = line.list_price is not None and line.unit_price == line.list_price and line.sku in listed
        if line.list_price != listed.get(line.sku):
            line.approved_by = line.approved_at = None
        line.list_price, line.price_as_of = listed.get(line.sku), deal.price_day if line.sku in listed else None
        if follows:
            line.unit_price = listed[line.sku]
        line.net_amount = line_net(line.quantity, line.unit_price, line.discount, deal.currency)
        line.save()
    sum_up(deal)


def sum_up(deal: Deal) -> None:
    """The deal's total as its lines have it now; a question about prices that are no more is no question."""
    deal.net_total = deal.lines.aggregate(total=Sum("net_amount"))["total"] or Decimal(0)
    deal.revision += 1
    deal.save(update_fields=["net_total", "revision", "updated_at"])
    let_questions_lapse(deal)


def let_questions_lapse(deal: Deal) -> None:
    """Nothing is left to approve, or nobody wants to sell it any more."""
    asked = deal.approvals.open().first()
    if asked is None:
        return
    for line in deal.lines.select_related("promotion"):
        line.deal = deal
        if deal.is_open and line.needs_approval:
            return
    asked.state, asked.answered_at = ApprovalState.LAPSED, timezone.now()
    asked.save()


def approve(lines: Sequence[DealLine], by: Any) -> None:
    """Somebody who may agrees to the prices as they stand."""
    for line in lines:
        line.approved_by, line.approved_at = by, timezone.now()
        line.save()


def check_discounts(deal: Deal, lines: list[DealLine], by: Any) -> None:
    """Beyond the limit a manager must have agreed; one who wins or offers a colleague's deal agrees by doing so."""
    for line in lines:
        line.deal = deal
        if not line.needs_approval:
            continue
        if not has_role(by, *APPROVERS):
            raise ApprovalNeeded(sku=line.sku, discount=per_cent(line.discount_from_list), limit=per_cent(line.limit))
        if by.pk in (line.priced_by_id, deal.owner_id):
            raise OwnPrice(sku=line.sku)
        approve([line], by)
        let_questions_lapse(deal)


def per_cent(fraction: Decimal) -> str:
    """As people say it.

    >>> per_cent(Decimal("0.333333")), per_cent(Decimal("0.25"))
    ('33.3', '25')
    """
    return f"{(fraction * 100).quantize(Decimal('0.1')).normalize():f}"
