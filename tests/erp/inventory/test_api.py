"""Stock over REST: receipts in, balances out, cost for those who may see it."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from erp.inventory import services as stock
from erp.inventory.models import StockBalance, StockMove
from erp.orders.models import OrderLine
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def receipt(api, **more):
    body = {"product": "CHAI", "quantity": "10", "unit_cost": "10.80", "reference": "opening", **more}
    return api.post("/api/v1/stock/receipts/", body)


@pytest.mark.django_db
def test_a_receipt_lies_in_stock_and_in_the_books():
    offer("CHAI", on_hand="0")
    api = client("accountant")

    move = receipt(api)
    listed = api.get("/api/v1/stock/").data

    assert (move.status_code, move.data["value"], move.data["on_hand_after"]) == (201, "108.00", "10.0000")
    assert move.data["entry_number"].startswith("STK-")
    assert listed["stock_value"] == "108.00"
    assert [(row["sku"], row["available"], row["stock_value"]) for row in listed["results"]] == [
        ("CHAI", "10.0000", "108.00")
    ]
    assert api.get("/api/v1/stock/check/").data == {
        "stock_value": "108.00",
        "inventory_account": "108.00",
        "difference": "0.00",
        "balances_off_their_moves": 0,
    }


@pytest.mark.django_db
def test_the_warehouse_receives_at_the_last_cost_and_sees_none():
    offer("CHAI", on_hand="1", cost="7.00")
    api = client("warehouse")

    move = api.post("/api/v1/stock/receipts/", {"product": "CHAI", "quantity": "2"})
    listed = api.get("/api/v1/stock/").data

    assert move.status_code == 201
    assert [name for name in ("unit_cost", "value", "entry") if name in move.data] == []
    assert StockMove.objects.order_by("position").last().unit_cost == 7
    assert ("stock_value" in listed, "stock_value" in listed["results"][0]) == (False, False)
    assert api.get("/api/v1/stock/check/").status_code == 403
    assert "value" not in api.get("/api/v1/stock/moves/").data["results"][0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"product": "NONE"}, 422, "bad-input"),
        ({"quantity": "0"}, 422, "bad-quantity"),
        ({"quantity": "-3"}, 422, "bad-quantity"),
        ({"quantity": "NaN"}, 422, "bad-input"),
        ({"unit_cost": "-1"}, 422, "cost-missing"),
        ({"unit_cost": None}, 422, "cost-missing"),
        ({"date": "1980-01-01"}, 422, "period-missing"),
    ],
)
def test_a_bad_receipt_changes_nothing(more, status, code):
    offer("CHAI", on_hand="0")

    answer = receipt(client("accountant"), **more)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert (StockBalance.objects.count(), StockMove.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_repeated_receipt_comes_in_once():
    offer("CHAI", on_hand="0")
    api = client("warehouse")
    body = {"product": "CHAI", "quantity": "10", "unit_cost": "1"}

    for _again in range(2):
        assert api.post("/api/v1/stock/receipts/", body, headers={"Idempotency-Key": "r1"}).status_code == 201

    assert StockBalance.objects.get().on_hand == 10


@pytest.mark.django_db
def test_counting_finds_more_or_less():
    offer("CHAI", on_hand="10", cost="2.00")
    api = client("warehouse")

    answers = [
        api.post("/api/v1/stock/adjustments/", {"product": "CHAI", "difference": difference, "reason": "count"})
        for difference in ("-3", "1", "0", "-9")
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 422, 409]
    balance = StockBalance.objects.get()
    assert (balance.on_hand, balance.value) == (8, Decimal("16.00"))


@pytest.mark.django_db
def test_new_goods_go_to_who_waits(django_capture_on_commit_callbacks):
    product = offer("CHAI", on_hand="2")
    for quantity in ("5", "4"):
        make_order(("CHAI", quantity, "18.00"))

    with django_capture_on_commit_callbacks(execute=True):
        stock.receive(product, Decimal(5), Decimal(1), TODAY)

    assert list(OrderLine.objects.order_by("order__id").values_list("quantity_reserved", flat=True)) == [5, 2]


@pytest.mark.django_db
def test_who_has_no_business_with_stock_is_refused():
    assert client("order_desk").get("/api/v1/stock/").status_code == 200
    assert receipt(client("order_desk")).status_code == 403
    assert client().get("/api/v1/stock/moves/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "queries"), [("/api/v1/stock/", 2), ("/api/v1/stock/moves/", 1)])
def test_lists_take_the_same_queries_for_one_and_for_three(django_assert_num_queries, path, queries):
    api = client("accountant")
    offer("CHAI")
    api.get(path)
    with django_assert_num_queries(queries):
        api.get(path)

    for sku in ("CHANG", "SYRUP"):
        offer(sku)

    with django_assert_num_queries(queries):
        assert len(api.get(path).data["results"]) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/stock/", "/api/v1/stock/moves/"])
def test_lists_page_through_to_the_end(path):
    api = client("accountant")
    for sku in ("CHANG", "CHAI", "SYRUP"):
        offer(sku)

    found, page = [], f"{path}?page_size=1"
    while page:
        answer = api.get(page).data
        found += [row["sku"] for row in answer["results"]]
        page = answer["next"]

    assert sorted(found) == ["CHAI", "CHANG", "SYRUP"]
