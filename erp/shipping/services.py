"""The verbs of shipping: goods leave the house, and what was mistyped about a parcel is put right.

Lock order: period → order → balances of stock → the counter of the journal → the outbox, last.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from base.ids import uuid7
from base.numbering import next_number
from base.whole import verb
from base.written import remember
from erp.inventory import services as stock
from erp.inventory.models import StockMove, plain
from erp.inventory.services import Outgoing
from erp.ledger.services import hold_period
from erp.orders import services as orders
from erp.orders.locking import locked
from erp.orders.models import Order, OrderLine, OrderStatus
from erp.shipping.models import Carrier, Shipment, ShipmentLine
from erp.shipping.refusals import (
    BadShipDate,
    CarrierIdle,
    LineNotOfOrder,
    MoreThanReserved,
    NothingToShip,
    NotReadyToShip,
)
from integration.contracts.shipments import ShipmentCorrected, ShipmentDispatched, ShippedLine
from integration.outbox.emitting import emit


@verb
def dispatch(
    order: Order,
    quantities: Mapping[UUID, Decimal] | None,
    carrier: Carrier,
    tracking: str = "",
    by: Any = None,
    *,
    on: date | None = None,
    id: UUID | None = None,
) -> Shipment:
    """Send these quantities (by order line) of an accepted order; None sends all that is reserved.

    What is asked for beyond the reservation is reserved first, if it lies free. Only then goods leave, their cost goes
    to the books, the order knows, and the CRM hears of it. The same `id` again is the same shipment.
    """
    if id is not None and (known := Shipment.objects.filter(pk=id).first()):
        return known
    on = on or timezone.localdate()
    _check(order, carrier, on)
    hold_period(on)
    order = locked(order.pk)
    if order.status != OrderStatus.ACCEPTED:
        raise NotReadyToShip(order=order.number, state=order.get_status_display().lower())
    parcel = _parcel(order, quantities)
    shipment = Shipment(
        id=id or uuid7(),
        number=next_number("shipment_number", "SH"),
        company_id=order.company_id,
        order=order,
        carrier=carrier,
        tracking=tracking.strip(),
        dispatched_on=on,
        dispatched_at=timezone.now(),
        dispatched_by=by,
    )
    items = [Outgoing(_product(line), quantity, ref=line.pk) for line, quantity in parcel]
    moves = stock.ship_out(items, on, ("shipment", shipment.pk), reference=shipment.number)
    shipment.complete = orders.record_shipped(order, {line.pk: quantity for line, quantity in parcel})
    shipment.save(force_insert=True)
    remember(shipment, "lines", ShipmentLine.objects.bulk_create(_lines(shipment, parcel, moves)))
    emit(_dispatched(shipment, parcel))
    return shipment


@transaction.atomic
def correct(shipment: Shipment, carrier: Carrier, tracking: str) -> Shipment:
    """Carrier or tracking number were mistyped: put them right, and the CRM shows the right ones."""
    locked(shipment.order_id)
    shipment = Shipment.objects.select_for_update(of=("self",)).select_related("order__party").get(pk=shipment.pk)
    if (shipment.carrier_id, shipment.tracking) == (carrier.pk, tracking.strip()):
        return shipment
    shipment.carrier, shipment.tracking = carrier, tracking.strip()
    shipment.save(update_fields=["carrier", "tracking"])
    emit(
        ShipmentCorrected(
            shipment=shipment.pk,
            number=shipment.number,
            order=shipment.order_id,
            deal=shipment.order.deal,
            customer=shipment.order.party.customer,
            carrier=carrier.name,
            tracking=shipment.tracking,
            tracking_url=shipment.tracking_page,
        )
    )
    return shipment


Parcel = list[tuple[OrderLine, Decimal]]


def _check(order: Order, carrier: Carrier, on: date) -> None:
    if not carrier.active:
        raise CarrierIdle(carrier=carrier.name)
    today = timezone.localdate()
    if not order.ordered_on <= on <= today:
        raise BadShipDate(ordered=order.ordered_on, today=today)


def _parcel(order: Order, quantities: Mapping[UUID, Decimal] | None) -> Parcel:
    """The lines that go into the parcel, reserved as far as they must be."""
    lines = {line.pk: line for line in order.lines.order_by("position")}
    if quantities is None:
        if any(line.quantity_short > 0 for line in lines.values()):
            _top_up(order, lines)
        wanted = {pk: line.quantity_reserved for pk, line in lines.items()}
    else:
        wanted = dict(quantities)
        if not wanted.keys() <= lines.keys():
            raise LineNotOfOrder(order=order.number)
        if any(wanted[pk] > lines[pk].quantity_reserved for pk in wanted):
            _top_up(order, lines)
    parcel = [(line, wanted[pk]) for pk, line in lines.items() if wanted.get(pk)]
    if not parcel:
        raise NothingToShip(order=order.number)
    for line, quantity in parcel:
        if not 0 < quantity <= line.quantity_reserved:
            raise MoreThanReserved(sku=line.sku, reserved=plain(line.quantity_reserved), wanted=plain(quantity))
    return parcel


def _product(line: OrderLine) -> UUID:
    assert line.product_id is not None, "what is reserved is one of our products"
    return line.product_id


def _top_up(order: Order, lines: dict[UUID, OrderLine]) -> None:
    for pk, got in orders.allocate(order).items():
        lines[pk].quantity_reserved += got


def _lines(shipment: Shipment, parcel: Parcel, moves: list[StockMove]) -> list[ShipmentLine]:
    return [
        ShipmentLine(shipment=shipment, order_line=line, quantity=quantity, move=move)
        for (line, quantity), move in zip(parcel, moves, strict=True)
    ]


def _dispatched(shipment: Shipment, parcel: Parcel) -> ShipmentDispatched:
    order = shipment.order
    return ShipmentDispatched(
        shipment=shipment.pk,
        number=shipment.number,
        order=order.pk,
        deal=order.deal,
        customer=order.party.customer,
        carrier=shipment.carrier.name,
        tracking=shipment.tracking,
        tracking_url=shipment.tracking_page,
        dispatched_at=shipment.dispatched_at,
        complete=shipment.complete,
        lines=tuple(
            ShippedLine(sku=line.sku, quantity=quantity, order_line=line.pk, deal_line=line.deal_line)
            for line, quantity in parcel
        ),
    )
