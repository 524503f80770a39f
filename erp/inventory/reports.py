"""What lies where, what it is worth, and whether the books agree."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum

from erp.inventory.models import StockBalance, StockMove
from erp.ledger.reports import account_balance
from erp.products.models import Product

# Balances whose sums differ from what their moves add up to; there is never one.
_OFF_THEIR_MOVES = """
SELECT count(*) FROM inventory_stockbalance b
  JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN m.to_location_id = b.location_id THEN m.quantity ELSE -m.quantity END), 0)
             AS quantity,
           coalesce(sum(CASE WHEN m.to_location_id = b.location_id THEN m.value ELSE -m.value END), 0) AS value
      FROM inventory_stockmove m
     WHERE m.product_id = b.product_id AND b.location_id IN (m.from_location_id, m.to_location_id)) s ON true
 WHERE s.quantity <> b.on_hand OR s.value <> b.value
    OR b.reserved <> (SELECT coalesce(sum(r.quantity), 0) FROM inventory_stockreservation r
                       WHERE r.product_id = b.product_id AND r.location_id = b.location_id)
"""


@dataclass(frozen=True)
class StockCheck:
    """Stock and books side by side, in the base currency."""

    stock_value: Decimal
    inventory_account: Decimal
    balances_off_their_moves: int

    @property
    def difference(self) -> Decimal:
        """Zero, always."""
        return self.stock_value - self.inventory_account

    @property
    def holds(self) -> bool:
        return not self.difference and not self.balances_off_their_moves


@dataclass(frozen=True)
class ProductStock:
    """A product's stock over all our own locations."""

    on_hand: Decimal
    reserved: Decimal
    value: Decimal

    @property
    def available(self) -> Decimal:
        """What may still be promised."""
        return self.on_hand - self.reserved

    @property
    def unit_cost(self) -> Decimal | None:
        """The moving average; None while nothing lies there."""
        return self.value / self.on_hand if self.on_hand else None


def stock_value() -> Decimal:
    """The worth of all that lies at our own locations, in the base currency."""
    return StockBalance.objects.aggregate(value=Sum("value"))["value"] or Decimal("0.00")


def stock_difference() -> Decimal:
    """Stock value less the inventory account; zero, always."""
    return stock_value() - account_balance("inventory")


def stock_check() -> StockCheck:
    """Value against the account, and every balance against its moves and reservations."""
    with connection.cursor() as cursor:
        cursor.execute(_OFF_THEIR_MOVES)
        (off,) = cursor.fetchone()
    return StockCheck(stock_value(), account_balance("inventory"), off)


def stock_of(product: Product) -> ProductStock:
    """On hand, reserved and worth of a product."""
    sums = StockBalance.objects.filter(product=product).aggregate(
        on_hand=Sum("on_hand"), reserved=Sum("reserved"), value=Sum("value")
    )
    return ProductStock(**{name: total or Decimal(0) for name, total in sums.items()})


def last_cost(product: Product) -> Decimal | None:
    """What one unit cost when goods last came in from outside; None when none ever did."""
    receipts = StockMove.objects.filter(product=product, reason="receipt").order_by("-position")
    return receipts.values_list("unit_cost", flat=True).first()


def moves_of_source(source_type: str, source_id: UUID) -> list[StockMove]:
    """The moves a document caused, in their order."""
    moves = StockMove.objects.filter(source_type=source_type, source_id=source_id).order_by(F("position").asc())
    return list(moves.select_related("product", "from_location", "to_location", "entry"))
