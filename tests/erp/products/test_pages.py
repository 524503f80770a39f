"""The pages of products: every step a person takes, and who may not."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from base.ids import uuid7
from erp.products import services as products
from erp.products.models import Product
from tests.erp.makers import company, user
from tests.erp.orders.makers import offer
from tests.helpers import page_queries


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def chai(**more):
    fields = {
        "sku": "CHAI",
        "name": "Chai",
        "unit": "box",
        "tax_class": "reduced",
        "price": "18",
        "valid_from": "2026-01-01",
    }
    return {**fields, "idempotency_key": str(uuid7()), **more}


@pytest.mark.django_db
def test_a_product_is_added_priced_published_and_withdrawn():
    page = browser("order_desk")

    page.post("/products/new/", chai())
    product = Product.objects.get()
    page.post(f"/products/{product.pk}/price/", {"amount": "20", "valid_from": "2026-06-01"})
    page.post(f"/products/{product.pk}/edit/", chai(name="Chai tea"))
    page.post(f"/products/{product.pk}/publish/")

    product.refresh_from_db()
    shown = page.get(f"/products/{product.pk}/").content.decode()
    assert (product.status, product.name) == ("published", "Chai tea")
    assert products.price_on(product, date(2026, 6, 2)) == 20
    assert "Chai tea" in shown
    assert "20.00" in shown
    page.post(f"/products/{product.pk}/withdraw/", {"reason": "season"})
    assert Product.objects.get().status == "withdrawn"


@pytest.mark.django_db
def test_a_doubled_submit_adds_one_product():
    page, form = browser("order_desk"), chai()

    answers = [page.post("/products/new/", form) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Product.objects.count() == 1


@pytest.mark.django_db
def test_what_is_refused_stands_at_its_field():
    offer("CHAI", price="18.00")
    page = browser("order_desk")
    product = Product.objects.get()

    taken = page.post("/products/new/", chai())
    spaced = page.post("/products/new/", chai(sku="a b"))
    priced = page.post(f"/products/{product.pk}/price/", {"amount": "19", "valid_from": "1996-01-01"})

    assert "There is already a product with SKU CHAI." in taken.content.decode()
    assert "without spaces" in spaced.content.decode()
    assert (priced.status_code, "is already 18 EUR" in priced.content.decode()) == (422, True)
    assert products.price_on(product, date(2026, 1, 1)) == Decimal(18)


@pytest.mark.django_db
def test_the_list_narrows():
    offer("CHAI", category="Beverages")
    offer("SYRUP", category="Condiments")
    page = browser("warehouse")

    def skus(query):
        return [product.sku for product in page.get(f"/products/?{query}").context["page"].rows]

    assert skus("") == ["CHAI", "SYRUP"]
    assert skus("q=bever") == ["CHAI"]
    assert skus("category=Condiments") == ["SYRUP"]
    assert skus("status=draft") == []
    assert skus("status=nonsense") == ["CHAI", "SYRUP"]


@pytest.mark.django_db
def test_the_warehouse_looks_and_changes_nothing():
    product = offer("CHAI", floor_percent=Decimal("77.5"))
    page = browser("warehouse")

    shown = page.get(f"/products/{product.pk}/").content.decode()

    assert "77.5" not in shown
    assert "77.5" in browser("order_desk").get(f"/products/{product.pk}/").content.decode()
    assert page.get("/products/new/").status_code == 403
    assert page.post(f"/products/{product.pk}/withdraw/").status_code == 403
    assert browser().get("/products/").status_code == 403
    assert Client().get("/products/").status_code == 302


@pytest.mark.django_db
def test_the_list_takes_the_same_queries_for_one_and_for_three(django_assert_num_queries):
    page = browser("order_desk")
    offer("CHAI")
    page.get("/products/")
    with django_assert_num_queries(page_queries(1)):
        page.get("/products/")

    offer("CHANG")
    offer("SYRUP")

    with django_assert_num_queries(page_queries(1)):
        assert len(page.get("/products/").context["page"].rows) == 3
