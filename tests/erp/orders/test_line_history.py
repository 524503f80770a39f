"""What a draft's lines said before somebody wrote them anew stays in the history, and on its page."""

from decimal import Decimal

import pytest
from django.test import Client

from base import context
from erp.orders import services as orders
from erp.orders.drafting import NewLine
from erp.orders.models import OrderLine
from erp.parties import services as parties
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, customer, make_order, offer

pytestmark = pytest.mark.django_db


def line(sku, quantity, price=None):
    return NewLine(sku, Decimal(quantity), Decimal(price) if price else None)


def draft(*lines):
    offer("CHAI"), offer("TEA", "21.00")
    return orders.create_order(parties.open_party(customer()), lines, ordered_on=TODAY)


def page(role, order):
    client = Client()
    client.force_login(user(role))
    return client.get(f"/history/orders.order/{order.pk}/").content.decode()


def told(order):
    rows = OrderLine.history.filter(order_id=order.pk).order_by("history_id")
    return [(row.history_type, row.position, row.sku, f"{row.quantity:.0f}", f"{row.unit_price:.2f}") for row in rows]


def test_what_was_and_what_became_is_kept():
    order = draft(line("CHAI", "2"), line("TEA", "3"))

    with context.because("they called"):
        orders.change_draft(order, [line("CHAI", "5", "17.00")], ordered_on=TODAY)

    assert told(order)[:2] == [("+", 1, "CHAI", "2", "18.00"), ("+", 2, "TEA", "3", "21.00")]
    assert sorted(told(order)[2:4]) == [("-", 1, "CHAI", "2", "18.00"), ("-", 2, "TEA", "3", "21.00")]
    assert told(order)[4:] == [("+", 1, "CHAI", "5", "17.00")]
    reasons = set(OrderLine.history.filter(history_type="+").values_list("history_change_reason", flat=True))
    assert reasons == {None, "they called"}


def test_its_page_shows_what_changed_in_which_line():
    order = draft(line("CHAI", "2"), line("TEA", "3"))
    orders.change_draft(order, [line("CHAI", "5", "17.00")], ordered_on=TODAY)

    text = page("order_desk", order)

    for words in ("Order line 1: changed", "Order line 2: removed", "<del>18.00", "<ins>17.00", "<del>2.", "<ins>5."):
        assert words in text, words


def test_who_may_not_see_prices_sees_the_quantities_only():
    order = draft(line("CHAI", "2"))
    orders.change_draft(order, [line("CHAI", "5", "17.00")], ordered_on=TODAY)

    text = page("warehouse", order)

    assert ("<ins>5." in text, "17.00" in text, "18.00" in text) == (True, False, False)


def test_a_line_that_is_written_anew_as_it_was_is_no_change():
    order = draft(line("CHAI", "2"))
    orders.change_draft(order, [line("CHAI", "2")], ordered_on=TODAY, note="at the ramp")

    text = page("order_desk", order)

    assert ("Order line 1: made" in text, "Order line 1: changed" in text) == (True, False)


def test_lines_of_a_deal_are_kept_by_its_promise():
    offer("CHAI")

    assert told(make_order(("CHAI", "2", "18.00"))) == []
