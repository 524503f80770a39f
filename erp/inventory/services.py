"""The verbs of stock: receive, ship, take back, adjust, reserve, release.

Each is one round trip to a SQL function (`sql/stock.sql`), which locks, checks, values, writes and books.
A refusal by the database leaves the surrounding transaction fit for rollback only.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Sum

from base import context
from base.ids import uuid7
from base.refusals import ChangedMeanwhile
from erp.inventory.following import freed
from erp.inventory.models import ADJUST, CUSTOMER, MAIN, SUPPLIER, Reason, StockBalance, StockMove
from erp.inventory.refusals import CostMissing, stock_rules
from erp.inventory.reports import last_cost
from erp.ledger.services import company
from erp.products.models import Product

Source = tuple[str, UUID]


@dataclass(frozen=True)
class Outgoing:
    """Units of a product that leave; with `ref`, out of what is reserved for that reference."""

    product: UUID
    quantity: Decimal
    ref: UUID | None = None


@dataclass(frozen=True)
class Returning:
    """Units of a sale's move that come back."""

    sale: StockMove
    quantity: Decimal


@dataclass(frozen=True)
class Wanted:
    """So many units to be kept for a reference (an order's line)."""

    product: UUID
    quantity: Decimal
    ref: UUID


@transaction.atomic
def receive(
    product: Product,
    quantity: Decimal,
    unit_cost: Decimal | None,
    on: date,
    source: Source | None = None,
    *,
    location: str = MAIN,
    reference: str = "",
    posting: UUID | None = None,
) -> StockMove:
    """Goods came in at that cost of one unit (None: as last time): Dr inventory, Cr goods received not invoiced."""
    if unit_cost is None and (unit_cost := last_cost(product)) is None:
        raise CostMissing()
    line = {"product": product.pk, "from": SUPPLIER, "to": location, "quantity": quantity, "unit_cost": unit_cost}
    text = f"{product.sku} {reference}".strip()
    (move,) = _post(Reason.RECEIPT, on, [line], source, text=text, reference=reference, posting=posting)
    freed(product)
    return move


def ship_out(
    items: Sequence[Outgoing], on: date, source: Source, *, location: str = MAIN, reference: str = ""
) -> list[StockMove]:
    """Goods leave for a customer, a move per item in the items' order: Dr cost of goods sold, Cr inventory."""
    lines = [
        {"product": item.product, "from": location, "to": CUSTOMER, "quantity": item.quantity, "ref": item.ref}
        for item in items
    ]
    return _post(Reason.SHIPMENT, on, lines, source, text=reference, reference=reference)


def return_in(
    items: Sequence[Returning],
    on: date,
    source: Source,
    *,
    location: str = MAIN,
    reference: str = "",
    posting: UUID | None = None,
) -> list[StockMove]:
    """Goods come back at the worth they left with (I17): Dr inventory, Cr cost of goods sold."""
    lines = [
        {
            "product": item.sale.product_id,
            "from": CUSTOMER,
            "to": location,
            "quantity": item.quantity,
            "returns": item.sale.pk,
        }
        for item in items
    ]
    moves = _post(Reason.RETURN, on, lines, source, text=reference, reference=reference, posting=posting)
    for product in {item.sale.product_id for item in items}:
        freed(Product(pk=product))
    return moves


@transaction.atomic
def adjust(product: Product, difference: Decimal, on: date, reason: str, *, location: str = MAIN) -> StockMove:
    """What counting found: more comes in at the present average cost (else the last one), less goes out."""
    balance = StockBalance.objects.filter(product=product, location__code=location).first()
    cost = balance.value / balance.on_hand if balance and balance.on_hand else last_cost(product) or Decimal(0)
    places = {"from": ADJUST, "to": location} if difference > 0 else {"from": location, "to": ADJUST}
    line = {"product": product.pk, **places, "quantity": abs(difference), "unit_cost": round(cost, 6)}
    (move,) = _post(Reason.ADJUSTMENT, on, [line], None, text=f"{product.sku} {reason}", reference=reason)
    if difference > 0:
        freed(product)
    return move


@transaction.atomic
def count(product: Product, counted: Decimal, on: date, reason: str, *, location: str = MAIN) -> StockMove | None:
    """So many lie there, somebody counted; None when that is what the balance says.

    Goods that moved between the look at the balance and the correction are not overwritten: count again.
    """
    balance = StockBalance.objects.filter(product=product, location__code=location).first()
    difference = counted - (balance.on_hand if balance else Decimal(0))
    if not difference:
        return None
    move = adjust(product, difference, on, reason, location=location)
    if move.on_hand_after != counted:
        raise ChangedMeanwhile()
    return move


def reserve(wanted: Iterable[Wanted], *, partial: bool = True, location: str = MAIN) -> dict[UUID, Decimal]:
    """Keep free units for references; how many each got now. Without `partial`, all or NotEnoughStock."""
    lines = [{"product": item.product, "quantity": item.quantity, "ref": item.ref} for item in wanted]
    if not lines:
        return {}
    body = {"location": location, "partial": partial, "lines": lines}
    with stock_rules(), transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT ref, reserved FROM public.stock_reserve(%s::jsonb)", [json.dumps(body, default=str)])
        return dict(cursor.fetchall())


def release(refs: Iterable[UUID]) -> None:
    """Give back what is still kept for these references."""
    with stock_rules(), transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT public.stock_release(%s::uuid[])", [list(refs)])


def available(product: Product, location: str | None = None) -> Decimal:
    """Units that may still be promised, at one place or at all of ours."""
    balances = StockBalance.objects.filter(product=product)
    if location is not None:
        balances = balances.filter(location__code=location)
    return balances.aggregate(free=Sum(F("on_hand") - F("reserved")))["free"] or Decimal(0)


def _post(
    reason: Reason,
    on: date,
    lines: Sequence[dict[str, Any]],
    source: Source | None,
    *,
    text: str,
    reference: str = "",
    posting: UUID | None = None,
) -> list[StockMove]:
    source_type, source_id = source or ("", None)
    body = {
        "company": company().pk,
        "posting": posting or uuid7(),
        "date": on.isoformat(),
        "reason": reason,
        "text": f"{reason.label} {text}".strip()[:250],
        "reference": reference[:120],
        "source_type": source_type,
        "source_id": source_id,
        "by": context.actor.get(),
        "lines": lines,
    }
    with stock_rules(), transaction.atomic(savepoint=False):
        return list(
            StockMove.objects.raw("SELECT * FROM public.stock_post(%s::jsonb)", [json.dumps(body, default=str)])
        )
