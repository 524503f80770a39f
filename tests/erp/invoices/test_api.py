"""Invoices over REST."""

from decimal import Decimal
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from erp.invoices import services
from erp.invoices.models import Invoice
from tests.erp.invoices.makers import invoice_of, shipped_order
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY

pytestmark = pytest.mark.django_db


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def path(order):
    return f"/api/v1/orders/{order.pk}/invoices/"


def test_the_accountant_issues_takes_the_money_and_the_order_is_done():
    order = shipped_order(("CHAI", "5", "20.00"))
    api = client("accountant")

    issued = api.post(path(order), {"date": TODAY.isoformat()})
    paid = api.post(f"/api/v1/invoices/{issued.data['id']}/payments/", {"reference": "SWIFT 7"})

    assert issued.status_code == 201
    assert (issued.data["number"], issued.data["gross"], issued.data["status"]) == ("INV-2026-000001", "119.00", "open")
    assert [(line["sku"], line["net"], line["rate"]) for line in issued.data["lines"]] == [
        ("CHAI", "100.00", "0.190000")
    ]
    assert (paid.status_code, paid.data["amount"], paid.data["reference"]) == (201, "119.00", "SWIFT 7")
    (listed,) = api.get(path(order)).data["results"]
    assert (listed["status"], listed["open_amount"]) == ("paid", "0.00")
    order.refresh_from_db(fields=["completed_at"])
    assert order.completed_at is not None


def test_a_repeated_call_issues_and_pays_once():
    order = shipped_order(("CHAI", "5", "20.00"))
    api = client("accountant")

    issued = [api.post(path(order), {}, headers={"Idempotency-Key": "i1"}) for _again in range(2)]
    pay = f"/api/v1/invoices/{issued[0].data['id']}/payments/"
    paid = [api.post(pay, {"amount": "50.00"}, headers={"Idempotency-Key": "p1"}) for _again in range(2)]
    again = api.post(path(order), {})

    assert issued[0].json() == issued[1].json()
    assert paid[0].json() == paid[1].json()
    assert Invoice.objects.select_related("item").get().open_amount == 69
    assert (again.status_code, again.data["code"]) == (409, "nothing-to-invoice")


def test_an_overpayment_is_a_problem_at_its_field():
    invoice = invoice_of()

    answer = client("accountant").post(f"/api/v1/invoices/{invoice.pk}/payments/", {"amount": "120.00"})

    assert (answer.status_code, answer.data["code"]) == (409, "more-than-open")
    assert answer.data["errors"][0]["field"] == "amount"
    assert answer.data["facts"] == {"number": invoice.number, "open": "119.00", "amount": "120.00"}


def test_a_credit_note_is_refunded():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.take_payment(invoice, invoice.payable, TODAY)
    note = services.credit(invoice.order, [(invoice.order.lines.get(), Decimal(2))], "Broken", date=TODAY)
    api = client("accountant")

    answer = api.post(f"/api/v1/invoices/{note.pk}/refund/", {})

    assert (answer.status_code, answer.data["kind"], answer.data["amount"]) == (201, "refund", "47.60")
    assert api.post(f"/api/v1/invoices/{note.pk}/refund/", {}).status_code == 409


def test_lists_are_filtered_by_order_party_state_and_number():
    first, second = invoice_of(("CHAI", "5", "20.00")), invoice_of(("SOAP", "1", "10.00"))
    services.take_payment(first, first.payable, TODAY)
    api = client("order_desk")

    def found(query):
        return [row["number"] for row in api.get(f"/api/v1/invoices/?{query}").data["results"]]

    assert found("") == [second.number, first.number]
    assert found(f"order={first.order_id}") == found(f"party={first.party_id}") == [first.number]
    assert found("status=paid") == found(f"number={first.number}") == [first.number]
    assert found("status=open") == [second.number]
    assert found("status=partly_paid") == []


def test_the_sub_ledger_agrees_with_the_books():
    invoice_of()

    answer = client("auditor").get("/api/v1/receivables/check/")

    assert answer.data == {"open_items": "119.00", "control_account": "119.00", "difference": "0.00"}


@pytest.mark.parametrize(
    ("role", "read", "write", "check"),
    [("accountant", 200, 201, 200), ("admin", 200, 201, 200), ("auditor", 200, 403, 200),
     ("order_desk", 200, 403, 403), ("warehouse", 403, 403, 403)],
)  # fmt: skip
def test_who_may_read_and_who_may_issue(role, read, write, check):
    order = shipped_order(("CHAI", "5", "20.00"))
    api = client(role)

    assert api.get("/api/v1/invoices/").status_code == read
    assert api.post(path(order), {}).status_code == write
    assert api.get("/api/v1/receivables/check/").status_code == check


def test_an_unknown_order_is_not_found():
    api = client("accountant")

    assert api.post(f"/api/v1/orders/{uuid4()}/invoices/", {}).status_code == 404
    assert api.get("/api/v1/orders/nonsense/invoices/").status_code == 404


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries):
    api = client("accountant")
    invoice_of(("CHAI", "5", "20.00"))
    api.get("/api/v1/invoices/")  # the user's roles are read once
    with django_assert_num_queries(1):
        assert len(api.get("/api/v1/invoices/").data["results"]) == 1

    for sku in ("SOAP", "TOFU"):
        invoice_of((sku, "5", "20.00"))
    with django_assert_num_queries(1):
        assert len(api.get("/api/v1/invoices/").data["results"]) == 3
