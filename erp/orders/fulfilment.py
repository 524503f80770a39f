"""How far an order has come: reserved, shipped, invoiced, returned, complete. Called by the domains that move it.

Lock order: order → balances of stock → the outbox, last.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
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


@transaction.atomic(savepoint=False)
def record_shipped(order: Order, quantities: Quantities) -> bool:
    """These units have left; True when nothing of the order is left to ship. Called by shipping, which moved them."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(
            quantity_reserved=F("quantity_reserved") - quantity, quantity_shipped=F("quantity_shipped") + quantity
        )
    return not order.lines.filter(quantity__gt=F("quantity_shipped")).exists()


@transaction.atomic(savepoint=False)
def record_invoiced(order: Order, quantities: Quantities, freight: bool = False) -> None:
    """These units are on an invoice now, and the freight, if it says so. Called by invoices."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(quantity_invoiced=F("quantity_invoiced") + quantity)
    if freight:
        order.freight_invoiced = True
        order.save(update_fields=["freight_invoiced", "updated_at"])


@transaction.atomic
def record_returned(order: Order, quantities: Quantities) -> None:
    """These units came back. Called by returns."""
    order = locked(order.pk)
    for pk, quantity in quantities.items():
        OrderLine.objects.filter(pk=pk, order=order).update(quantity_returned=F("quantity_returned") + quantity)


@transaction.atomic(savepoint=False)
def complete_if_done(order: Order, paid: bool = True) -> bool:
    """Close the order when all is shipped, invoiced and (the caller knows) paid."""
    order = locked(order.pk)
    lines = order.lines.all()
    done = all(line.quantity_shipped == line.quantity == line.quantity_invoiced for line in lines)
    if order.status != OrderStatus.ACCEPTED or not paid or not done or (order.freight and not order.freight_invoiced):
        return False
    order.complete()
    order.save()
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
