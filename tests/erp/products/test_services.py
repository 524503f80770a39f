"""Products are offered with all their dated prices, and prices stay."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from base.refusals import MoveRefused
from erp.products import services as products
from erp.products.models import Price, Product
from erp.products.services import DatedPrice, PriceAlreadySet, PriceMissing, SkuTaken, TaxClassUnknown
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from tests.erp.makers import company
from tests.helpers import emitted

D = Decimal
SINCE, LATER = date(1996, 7, 4), date(1997, 1, 1)


def make_product(sku="CHAI", *prices, **fields):
    company()
    told = {"name": "Chai", "unit": "10 boxes x 20 bags", "tax_class": "reduced", "category": "Beverages", **fields}
    return products.create_product(sku=sku, prices=[DatedPrice(D(amount), day) for amount, day in prices], **told)


@pytest.mark.django_db
def test_nobody_hears_of_a_draft():
    product = make_product("CHAI", ("14.40", SINCE))
    products.change_product(product, name="Chai tea")

    assert (product.status, emitted()) == ("draft", [])


@pytest.mark.django_db
def test_publishing_tells_the_product_and_all_its_dated_prices():
    product = make_product("CHAI", ("18", LATER), ("14.40", SINCE))

    products.publish(product)

    assert emitted() == [
        ProductPublished(sku="CHAI", name="Chai", unit="10 boxes x 20 bags", tax_class="reduced", category="Beverages"),
        PricePublished(sku="CHAI", currency="EUR", unit_price=D("14.400000"), valid_from=SINCE),
        PricePublished(sku="CHAI", currency="EUR", unit_price=D("18.000000"), valid_from=LATER),
    ]


@pytest.mark.django_db
def test_an_edit_and_a_new_price_of_a_published_product_are_told():
    product = products.publish(make_product("CHAI", ("14.40", SINCE)))
    before = len(emitted())

    products.change_product(product, name="Chai tea")
    products.change_product(product, name="Chai tea")
    products.set_price(product, D("18"), LATER)
    products.set_price(product, D("18"), LATER)

    assert [(type(fact), getattr(fact, "name", "")) for fact in emitted()[before:]] == [
        (ProductPublished, "Chai tea"),
        (PricePublished, ""),
    ]


@pytest.mark.django_db
def test_a_price_counts_from_its_day_on():
    product = make_product("CHAI", ("14.40", SINCE), ("18", LATER), floor_percent=D("80"))

    days = [date(1996, 7, 3), SINCE, date(1996, 12, 31), LATER]

    assert [products.price_on(product, day) for day in days] == [None, D("14.4"), D("14.4"), D("18")]
    assert [products.floor_on(product, day) for day in days] == [None, D("11.52"), D("11.52"), D("14.4")]
    assert Product.objects.with_price(LATER, "EUR").get().list_price == D("18")


@pytest.mark.django_db
def test_a_price_is_never_changed():
    product = make_product("CHAI", ("14.40", SINCE))

    with pytest.raises(PriceAlreadySet) as refusal, transaction.atomic():
        products.set_price(product, D("15"), SINCE)
    with pytest.raises(DatabaseError), transaction.atomic():
        Price.objects.update(amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Price.objects.all()._raw_delete("default")

    assert str(refusal.value).startswith("The price of CHAI from 1996-07-04 is already 14.4 EUR.")
    assert products.price_on(product, SINCE) == D("14.4")


@pytest.mark.django_db
def test_a_withdrawn_product_may_come_back():
    product = products.publish(make_product("CHAI", ("14.40", SINCE)))

    with pytest.raises(MoveRefused), transaction.atomic():
        products.publish(product)
    product = products.withdraw(product, "out of season")
    with pytest.raises(MoveRefused), transaction.atomic():
        products.withdraw(product)
    product = products.publish(product)

    assert product.status == "published"
    assert emitted(ProductWithdrawn) == [ProductWithdrawn(sku="CHAI", reason="out of season")]


@pytest.mark.django_db
def test_what_cannot_be_sold_is_not_offered():
    product = make_product("CHAI")
    with pytest.raises(PriceMissing), transaction.atomic():
        products.publish(product)
    with pytest.raises(SkuTaken), transaction.atomic():
        make_product("CHAI")
    with pytest.raises(TaxClassUnknown), transaction.atomic():
        make_product("CHANG", tax_class="fancy")
