"""Goods leave once: reserved ones only, with their cost in the books and word to the CRM."""

import threading
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from base.ids import uuid7
from erp.inventory import services as stock
from erp.inventory.models import StockBalance
from erp.inventory.reports import stock_difference
from erp.ledger.reports import account_balance
from erp.orders import services as orders
from erp.orders.models import Order
from erp.shipping.models import Carrier, Shipment, ShipmentLine
from erp.shipping.refusals import (
    BadShipDate,
    CarrierIdle,
    LineNotOfOrder,
    MoreThanReserved,
    NothingToShip,
    NotReadyToShip,
)
from erp.shipping.services import correct, dispatch
from integration.contracts.shipments import ShipmentCorrected, ShipmentDispatched, ShippedLine
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.helpers import emitted

D = Decimal


def speedy():
    return Carrier.objects.get(name="Speedy Express")


def counters(order):
    return [(line.quantity, line.quantity_reserved, line.quantity_shipped) for line in order.lines.order_by("position")]


@pytest.mark.django_db
def test_a_mistyped_tracking_number_is_put_right_and_told_once():
    offer("CHAI", cost="10.00")
    shipment = dispatch(make_order(("CHAI", "5", "18.00")), None, speedy(), "SE 1")
    federal = Carrier.objects.get(name="Federal Shipping")

    correct(shipment, federal, " FS 1 ")
    correct(shipment, federal, "FS 1")

    (told,) = emitted(ShipmentCorrected)
    assert (told.shipment, told.number, told.carrier, told.tracking) == (
        shipment.pk, shipment.number, "Federal Shipping", "FS 1",
    )  # fmt: skip
    before, now = shipment.history.order_by("history_id")
    assert (before.tracking, now.tracking) == ("SE 1", "FS 1")


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["number = 'SH-9'", "dispatched_on = '1999-01-01'", "order_id = uuidv7()"])
def test_nothing_else_about_a_parcel_changes_not_even_for_the_owner(change, as_owner):
    offer("CHAI", cost="10.00")
    dispatch(make_order(("CHAI", "5", "18.00")), None, speedy(), "SE 1")

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"UPDATE shipping_shipment SET {change}")
    with pytest.raises(psycopg.Error, match="what is written there stays"):
        as_owner.execute(f"UPDATE shipping_shipment SET {change}")


@pytest.mark.django_db
def test_a_whole_order_leaves_and_the_crm_hears_its_tracking():
    offer("CHAI", cost="10.00")
    order = make_order(("CHAI", "5", "18.00"))
    (line,) = order.lines.all()
    keeper = user("warehouse")

    shipment = dispatch(order, None, speedy(), " SE 1 ", keeper, on=TODAY)

    assert counters(order) == [(5, 0, 5)]
    assert (account_balance("cogs"), stock_difference()) == (D("50.00"), 0)
    assert (shipment.complete, shipment.dispatched_by, shipment.tracking) == (True, keeper, "SE 1")
    assert shipment.lines.get().move.entry.source_id == shipment.pk
    assert emitted(ShipmentDispatched) == [
        ShipmentDispatched(
            shipment=shipment.pk,
            number=shipment.number,
            order=order.pk,
            deal=order.deal,
            customer=order.party.customer,
            carrier="Speedy Express",
            tracking="SE 1",
            tracking_url="https://track.speedyexpress.example/SE%201",
            dispatched_at=shipment.dispatched_at,
            complete=True,
            lines=(ShippedLine(sku="CHAI", quantity=D(5), order_line=line.pk, deal_line=line.deal_line),),
        )
    ]


