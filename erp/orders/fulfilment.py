"""How far an order has come: reserved, shipped, invoiced, returned, complete. Called by the domains that move it.

Those who record something hand over the order as `locking.locked` gave it to them in this transaction: it is not looked
at again, and it is kept as true as its row.

Lock order: order → balances of stock → the outbox, last.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from erp.inventory import services as stock
from erp.inventory.services import Wanted
from erp.orders import events
from erp.orders.locking import locked
from erp.orders.models import Order, OrderLine, OrderStatus
from erp.orders.refusals import NotSo, not_so
from erp.products.models import Product
from integration.outbox.emitting import emit

Quantities = Mapping[UUID, Decimal]

# A statement counts all lines of a parcel or a document.
_TOLD = """FROM unnest(%s::uuid[], %s::numeric[]) AS told (id, quantity)
 WHERE line.id = told.id AND line.order_id = %s"""
_SHIPPED = f"""
WITH gone AS (
  UPDATE orders_orderline AS line
     SET quantity_reserved = line.quantity_reserved - told.quantity,
         quantity_shipped = line.quantity_shipped + told.quantity
  {_TOLD}
  RETURNING line.id, line.quantity_shipped
)
SELECT NOT EXISTS (
  SELECT FROM orders_orderline AS line LEFT JOIN gone USING (id)
   WHERE line.order_id = %s AND line.quantity > coalesce(gone.quantity_shipped, line.quantity_shipped)
)"""  # noqa: S608 -- our own words
_INVOICED = f"UPDATE orders_orderline AS line SET quantity_invoiced = line.quantity_invoiced + told.quantity {_TOLD}"  # noqa: S608
_RETURNED = f"UPDATE orders_orderline AS line SET quantity_returned = line.quantity_returned + told.quantity {_TOLD}"  # noqa: S608


@transaction.atomic
def allocate(order: Order) -> dict[UUID, Decimal]:
    """Reserve what has become free for the order's backorder lines; how many each got now."""
    order = locked(order.pk)
    if order.status != OrderStatus.ACCEPTED:
        raise not_so(order)
    lines = [line for line in order.lines.all() if line.quantity_short > 0]
    got = reserve(lines)
    keep_reserved(lines)
    return got


def allocate_waiting(product: Product) -> int:
    """New goods go to who waits longest; how many orders got some.

    A transaction per order: who held stock while waiting for the next order's row would block that order's shipment.
    """
    waiting = OrderLine.objects.short().filter(product=product, order__status=OrderStatus.ACCEPTED)
    served = 0
    for pk in waiting.order_by("order__ordered_on", "order_id").values_list("order_id", flat=True).distinct():
        try:
            if not any(allocate(Order(pk=pk)).values()):
                break
        except NotSo:  # cancelled in the meantime
            continue
        served += 1
    return served


def record_shipped(order: Order, quantities: Quantities) -> bool:
    """These units have left; True when nothing of the order is left to ship. Called by shipping, which moved them.

    The order is locked by the caller.
    """
    ((complete,),) = _count(_SHIPPED, order, quantities, order.pk)
    return bool(complete)


def record_invoiced(order: Order, quantities: Quantities, freight: bool = False) -> None:
    """These units are on an invoice now, and the freight, if it says so. Called by invoices.

    The order is locked by the caller.
    """
    _count(_INVOICED, order, quantities)
    if freight:
        order.freight_invoiced = True
        order.save(update_fields=["freight_invoiced", "updated_at"])


def record_returned(order: Order, quantities: Quantities) -> None:
    """These units came back. Called by returns; the order is locked by the caller."""
    _count(_RETURNED, order, quantities)


def complete_if_done(order: Order) -> bool:
    """Close the order when all is shipped, invoiced and (the caller knows) paid; it is locked by the caller."""
    assert connection.in_atomic_block, "the order is locked"
    if order.status != OrderStatus.ACCEPTED or (order.freight and not order.freight_invoiced):
        return False
    if order.lines.filter(quantity_invoiced__lt=F("quantity")).exists():  # what is invoiced has been shipped
        return False
    order.complete()
    order.save(update_fields=["status", "completed_at", "updated_at"])
    emit(events.completed(order))
    return True


def reserve(lines: Iterable[OrderLine]) -> dict[UUID, Decimal]:
    """Reserve what is free, the rest is backorder; the lines know how much they have."""
    wanted = [Wanted(line.product_id, line.quantity_short, line.pk) for line in lines if line.product_id]
    got = stock.reserve(wanted)
    for line in lines:
        line.quantity_reserved += got.get(line.pk, Decimal(0))
    return got


def keep_reserved(lines: Iterable[OrderLine]) -> None:
    OrderLine.objects.bulk_update(lines, ["quantity_reserved"])


def _count(statement: str, order: Order, quantities: Quantities, *more: UUID) -> list[tuple[Any, ...]]:
    assert connection.in_atomic_block, "the order is locked"
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(quantities), list(quantities.values()), order.pk, *more])
        return list(cursor.fetchall()) if cursor.description else []
