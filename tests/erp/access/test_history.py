"""The page of a record's history: who, when, from what to what, why; without what the reader may not see."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from base import context
from base.tokens.services import create_token
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


# ---- the same over REST


def calls(role, *scopes):
    _token, secret = create_token(makers.user(role), "looks", list(scopes) or ["*:read"], 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def asked(role, address, *scopes):
    return calls(role, *scopes).get(f"/api/v1/{address}/history/")


def test_a_program_reads_the_same_history():
    known = party()
    with context.because("three bad months"):
        parties.class_party(known, credit_limit=makers.amount("7350.00"), payment_terms_days=14)

    change, made = asked("accountant", f"parties/{known.pk}").json()

    assert (change["kind"], change["why"], made["kind"]) == ("changed", "three bad months", "made")
    told = {one["field"]: (one["label"], one["before"], one["after"]) for one in change["differences"]}
    assert told["payment_terms_days"] == ("Payment terms (days)", "30", "14")
    assert told["credit_limit"][2] == "7350.00"


def test_a_program_of_the_warehouse_reads_neither_credit_nor_price_and_one_without_a_role_nothing():
    known = party()
    parties.class_party(known, credit_limit=makers.amount("7350.00"), payment_terms_days=14)
    sold = known.orders.get()

    told = asked("warehouse", f"parties/{known.pk}")
    lines = asked("warehouse", f"orders/{sold.pk}")

    assert ("7350" in told.content.decode(), "payment_terms_days" in told.content.decode()) == (False, True)
    assert ("36.00" in lines.content.decode(), lines.status_code) == (False, 200)
    assert "36.00" in asked("accountant", f"orders/{sold.pk}").content.decode()
    stranger = APIClient()
    stranger.force_authenticate(makers.user())
    assert stranger.get(f"/api/v1/orders/{sold.pk}/history/").status_code == 403


def test_the_scope_is_that_of_the_record_and_bad_questions_are_problems():
    sold = party().orders.get()

    assert asked("accountant", f"orders/{sold.pk}", "orders:read").status_code == 200
    assert asked("accountant", f"orders/{sold.pk}", "parties:read").status_code == 403
    for address, status in ((f"orders/{sold.pk}/history/?page=2", 400), ("orders/no/history/", 404)):
        answer = calls("accountant").get(f"/api/v1/{address}")
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_what_there_is_one_of_has_a_history_too():
    makers.company()
    boss = calls("accountant", "*:write")

    before = boss.get("/api/v1/letterhead/history/").json()
    boss.patch("/api/v1/letterhead/set/", {"city": "Bonn"}, headers={"X-Reason": "moved"})
    boss.patch("/api/v1/tax/profile/set/", {"months": 1}, headers={"X-Reason": "registered"})
    (made,) = boss.get("/api/v1/letterhead/history/").json()

    assert (before, made["kind"], made["why"]) == ([], "made", "moved")
    assert boss.get("/api/v1/tax/profile/history/").json()[0]["why"] == "registered"
    assert asked("warehouse", "letterhead").status_code == 403


def test_what_is_written_once_has_no_address_for_a_history():
    assert asked("accountant", "ledger/entries/1").status_code == 404