@pytest.mark.django_db
def test_an_order_leaves_in_two_parcels():
    offer("CHAI")
    offer("CHANG")
    order = make_order(("CHAI", "5", "18.00"), ("CHANG", "2", "18.00"))
    chai, chang = order.lines.order_by("position")

    first = dispatch(order, {chai.pk: D(3)}, speedy())
    second = dispatch(order, {chai.pk: D(2), chang.pk: D(2)}, speedy())

    assert (first.complete, second.complete) == (False, True)
    assert counters(order) == [(5, 0, 5), (2, 0, 2)]
    with pytest.raises(NothingToShip), transaction.atomic():
        dispatch(order, None, speedy())


@pytest.mark.django_db
def test_only_what_is_reserved_leaves_and_new_goods_top_it_up():
    product = offer("CHAI", on_hand="3")
    order = make_order(("CHAI", "5", "18.00"))
    (line,) = order.lines.all()

    with pytest.raises(MoreThanReserved) as refusal, transaction.atomic():
        dispatch(order, {line.pk: D(4)}, speedy())
    assert str(refusal.value) == "Only 3 of CHAI can be shipped now; 4 are wanted."
    dispatch(order, None, speedy())
    with pytest.raises(NothingToShip), transaction.atomic():
        dispatch(order, None, speedy())
    stock.receive(product, D(10), D(11), TODAY)
    last = dispatch(order, {line.pk: D(2)}, speedy())

    assert (counters(order), last.complete) == ([(5, 0, 5)], True)


@pytest.mark.django_db
def test_what_is_reserved_for_another_order_stays():
    offer("CHAI", on_hand="5")
    make_order(("CHAI", "5", "18.00"))
    late = make_order(("CHAI", "5", "18.00"))

    with pytest.raises(NothingToShip), transaction.atomic():
        dispatch(late, None, speedy())


@pytest.mark.django_db
def test_the_same_id_again_is_the_same_shipment():
    offer("CHAI")
    order, id = make_order(("CHAI", "5", "18.00")), uuid7()

    shipments = {dispatch(order, None, speedy(), id=id).pk for _again in range(2)}

    assert shipments == {id}
    assert len(emitted(ShipmentDispatched)) == 1


@pytest.mark.django_db
def test_a_parcel_that_cannot_leave_changes_nothing():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    (line,) = order.lines.all()
    idle = Carrier(name="Gone", active=False)

    for refusal, quantities, carrier, more in [
        (LineNotOfOrder, {uuid7(): D(1)}, speedy(), {}),
        (MoreThanReserved, {line.pk: D(6)}, speedy(), {}),
        (MoreThanReserved, {line.pk: D(-1)}, speedy(), {}),
        (NothingToShip, {line.pk: D(0)}, speedy(), {}),
        (CarrierIdle, None, idle, {}),
        (BadShipDate, None, speedy(), {"on": TODAY.replace(year=2099)}),
        (BadShipDate, None, speedy(), {"on": TODAY.replace(year=2025)}),
    ]:
        with pytest.raises(refusal), transaction.atomic():
            dispatch(order, quantities, carrier, **more)

    assert counters(order) == [(5, 5, 0)]
    assert (Shipment.objects.count(), emitted(ShipmentDispatched)) == (0, [])


@pytest.mark.django_db
def test_only_accepted_orders_leave():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    orders.cancel(order, "customer changed their mind")

    with pytest.raises(NotReadyToShip), transaction.atomic():
        dispatch(order, None, speedy())


@pytest.mark.django_db(transaction=True)
def test_rivals_at_two_desks_ship_an_order_once():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    sent, refused = [], []

    def ship():
        try:
            sent.append(dispatch(Order.objects.get(pk=order.pk), None, speedy()).pk)
        except NothingToShip:
            refused.append(1)
        connection.close()

    desks = [threading.Thread(target=ship) for _desk in range(4)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()

    assert (len(sent), len(refused)) == (1, 3)
    assert StockBalance.objects.get().on_hand == 95


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Shipment, ShipmentLine])
def test_what_left_has_left(model):
    offer("CHAI")
    dispatch(make_order(("CHAI", "5", "18.00")), None, speedy())

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(id=uuid7())
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
