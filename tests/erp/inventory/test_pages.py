"""The pages of the warehouse."""

from decimal import Decimal

import pytest
from django.test import Client

from base.ids import uuid7
from erp.inventory.models import StockBalance, StockMove
from tests.erp.makers import company, user
from tests.erp.orders.makers import make_order, offer
from tests.helpers import page_queries


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def receipt(**more):
    form = {"product": "CHAI", "quantity": "5", "unit_cost": "7", "reference": "DN 1", "date": "2026-11-23"}
    return {**form, "idempotency_key": str(uuid7()), **more}


@pytest.mark.django_db
def test_goods_are_received_once_and_shown_with_their_moves():
    product = offer("CHAI", on_hand="0")
    page, form = browser("accountant"), receipt(product="chai")

    answers = [page.post("/inventory/receive/", form) for _again in range(2)]
    listed = page.get("/inventory/").content.decode()
    moves = page.get(f"/inventory/products/{product.pk}/").content.decode()

    assert [answer.status_code for answer in answers] == [302, 302]
    assert StockBalance.objects.get().on_hand == 5
    assert "35.00" in listed
    assert "stock and books agree" in listed
    assert StockMove.objects.get().entry.number in moves
    assert "DN 1" in moves


@pytest.mark.django_db
def test_the_warehouse_sees_quantities_and_no_value():
    product = offer("CHAI", on_hand="3", cost="41.17")
    page = browser("warehouse")

    listed = page.get("/inventory/").content.decode()
    moves = page.get(f"/inventory/products/{product.pk}/").content.decode()

    assert "CHAI" in listed
    assert [word for word in ("41.17", "123.51", "STK-") if word in listed + moves] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"product": "NONE"}, "There is no product “NONE”."),
        ({"quantity": "0"}, "A quantity must be above zero"),
        ({"unit_cost": ""}, "Goods that come in need a cost"),
        ({"date": "1980-01-01"}, "The books have no period for 1980-01-01."),
    ],
)
def test_a_bad_receipt_says_why_at_its_field(more, words):
    offer("CHAI", on_hand="0")

    answer = browser("warehouse").post("/inventory/receive/", receipt(**more))

    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert StockMove.objects.count() == 0


@pytest.mark.django_db
def test_a_count_books_the_difference():
    product = offer("CHAI", on_hand="10", cost="2.00")
    page = browser("warehouse")

    for counted in ("8", "8"):
        page.post(f"/inventory/products/{product.pk}/count/", {"counted": counted, "reason": "yearly count"})

    balance = StockBalance.objects.get()
    assert (balance.on_hand, balance.value, StockMove.objects.count()) == (8, Decimal("16.00"), 2)


@pytest.mark.django_db
def test_the_list_narrows():
    offer("CHAI", on_hand="2")
    offer("SYRUP", on_hand="5")
    make_order(("CHAI", "2", "18.00"))
    page = browser("warehouse")

    def skus(query):
        return [balance.product.sku for balance in page.get(f"/inventory/?{query}").context["page"].rows]

    assert skus("") == ["CHAI", "SYRUP"]
    assert skus("show=free") == ["SYRUP"]
    assert skus("show=reserved") == ["CHAI"]
    assert skus("show=out") == ["CHAI"]
    assert skus("q=syr") == ["SYRUP"]


@pytest.mark.django_db
def test_the_order_desk_looks_and_receives_nothing():
    assert browser("order_desk").get("/inventory/").status_code == 200
    assert browser("order_desk").get("/inventory/receive/").status_code == 403
    assert browser().get("/inventory/").status_code == 403


@pytest.mark.django_db
def test_lists_take_the_same_queries_for_one_and_for_three(django_assert_num_queries):
    page = browser("accountant")
    product = offer("CHAI")
    page.get("/inventory/")
    with django_assert_num_queries(page_queries(5)):
        page.get("/inventory/")
    with django_assert_num_queries(page_queries(4)):
        page.get(f"/inventory/products/{product.pk}/")

    for sku in ("CHANG", "SYRUP"):
        offer(sku)
        page.post("/inventory/receive/", receipt())

    with django_assert_num_queries(page_queries(5)):
        assert len(page.get("/inventory/").context["page"].rows) == 3
    with django_assert_num_queries(page_queries(4)):
        assert len(page.get(f"/inventory/products/{product.pk}/").context["page"].rows) == 3
