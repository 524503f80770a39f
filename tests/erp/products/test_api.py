"""Products over REST: pleasant to fill, refusing in the caller's words."""

import pytest
from rest_framework.test import APIClient

from erp.products.models import Product
from integration.contracts.products import PricePublished, ProductPublished
from tests.erp.makers import company, user
from tests.helpers import emitted

CHAI = {
    "sku": "CHAI",
    "name": "Chai",
    "unit": "10 boxes x 20 bags",
    "tax_class": "reduced",
    "prices": [{"amount": "14.40", "valid_from": "1996-07-04"}, {"amount": "18", "valid_from": "1997-01-01"}],
}


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def add(api, **fields):
    return api.post("/api/v1/products/", {**CHAI, **fields})


@pytest.mark.django_db
def test_a_product_comes_with_its_prices_and_is_published():
    api = client("order_desk")

    made = add(api)
    published = api.post(f"/api/v1/products/{made.data['id']}/publish/")

    assert (made.status_code, made.data["status"], len(made.data["prices"])) == (201, "draft", 2)
    assert (published.status_code, published.data["status"]) == (200, "published")
    assert [type(fact) for fact in emitted()] == [ProductPublished, PricePublished, PricePublished]


@pytest.mark.django_db
def test_a_product_may_be_offered_at_once_and_priced_in_bulk():
    api = client("accountant")
    product = add(api, publish=True).data

    answer = api.post(
        f"/api/v1/products/{product['id']}/prices/",
        [{"amount": "19", "valid_from": "1998-01-01"}, {"amount": "20", "valid_from": "1999-01-01"}],
    )

    assert product["status"] == "published"
    assert (answer.status_code, [price["amount"] for price in answer.data]) == (201, ["19.000000", "20.000000"])
    assert len(emitted(PricePublished)) == 4
    assert len(api.get(f"/api/v1/products/{product['id']}/prices/").data) == 4


@pytest.mark.django_db
def test_a_repeated_call_makes_no_second_product():
    api = client("order_desk")

    answers = [api.post("/api/v1/products/", CHAI, headers={"Idempotency-Key": "k1"}) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (answers[0].json(), Product.objects.count()) == (answers[1].json(), 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({"sku": "two words"}, 422, "bad-input", "sku"),
        ({"name": ""}, 422, "bad-input", "name"),
        ({"tax_class": "fancy"}, 422, "tax-class-unknown", "tax_class"),
        ({"floor_percent": "101"}, 422, "bad-input", "floor_percent"),
        ({"supplier": "S99999"}, 422, "bad-input", "supplier"),
        ({"prices": [{"amount": "-1", "valid_from": "2026-01-01"}]}, 422, "bad-input", "prices.0.amount"),
        ({"prices": [], "publish": True}, 409, "price-missing", None),
    ],
)
def test_bad_input_is_refused_and_nothing_is_kept(fields, status, code, field):
    answer = add(client("order_desk"), **fields)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert [error["field"] for error in answer.data.get("errors", [])] == ([field] if field else [])
    assert Product.objects.count() == 0


@pytest.mark.django_db
def test_a_taken_sku_is_a_conflict():
    api = client("order_desk")
    add(api)

    answer = add(api)

    assert (answer.status_code, answer.data["code"]) == (409, "sku-taken")


@pytest.mark.django_db
def test_the_list_shows_the_price_of_a_day_and_the_floor_to_those_who_may_see_it():
    product = add(client("order_desk"), floor_percent="80").data

    (row,) = client("order_desk").get("/api/v1/products/?on=1996-12-31&sku=CHAI").data["results"]
    (seen,) = client("warehouse").get("/api/v1/products/").data["results"]
    changed = client("order_desk").patch(f"/api/v1/products/{product['id']}/", {"name": "Chai tea"})

    assert (row["list_price"], row["floor_percent"]) == ("14.400000", "80.00")
    assert {"list_price", "floor_percent"}.isdisjoint(seen)
    assert changed.data["name"] == "Chai tea"


@pytest.mark.django_db
def test_the_warehouse_looks_and_a_stranger_does_not():
    assert add(client("warehouse")).status_code == 403
    assert client("warehouse").get("/api/v1/products/").status_code == 200
    assert client().get("/api/v1/products/").status_code == 403
    assert APIClient().get("/api/v1/products/").status_code == 401


@pytest.mark.django_db
def test_the_list_takes_the_same_queries_for_one_and_for_three(django_assert_num_queries):
    api = client("order_desk")
    add(api)
    with django_assert_num_queries(1):
        api.get("/api/v1/products/")

    for sku in ("CHANG", "SYRUP"):
        add(api, sku=sku)

    with django_assert_num_queries(1):
        assert len(api.get("/api/v1/products/").data["results"]) == 3
