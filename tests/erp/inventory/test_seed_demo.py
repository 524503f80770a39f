"""The demo range loads fast, whole, and once."""

from io import StringIO

import pytest
from django.core.management import call_command

from erp.inventory.models import StockMove
from erp.inventory.reports import stock_check
from erp.parties.models import Party
from erp.products.models import Product
from integration.contracts.products import PricePublished, ProductPublished
from tests.erp.makers import company
from tests.helpers import emitted


@pytest.mark.django_db
def test_the_demo_range_loads_once():
    company()

    for _again in range(2):
        call_command("seed_demo", stdout=StringIO())

    assert (Party.objects.suppliers().count(), Product.objects.published().count()) == (29, 77)
    assert (len(emitted(ProductPublished)), len(emitted(PricePublished))) == (77, 77)
    assert StockMove.objects.count() == 72
    assert (stock_check().holds, stock_check().stock_value > 0) == (True, True)
