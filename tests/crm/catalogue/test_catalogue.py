from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from crm.catalogue.models import PriceVersion, Product
from crm.catalogue.services import price_on, prices_on
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from tests.crm.makers import offered, user
from tests.helpers import deliver, page_queries

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

CHAI = ProductPublished(sku="CHAI", name="Chai", unit="10 boxes", tax_class="reduced", category="Beverages")
PRICE = PricePublished(sku="CHAI", currency="EUR", unit_price=Decimal("18.00"), valid_from=date(2026, 1, 1))


def test_a_published_product_may_be_offered():
    deliver(CHAI, time=NOON)

    product = Product.objects.offered().get()
    assert (product.sku, product.name, product.unit, product.category) == ("CHAI", "Chai", "10 boxes", "Beverages")


def test_the_same_news_twice_changes_nothing():
    for _again in range(2):
        deliver(CHAI, time=NOON)
        deliver(PRICE, time=NOON)

    assert (Product.objects.count(), PriceVersion.objects.count()) == (1, 1)
    assert Product.objects.get().history.count() == 2


def test_old_news_does_not_undo_newer():
    deliver(ProductWithdrawn(sku="CHAI", reason="sold out"), time=NOON)
    deliver(CHAI, time=NOON - timedelta(hours=1))

    assert Product.objects.get().status == "withdrawn"


def test_a_product_comes_back_when_published_again():
    deliver(ProductWithdrawn(sku="CHAI"), time=NOON)
    deliver(CHAI, time=NOON + timedelta(hours=1))

    assert Product.objects.offered().count() == 1


def test_a_price_may_come_before_its_product():
    deliver(PRICE, time=NOON)
    assert (Product.objects.shown().count(), price_on("CHAI", date(2026, 2, 1))) == (0, Decimal("18.000000"))

    deliver(CHAI, time=NOON - timedelta(minutes=1))

    assert [(one.name, one.status) for one in Product.objects.shown()] == [("Chai", "published")]


def test_the_price_is_that_of_the_day():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 3, 1)))

    days = [date(1996, 6, 30), date(1996, 7, 1), date(1997, 2, 28), date(1997, 3, 1)]
    assert [price_on("CHAI", day) for day in days] == [None, Decimal("14.40"), Decimal("14.40"), Decimal("18.00")]
    assert price_on("CHAI", date(1997, 3, 1), "CNY") is None


def test_prices_of_many_products_are_one_query(django_assert_num_queries):
    offered("CHAI", ("18.00", date(1996, 1, 1)))
    offered("CHANG", ("19.00", date(1996, 1, 1)), ("20.00", date(1997, 1, 1)))

    with django_assert_num_queries(1):
        assert prices_on(["CHAI", "CHANG", "NONE"], date(1997, 5, 1)) == {
            "CHAI": Decimal("18.00"),
            "CHANG": Decimal("20.00"),
        }


def test_a_corrected_price_of_the_same_day_replaces_the_first():
    deliver(PRICE, time=NOON)
    deliver(PRICE.model_copy(update={"unit_price": Decimal("17.50")}), time=NOON + timedelta(seconds=1))
    deliver(PRICE, time=NOON)

    assert price_on("CHAI", date(2026, 2, 1)) == Decimal("17.50")


def api(*roles: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(user(*roles))
    return client


def test_a_picker_gets_the_price_of_its_day():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 3, 1)))
    offered("CHANG")

    answer = api("rep").get("/api/v1/products/", {"search": "chai", "on": "1996-08-01"}).json()

    assert [(row["sku"], row["price"], row["currency"]) for row in answer["results"]] == [("CHAI", "14.400000", "EUR")]


def test_a_product_shows_all_its_prices():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 3, 1)))

    answer = api("agent").get(f"/api/v1/products/{Product.objects.get().pk}/").json()

    assert [price["amount"] for price in answer["prices"]] == ["18.000000", "14.400000"]


def test_an_odd_day_is_refused_in_words():
    answer = api("rep").get("/api/v1/products/", {"on": "tomorrow"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "on")


def test_nobody_writes_the_catalogue_here():
    answer = api("admin").post("/api/v1/products/", {"sku": "X"})

    assert answer.status_code in (403, 405)
    assert not Product.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_products(client, django_assert_num_queries, count):
    for number in range(count):
        offered(f"SKU{number}")
    client.force_login(user("rep"))
    client.get("/catalogue/")

    with django_assert_num_queries(page_queries(1)):
        assert client.get("/catalogue/").status_code == 200
