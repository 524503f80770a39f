"""What the house sells in is said once; a deal, a price and what is asked over the API follow it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import override_settings

from crm.catalogue.services import hear_price, price_on
from crm.pipeline.models import Deal
from tests.crm.makers import deal, offered, user

pytestmark = pytest.mark.django_db


@override_settings(CURRENCY="CNY")
def test_a_house_in_yuan_sells_in_yuan(client):
    offered("CHAI", ("18.00", date(1996, 1, 1)))
    now = datetime.now(UTC)
    hear_price("CHAI", currency="CNY", amount=Decimal("140.00"), valid_from=date(2020, 1, 1), as_of=now)

    made = deal(("CHAI", "2"), by=user("rep"))

    assert (made.currency, made.net_total) == ("CNY", Decimal("280.00"))
    assert price_on("CHAI", date(2026, 1, 1)) == Decimal("140.00")
    assert price_on("CHAI", date(2026, 1, 1), "EUR") == Decimal("18.00")
    client.force_login(user("admin"))
    page = client.get("/catalogue/").content.decode()
    assert "140.00" in page
    assert "€" not in page
    assert client.get("/api/v1/products/").json()["results"][0]["price"] == "140.000000"
    assert Deal.objects.get().currency == "CNY"
