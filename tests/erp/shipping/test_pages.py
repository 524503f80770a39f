"""The pages of shipping."""

from decimal import Decimal

import pytest
from django.test import Client, RequestFactory

from base.ids import uuid7
from erp.inventory import services as stock
from erp.orders import trail
from erp.shipping.models import Carrier, Shipment
from erp.shipping.services import dispatch
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, customer, make_order, offer
from tests.helpers import page_queries


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def parcel(order, *quantities, **more):
    lines = order.lines.order_by("position")
    form = {f"line_{line.pk}": quantity for line, quantity in zip(lines, quantities, strict=True)}
    carrier = Carrier.objects.get(name="Speedy Express")
    facts = {"carrier": carrier.pk, "tracking": "SE1", "date": TODAY.isoformat(), "idempotency_key": str(uuid7())}
    return {**form, **facts, **more}


@pytest.mark.django_db
def test_the_warehouse_packs_what_is_reserved_and_prints_the_note():
    offer("CHAI")
    offer("SYRUP")
    order = make_order(("CHAI", "5", "18.00"), ("SYRUP", "2", "18.00"), customer=customer("Ernst Handel"))
    page, path = browser("warehouse"), f"/shipping/new/{order.pk}/"

    waits = page.get("/shipping/waiting/").content.decode()
    offered = page.get(path).content.decode()
    form = parcel(order, "5", "")
    answers = [page.post(path, form) for _again in range(2)]

    shipment = Shipment.objects.get()
    assert order.number in waits
    assert "5 reserved, 5 of 5 still to ship" in offered
    assert {answer["Location"] for answer in answers} == {f"/shipping/{shipment.pk}/"}
    assert shipment.complete is False
    shown = page.get(f"/shipping/{shipment.pk}/").content.decode()
    note = page.get(f"/shipping/{shipment.pk}/note/").content.decode()
    assert "https://track.speedyexpress.example/SE1" in shown
    assert "STK-" not in shown
    assert ("Ernst Handel" in note, "SYRUP" in note, "CHAI" in note) == (True, False, True)
    assert shipment.number in page.get("/shipping/").content.decode()


@pytest.mark.django_db
def test_more_than_is_reserved_is_refused_at_its_line_and_can_be_topped_up():
    product = offer("CHAI", on_hand="3")
    order = make_order(("CHAI", "5", "18.00"))
    page, path = browser("warehouse"), f"/shipping/new/{order.pk}/"

    refused = page.post(path, parcel(order, "4"))
    nothing = page.post(path, parcel(order, "0"))
    stock.receive(product, Decimal(10), Decimal(1), TODAY)
    page.post(f"{path}top-up/")

    assert "Only 3 of CHAI can be shipped now; 4 are wanted." in refused.content.decode()
    assert refused.context["form"].errors.keys() == {f"line_{order.lines.get().pk}"}
    assert "is reserved that could be shipped now" in nothing.content.decode()
    assert order.lines.get().quantity_reserved == 5
    assert page.post(path, parcel(order, "5")).status_code == 302


@pytest.mark.django_db
def test_the_orders_page_gets_parcels_moves_and_the_ship_button():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    request = RequestFactory().get("/")
    request.user = user("warehouse")

    before = [action.url for action in trail.actions(request, order)]
    shipment = dispatch(order, None, Carrier.objects.get(name="Speedy Express"), "SE1")
    after = [action.url for action in trail.actions(request, order)]

    sections = "".join(trail.sections(request, order))
    assert f"/shipping/new/{order.pk}/" in before
    assert f"/shipping/new/{order.pk}/" not in after
    assert shipment.number in sections
    assert 'id="moves"' in sections


@pytest.mark.django_db
def test_only_the_warehouse_packs():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    page = browser("accountant")

    assert page.get(f"/shipping/new/{order.pk}/").status_code == 403
    assert page.post(f"/shipping/new/{order.pk}/", parcel(order, "5")).status_code == 403
    assert page.get("/shipping/").status_code == 200
    assert browser().get("/shipping/").status_code == 403


@pytest.mark.django_db
def test_a_tracking_number_is_corrected_from_its_page():
    offer("CHAI")
    shipment = dispatch(make_order(("CHAI", "5", "18.00")), None, Carrier.objects.get(name="Speedy Express"), "SE 1")
    keeper, page = browser("warehouse"), f"/shipping/{shipment.pk}/"
    form = {"carrier": shipment.carrier_id, "tracking": "SE 2"}

    assert 'data-open="correct"' in keeper.get(page).content.decode()
    assert 'data-open="correct"' not in browser("accountant").get(page).content.decode()
    assert keeper.post(f"{page}correct/", {**form, "carrier": ""}).status_code == 422
    assert keeper.post(f"{page}correct/", form)["Location"] == page
    assert browser("accountant").post(f"{page}correct/", form).status_code == 403
    assert "SE 2" in keeper.get(page).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "own"), [("/shipping/", 2), ("/shipping/waiting/", 1)])
def test_lists_take_the_same_queries_for_one_and_for_three(django_assert_num_queries, path, own):
    page = browser("warehouse")
    offer("CHAI")

    def add():
        order = make_order(("CHAI", "5", "18.00"))
        dispatch(order, {order.lines.get().pk: Decimal(2)}, Carrier.objects.get(name="Speedy Express"))

    add()
    page.get(path)
    with django_assert_num_queries(page_queries(own)):
        page.get(path)
    add()
    add()
    with django_assert_num_queries(page_queries(own)):
        assert len(page.get(path).context["page"].rows) == 3
