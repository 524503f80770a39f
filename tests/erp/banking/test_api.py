"""Receipts and deposits over REST."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from erp.banking import services
from erp.banking.models import Deposit, Receipt
from erp.orders import services as orders
from tests.erp.invoices.makers import reported
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer

pytestmark = pytest.mark.django_db


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def heard_of(order=None, **more):
    company()
    return services.report_deposit(reported(order, **more))


def test_the_accountant_finds_the_deposit_of_a_deal_and_books_it():
    offer("CHAI", "20.00", tax_class="standard")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = heard_of(order)
    heard_of()
    api = client("accountant")

    (found,) = api.get(f"/api/v1/deposits/?deal={order.deal}&status=reported").data["results"]
    answer = api.post(f"/api/v1/deposits/{found['id']}/book/", {"amount": "119.00", "date": TODAY.isoformat()})

    assert answer.status_code == 200
    told = {name: answer.data[name] for name in ("status", "net", "tax", "remaining", "order_number", "booked_by")}
    assert told == {
        "status": "booked",
        "net": "100.00",
        "tax": "19.00",
        "remaining": "119.00",
        "order_number": order.number,
        "booked_by": "accountant",
    }
    (receipt,) = api.get(f"/api/v1/receipts/?party_code={order.party.code}").data["results"]
    assert (receipt["number"], receipt["kind"]) == (answer.data["receipt_number"], "deposit")
    assert Deposit.objects.get(pk=deposit.pk).booked_on == TODAY


def test_a_repeated_call_books_once_and_without_an_amount_what_was_reported():
    path = f"/api/v1/deposits/{heard_of().pk}/book/"
    api = client("accountant")

    answers = [api.post(path, {}, headers={"Idempotency-Key": "b1"}) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert Receipt.objects.get().amount == Decimal("119.00")
    refused = api.post(path, {})
    assert (refused.status_code, refused.data["code"]) == (409, "deposit-done")


def test_a_deposit_is_dismissed_with_its_reason_or_refunded_when_the_order_is_off():
    offer("CHAI", "20.00")
    order = make_order(("CHAI", "5", "20.00"))
    first, second = heard_of(order), heard_of(order)
    api = client("accountant")

    dismissed = api.post(f"/api/v1/deposits/{first.pk}/dismiss/", {"reason": "Told twice"})
    without = api.post(f"/api/v1/deposits/{second.pk}/dismiss/", {})
    api.post(f"/api/v1/deposits/{second.pk}/book/", {})
    too_early = api.post(f"/api/v1/deposits/{second.pk}/refund/", {})
    orders.cancel(order, "Changed their mind")
    refunded = api.post(f"/api/v1/deposits/{second.pk}/refund/", {})

    assert (dismissed.data["status"], dismissed.data["dismissal"]) == ("dismissed", "Told twice")
    assert (without.status_code, without.data["errors"][0]["field"]) == (422, "reason")
    assert (too_early.status_code, too_early.data["code"]) == (409, "deposit-not-free")
    assert (refunded.data["status"], refunded.data["remaining"]) == ("refunded", "0.00")


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("accountant", 200, 200), ("admin", 200, 200), ("auditor", 200, 403), ("order_desk", 403, 403),
     ("warehouse", 403, 403)],
)  # fmt: skip
def test_who_may_read_and_who_may_book(role, read, write):
    deposit = heard_of()
    api = client(role)

    assert api.get("/api/v1/deposits/").status_code == read
    assert api.get("/api/v1/receipts/").status_code == read
    assert api.post(f"/api/v1/deposits/{deposit.pk}/book/", {}).status_code == write


@pytest.mark.parametrize("body", [{"amount": "abc"}, {"amount": "-1"}, {"amount": "1.001"}, {"date": "2026-13-01"}])
def test_bad_input_changes_nothing(body):
    deposit = heard_of()

    answer = client("accountant").post(f"/api/v1/deposits/{deposit.pk}/book/", body)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert Deposit.objects.get().status == "reported"


@pytest.mark.parametrize("path", ["/api/v1/deposits/", "/api/v1/receipts/"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(path, django_assert_num_queries):
    api = client("accountant")
    services.book_deposit(heard_of(), Decimal("10.00"), TODAY)
    api.get(path)  # the user's roles are read once
    with django_assert_num_queries(1):
        assert len(api.get(path).data["results"]) == 1

    for _more in range(2):
        services.book_deposit(heard_of(), Decimal("10.00"), TODAY)
    with django_assert_num_queries(1):
        assert len(api.get(path).data["results"]) == 3
