"""Orders and parties over REST, role by role."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from erp.orders.models import Order
from erp.parties import services as parties
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer, make_order, offer
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db


def as_(*roles):
    client = APIClient()
    client.force_login(user(*roles))
    return client


def test_an_order_is_found_by_its_deal_with_its_lines():
    offer()
    order = make_order(("CHAI", "5", "18.00"))

    (row,) = as_("accountant").get("/api/v1/orders/", {"deal": str(order.deal)}).json()["results"]
    whole = as_("accountant").get(f"/api/v1/orders/{order.pk}/").json()

    assert (row["number"], row["status"], row["net_total"]) == (order.number, "accepted", "90.00")
    assert [(line["sku"], line["quantity_reserved"]) for line in whole["lines"]] == [("CHAI", "5.0000")]


def test_the_warehouse_sees_goods_and_no_prices():
    offer()
    order = make_order(("CHAI", "5", "18.00"))

    whole = as_("warehouse").get(f"/api/v1/orders/{order.pk}/").json()

    assert "net_total" not in whole
    assert "unit_price" not in whole["lines"][0]


@pytest.mark.parametrize(("role", "status"), [("order_desk", 200), ("accountant", 403), ("warehouse", 403)])
def test_only_the_desk_releases(role, status):
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), on_hold=True, hold_reason="x")
    order = make_order(("CHAI", "5", "18.00"), customer=who)

    assert as_(role).post(f"/api/v1/orders/{order.pk}/release/", {}, format="json").status_code == status


def test_a_refusal_without_a_reason_is_a_problem_body():
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), on_hold=True, hold_reason="x")
    order = make_order(("CHAI", "5", "18.00"), customer=who)

    answer = as_("order_desk").post(f"/api/v1/orders/{order.pk}/refuse/", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (422, "reason-missing")
    assert Order.objects.get().status == "held"


def test_an_order_of_our_own_over_the_api():
    offer()
    party = parties.open_party(customer())
    desk = as_("order_desk")
    body = {"party": party.code, "ordered_on": "2026-11-23", "lines": [{"sku": "CHAI", "quantity": "2"}]}

    draft = desk.post("/api/v1/orders/", body, format="json")
    bound = desk.post(f"/api/v1/orders/{draft.json()['id']}/confirm/")

    assert (draft.status_code, draft.json()["status"], bound.json()["status"]) == (201, "draft", "accepted")


def test_a_remark_and_the_wanted_day_are_noted_on_an_order_that_stands():
    offer()
    order = make_order(("CHAI", "5", "18.00"))
    address, told = f"/api/v1/orders/{order.pk}/", {"note": "Ring twice", "requested_on": "2030-01-31"}

    answer = as_("order_desk").patch(address, told, format="json")
    kept = as_("order_desk").patch(address, {"note": "Ring thrice"}, format="json").json()

    assert (answer.status_code, answer.json()["note"]) == (200, "Ring twice")
    assert (kept["note"], kept["requested_on"], kept["status"]) == ("Ring thrice", "2030-01-31", "accepted")
    assert as_("warehouse").patch(address, told, format="json").status_code == 403


@pytest.mark.parametrize(
    ("told", "field"),
    [({"note": "x" * 4001}, "note"), ({"note": "a\0b"}, "note"), ({"requested_on": "soon"}, "requested_on")],
)
def test_a_remark_that_cannot_be_kept_is_a_problem(told, field):
    offer()
    order = make_order(("CHAI", "5", "18.00"))

    answer = as_("order_desk").patch(f"/api/v1/orders/{order.pk}/", told, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_nothing_is_noted_on_an_order_that_is_over():
    offer()
    order = make_order(("CHAI", "5", "18.00"))
    as_("order_desk").post(f"/api/v1/orders/{order.pk}/cancel/", {"reason": "x"}, format="json")

    answer = as_("order_desk").patch(f"/api/v1/orders/{order.pk}/", {"note": "Ring twice"}, format="json")

    assert (answer.status_code, Order.objects.get().note) == (409, "")


def test_terms_are_the_accountants():
    company()
    party = parties.open_party(customer())

    answer = as_("accountant").patch(f"/api/v1/parties/{party.pk}/", {"credit_limit": "500.00"}, format="json")
    supplier = as_("accountant").post("/api/v1/parties/", {"name": "Exotic Liquids"}, format="json")

    assert (answer.status_code, answer.json()["credit_limit"]) == (200, "500.00")
    assert (supplier.status_code, supplier.json()["code"][0]) == (201, "S")
    assert as_("order_desk").patch(f"/api/v1/parties/{party.pk}/", {"on_hold": True}, format="json").status_code == 403
    assert "credit_limit" not in as_("warehouse").get(f"/api/v1/parties/{party.pk}/").json()
    party.refresh_from_db()
    assert party.credit_limit == Decimal("500.00")


def test_lists_take_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries):
    offer()
    client = as_("accountant")
    client.get("/api/v1/orders/")
    make_order(("CHAI", "1", "18.00"))
    with django_assert_num_queries(page_queries(1)):
        assert len(client.get("/api/v1/orders/").json()["results"]) == 1
    for _more in range(2):
        make_order(("CHAI", "1", "18.00"))
    with django_assert_num_queries(page_queries(1)):
        assert len(client.get("/api/v1/orders/").json()["results"]) == 3
