"""Shipments over REST."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.shipping.models import Shipment
from integration.contracts.shipments import ShipmentDispatched
from tests.erp.makers import company, user
from tests.erp.orders.makers import make_order, offer
from tests.helpers import emitted


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def path(order):
    return f"/api/v1/orders/{order.pk}/shipments/"


@pytest.mark.django_db
def test_the_warehouse_sends_an_order_whole():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))

    answer = client("warehouse").post(path(order), {"carrier": "United Package", "tracking": "UP1"})

    assert answer.status_code == 201
    assert (answer.data["number"], answer.data["complete"], answer.data["dispatched_by"]) == (
        Shipment.objects.get().number,
        True,
        "warehouse",
    )
    assert answer.data["tracking_url"] == "https://www.unitedpackage.example/track?number=UP1"
    assert [(line["sku"], line["quantity"]) for line in answer.data["lines"]] == [("CHAI", "5.0000")]


@pytest.mark.django_db
def test_parts_are_named_by_line_or_by_sku():
    offer("CHAI")
    offer("CHANG")
    order = make_order(("CHAI", "5", "18.00"), ("CHANG", "5", "18.00"))
    line = order.lines.get(sku="CHAI")
    api = client("warehouse")

    lines = [{"line": str(line.pk), "quantity": "2"}, {"sku": "CHANG", "quantity": "1"}]
    api.post(path(order), {"carrier": "United Package", "lines": lines})

    assert list(order.lines.order_by("position").values_list("quantity_shipped", flat=True)) == [2, 1]
    (listed,) = api.get(path(order)).data["results"]
    assert api.get(f"/api/v1/shipments/{listed['id']}/").data == listed
    assert len(api.get(f"/api/v1/shipments/?order_number={order.number}").data["results"]) == 1


@pytest.mark.django_db
def test_a_repeated_call_sends_one_parcel():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    body = {"carrier": "United Package", "lines": [{"sku": "CHAI", "quantity": "2"}]}
    api = client("warehouse")

    answers = [api.post(path(order), body, headers={"Idempotency-Key": "s1"}) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (answers[0].json(), len(emitted(ShipmentDispatched))) == (answers[1].json(), 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"carrier": "Pigeon"}, 422, "bad-input"),
        ({"lines": [{"sku": "NONE", "quantity": "1"}]}, 422, "bad-input"),
        ({"lines": [{"line": str(uuid7()), "quantity": "1"}]}, 422, "line-not-of-order"),
        ({"lines": [{"sku": "CHAI", "quantity": "6"}]}, 409, "more-than-reserved"),
        ({"lines": [{"sku": "CHAI", "quantity": "1"}, {"sku": "CHAI", "quantity": "1"}]}, 422, "bad-input"),
        ({"lines": []}, 409, "nothing-to-ship"),
        ({"date": "2099-01-01"}, 422, "bad-ship-date"),
    ],
)
def test_what_cannot_leave_is_refused(body, status, code):
    offer("CHAI", on_hand="5")
    order = make_order(("CHAI", "5", "18.00"))

    answer = client("warehouse").post(path(order), {"carrier": "United Package", **body})

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert Shipment.objects.count() == 0


@pytest.mark.django_db
def test_the_warehouse_corrects_a_tracking_number():
    offer("CHAI")
    sent = client("warehouse").post(path(make_order(("CHAI", "5", "18.00"))), {"carrier": "United Package"}).json()
    url = f"/api/v1/shipments/{sent['id']}/"

    answer = client("warehouse").patch(url, {"tracking": "UP2"})

    assert (answer.status_code, answer.json()["carrier"], answer.json()["tracking"]) == (200, "United Package", "UP2")
    assert client("accountant").patch(url, {"tracking": "mine"}).status_code == 403
    assert client("warehouse").patch(url, {"carrier": "Nobody"}).status_code == 422


@pytest.mark.django_db
def test_only_the_warehouse_sends():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))

    assert client("accountant").post(path(order), {"carrier": "United Package"}).status_code == 403
    assert client("accountant").get(path(order)).status_code == 200
    assert client().get("/api/v1/shipments/").status_code == 403
    assert client("warehouse").post(f"/api/v1/orders/{uuid7()}/shipments/", {}).status_code == 404


@pytest.mark.django_db
def test_the_list_takes_the_same_queries_for_one_and_for_three(django_assert_num_queries):
    offer("CHAI")
    api = client("warehouse")

    def send():
        api.post(path(make_order(("CHAI", "5", "18.00"))), {"carrier": "United Package"})

    send()
    with django_assert_num_queries(3):
        api.get("/api/v1/shipments/")
    send()
    send()
    with django_assert_num_queries(3):
        assert len(api.get("/api/v1/shipments/").data["results"]) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "words"), [("en", "Delivery note"), ("zh-hans", "送货单")])
def test_the_delivery_note_is_a_pdf_without_prices(language, words):
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    sent = client("warehouse").post(path(order), {"carrier": "United Package", "tracking": "UP1"}).data

    answer = client("auditor").get(f"/api/v1/shipments/{sent['id']}/note/?language={language}")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert [one for one in (words, sent["number"], order.number, "CHAI", "UP1") if one not in text] == []
    assert "18.00" not in text


@pytest.mark.django_db
def test_a_delivery_note_is_for_the_house_and_in_a_language_we_speak():
    offer("CHAI")
    order = make_order(("CHAI", "5", "18.00"))
    sent = client("warehouse").post(path(order), {"carrier": "United Package"}).data
    address = f"/api/v1/shipments/{sent['id']}/note/"

    assert client().get(address).status_code == 403
    assert client("warehouse").get(f"{address}?language=xx").json()["errors"][0]["field"] == "language"
    assert client("warehouse").get(f"/api/v1/shipments/{uuid7()}/note/").status_code == 404
