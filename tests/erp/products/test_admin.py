"""What an administrator edits is told like any other edit; what stays, stays."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from erp.inventory.models import StockMove
from erp.products.models import Product
from erp.shipping.models import Carrier
from erp.shipping.services import dispatch
from integration.contracts.products import ProductPublished
from tests.erp.orders.makers import make_order, offer
from tests.helpers import emitted


def admin():
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.mark.django_db
def test_an_edit_in_the_admin_is_told_and_kept_in_the_history():
    product = offer("CHAI")
    form = {"name": "Chai tea", "unit": "box", "tax_class": "reduced"}
    inline = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}

    answer = admin().post(f"/admin/products/product/{product.pk}/change/", {**form, **inline})

    assert answer.status_code == 302
    assert [fact.name for fact in emitted(ProductPublished)] == ["Chai", "Chai tea"]
    assert product.history.values_list("name", "history_user__username").first() == ("Chai tea", "root")


@pytest.mark.django_db
def test_an_administrator_adds_a_product():
    form = {"sku": "NEW", "name": "New", "unit": "box", "tax_class": "reduced"}

    admin().post("/admin/products/product/add/", {**form, "prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"})

    assert Product.objects.get(sku="NEW").status == "draft"


@pytest.mark.django_db
def test_every_page_of_the_admin_opens_and_books_are_read_only():
    product = offer("CHAI")
    shipment = dispatch(make_order(("CHAI", "5", "18.00")), None, Carrier.objects.first())
    page = admin()

    for path in (
        "products/product", "products/price", "inventory/location", "inventory/stockbalance", "inventory/stockmove",
        "inventory/stockreservation", "shipping/carrier", "shipping/shipment",
    ):  # fmt: skip
        assert page.get(f"/admin/{path}/").status_code == 200
    assert page.get(f"/admin/products/product/{product.pk}/history/").status_code == 200
    assert page.get(f"/admin/shipping/shipment/{shipment.pk}/change/").status_code == 200
    assert page.get(f"/admin/inventory/stockmove/{StockMove.objects.first().pk}/delete/").status_code == 403
    assert page.get(f"/admin/shipping/shipment/{shipment.pk}/delete/").status_code == 403
