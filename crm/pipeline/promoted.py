"""What a line has from a promotion: taken over when it is priced, remembered, and never changed by itself."""

from decimal import Decimal

from crm.pipeline.models import Deal, DealLine
from crm.promotions import services as promotions
from crm.promotions.models import Promotion


def best_for(deal: Deal, sku: str) -> Promotion | None:
    """The best that runs today for this account and product; one query."""
    return promotions.best_of(promotions.running_for(deal.account), sku)


def is_at_list(line: DealLine) -> bool:
    """Is it the catalogue's price? A price of somebody's own is not made lower by a promotion."""
    return line.list_price is not None and line.unit_price == line.list_price


def settle(line: DealLine, running: Promotion | None) -> None:
    """Which promotion the line's discount comes from, as its numbers are now: the best it goes as deep as, or none."""
    at_list = is_at_list(line)
    held = line.promotion if at_list and line.discount >= line.promotion_discount else None
    deepest = line.promotion_discount if held else Decimal(0)
    if running is not None and at_list and deepest < running.discount <= line.discount:
        line.promotion, line.promotion_discount = running, running.discount
    elif held is None:
        line.promotion, line.promotion_discount = None, Decimal(0)


def take(line: DealLine, running: Promotion | None) -> None:
    """The running promotion's discount, where nobody has given another one."""
    own = line.discount != line.promotion_discount or not is_at_list(line)
    if running is not None and not own and running.discount > line.discount:
        line.discount = running.discount
