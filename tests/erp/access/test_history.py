"""The page of a record's history: who, when, from what to what, why; without what the reader may not see."""

import pytest
from django.test import Client

from base import context
from erp.parties import services as parties
from tests.erp import makers
from tests.erp.orders.makers import make_order, offer

pytestmark = pytest.mark.django_db


def page(role, record):
    client = Client()
    client.force_login(makers.user(role))
    return client.get(f"/history/{record._meta.label_lower}/{record.pk}/")


def party():
    offer()
    return make_order(("CHAI", "2", "18.00")).party


def test_a_change_shows_before_after_who_and_why():
    known, client = party(), Client()
    client.force_login(makers.user("accountant", name="margaret"))
    told = {"payment_terms_days": "14", "credit_limit": "7350.00", "version": known.version, "why": "three bad months"}

    client.post(f"/parties/{known.pk}/terms/", told)
    text = page("accountant", known).content.decode()

    for words in ("three bad months", "margaret", "<del>30</del>", "7350.00"):
        assert words in text


def test_who_may_not_see_credit_sees_the_change_without_the_figure():
    known = party()
    with context.because("three bad months"):
        parties.class_party(known, credit_limit=makers.amount("7350.00"), payment_terms_days=14)

    text = page("warehouse", known).content.decode()

    assert ("7350" in text, "<del>30</del>" in text) == (False, True)


def test_what_came_over_the_wire_says_so():
    offer()
    with context.acting("wire"):
        sold = make_order(("CHAI", "2", "18.00"))

    assert "wire" in page("auditor", sold).content.decode()


def test_an_order_shows_no_price_to_the_warehouse_and_strangers_see_nothing():
    offer()
    sold = make_order(("CHAI", "2", "18.00"))

    assert "36.00" in page("accountant", sold).content.decode()
    assert "36.00" not in page("warehouse", sold).content.decode()
    stranger = Client()
    stranger.force_login(makers.user())
    for address in (f"/history/orders.order/{sold.pk}/", "/history/orders.order/no/", "/history/nothing.here/1/"):
        assert stranger.get(address).status_code == 404
    assert Client().get(f"/history/orders.order/{sold.pk}/").status_code == 302
