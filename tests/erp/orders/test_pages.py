"""The pages of orders: what each role sees and does, and what is said at the field."""

from decimal import Decimal

import pytest
from django.test import Client

from base.ids import uuid7
from erp.orders.models import Order
from erp.parties import services as parties
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer, make_order, offer
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
D = Decimal


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def held_order():
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), on_hold=True, hold_reason="bounced")
    return make_order(("CHAI", "5", "18.00"), customer=who)


def grid(*rows, **head):
    """The form as a browser posts it: `grid(("CHAI", "2", "", ""), party="C00001")`."""
    told = {"line-TOTAL_FORMS": len(rows), "line-INITIAL_FORMS": 0, "ordered_on": "2026-11-23"}
    for number, row in enumerate(rows):
        for name, value in zip(("sku", "quantity", "unit_price", "discount"), row, strict=True):
            told[f"line-{number}-{name}"] = value
    return {**told, "idempotency_key": str(uuid7()), **head}


@pytest.mark.parametrize(
    ("role", "status"), [("order_desk", 200), ("accountant", 200), ("warehouse", 200), ("auditor", 200), (None, 403)]
)
def test_who_may_look(role, status):
    order = held_order()
    page = browser(*[role] if role else [])

    for url in ("/orders/", f"/orders/{order.pk}/"):
        assert page.get(url).status_code == status


def test_the_list_shows_number_customer_state_and_total():
    order = held_order()
    make_order(("CHAI", "2", "18.00"))

    shown = browser("order_desk").get("/orders/").content.decode()
    narrowed = browser("order_desk").get("/orders/?status=held").content.decode()

    assert order.number in shown
    assert "Alfreds Futterkiste is on hold." in shown
    assert "126.00" in shown
    assert "90.00" in narrowed
    assert "2 orders" in shown
    assert "1 order<" in narrowed


@pytest.mark.parametrize("status", ["", "accepted", "to_ship", "waiting", "to_invoice", "nonsense"])
def test_every_filter_answers(status):
    offer()
    make_order(("CHAI", "2", "18.00"))

    answer = browser("order_desk").get("/orders/", {"status": status, "q": "alfr", "since": "2026-01-01", "deal": "x"})

    assert answer.status_code == 200


def test_the_warehouse_sees_no_prices():
    order = held_order()
    page = browser("warehouse")

    assert "18.00" not in page.get(f"/orders/{order.pk}/").content.decode()
    assert "90.00" not in page.get("/orders/").content.decode()


def test_the_desk_releases_a_held_order_with_a_word():
    order = held_order()

    browser("order_desk").post(f"/orders/{order.pk}/release/", {"reason": "They paid by phone."})

    order.refresh_from_db()
    assert (order.status, order.reason, order.decided_by) == ("accepted", "They paid by phone.", "order_desk")


def test_a_refusal_needs_its_reason():
    order = held_order()
    page = browser("order_desk")
    here = f"http://testserver/orders/{order.pk}/"

    answer = page.post(f"/orders/{order.pk}/refuse/", {"reason": " "}, headers={"referer": here}, follow=True)

    order.refresh_from_db()
    assert order.status == "held"
    assert "Say why." in answer.content.decode()
    page.post(f"/orders/{order.pk}/refuse/", {"reason": "No."})
    order.refresh_from_db()
    assert (order.status, order.reason) == ("refused", "No.")


@pytest.mark.parametrize("step", ["release", "refuse", "cancel", "confirm"])
@pytest.mark.parametrize("role", ["accountant", "warehouse", "auditor"])
def test_only_the_desk_decides(step, role):
    order = held_order()

    assert browser(role).post(f"/orders/{order.pk}/{step}/", {"reason": "x"}).status_code == 403
    order.refresh_from_db()
    assert order.status == "held"


def test_an_order_of_our_own_is_typed_changed_and_confirmed():
    offer()
    party = parties.open_party(customer())
    page = browser("order_desk")

    page.post("/orders/new/", grid(("CHAI", "2", "", ""), ("", "", "", ""), party=party.code, freight="4.50"))
    order = Order.objects.get()
    page.post(f"/orders/{order.pk}/edit/", grid(("CHAI", "3", "17", "10"), party=f"{party.code} {party.name}"))
    page.post(f"/orders/{order.pk}/confirm/")

    order.refresh_from_db()
    line = order.lines.get()
    assert (order.status, order.net_total, order.freight) == ("accepted", D("45.90"), D("0.00"))
    assert (line.quantity, line.unit_price, line.discount, line.approved_by) == (3, 17, D("0.1"), "order_desk")


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost():
    offer()
    page = browser("order_desk")

    answer = page.post("/orders/new/", grid(("CHAI", "0", "", ""), ("", "2", "", ""), party="nobody"))
    unknown = page.post(
        "/orders/new/", grid(("GHOST", "1", "", ""), party=parties.open_party(customer()).code)
    ).content.decode()

    shown = answer.content.decode()
    assert "How many? More than zero." in shown
    assert "Which product?" in shown
    assert "No customer has this code or name." in shown
    assert 'value="nobody"' in shown
    assert "There is no product GHOST for sale." in unknown
    assert Order.objects.count() == 0


def test_a_doubled_submit_is_one_draft():
    offer()
    party = parties.open_party(customer())
    form, page = grid(("CHAI", "2", "", ""), party=party.code), browser("order_desk")

    for _again in range(2):
        page.post("/orders/new/", form)

    assert Order.objects.count() == 1


def test_suggestions_while_typing():
    offer()
    parties.open_party(customer())
    page = browser("order_desk")

    assert "Alfreds" in page.get("/orders/choices/parties/", {"party": "alf"}).content.decode()
    assert 'value="CHAI"' in page.get("/orders/choices/products/", {"line-0-sku": "ch"}).content.decode()


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries):
    offer()
    page = browser("accountant")
    make_order(("CHAI", "1", "18.00"))
    page.get("/orders/")
    with django_assert_num_queries(page_queries(3)):
        page.get("/orders/")
    for _more in range(2):
        make_order(("CHAI", "1", "18.00"))
    with django_assert_num_queries(page_queries(3)):
        page.get("/orders/")
