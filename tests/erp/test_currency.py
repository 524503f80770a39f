"""A house that keeps its books in another currency than the euro reads it on every page."""

import re
from decimal import Decimal

import pytest
from django.test import override_settings
from django.urls import reverse

from erp.invoices import services as invoices
from erp.navigation import NAVIGATION
from erp.parties.models import Party
from erp.shipping.models import Carrier
from erp.shipping.services import dispatch
from tests.erp.makers import user
from tests.erp.orders.makers import customer, make_order, offer

pytestmark = pytest.mark.django_db
EURO = re.compile(r"€|\bEUR\b")


@override_settings(CURRENCY="CNY")
def test_no_page_of_a_house_in_yuan_speaks_of_euros(client):
    tea = offer("CHAI", price="100.00", on_hand="20", cost="50.00")
    order = make_order(("CHAI", "10", "100.00"), currency="CNY", customer=customer("QUICK-Stop"))
    assert order.status == "accepted", order.reason
    Party.objects.update(credit_limit=Decimal("5000.00"))
    dispatch(order, None, Carrier.objects.create(name="SF Express"))
    invoices.issue(order)
    client.force_login(user("admin", "accountant"))

    paths = [reverse(place["url_name"]) for place in NAVIGATION]
    paths += [one.get_absolute_url() for one in (order, order.party, tea, order.invoices.get(), order.shipments.get())]
    paths += [reverse("inventory:moves", args=[tea.pk])]
    pages = {path: client.get(path).content.decode() for path in paths}

    found = {path: html[max(0, hit.start() - 80) :][:160] for path, html in pages.items() if (hit := EURO.search(html))}
    assert not found, found
    assert sum("CN¥" in html or "CNY" in html for html in pages.values()) >= 8
