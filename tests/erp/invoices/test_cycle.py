"""From the shipment to the payment over REST: what the calls ask of the database, and that they answer what is kept."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.banking import services as banking
from erp.banking.models import Receipt
from erp.invoices.models import Invoice
from erp.orders.models import Order
from erp.parties.models import Party
from tests.erp.invoices.makers import invoice_of, reported, ship
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.helpers import emitted

SHIP, ISSUE, PAY = 19, 25, 22  # statements, transaction and outbox included, authentication not


def client(*roles):
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


class Cycle:
    """One order after the other, delivered, invoiced and paid."""

    def __init__(self):
        offer("CHAI")
        offer("SOAP", "9.00")
        self.warehouse, self.accountant = client("warehouse"), client("accountant")
        self.statements = {}

    def run(self, *lines):
        order = make_order(*lines)
        parcel = {
            "carrier": "United Package",
            "tracking": "UP1",
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity, _price in lines],
        }
        self.shipment = self.post("ship", self.warehouse, f"/api/v1/orders/{order.pk}/shipments/", parcel)
        self.invoice = self.post("issue", self.accountant, f"/api/v1/orders/{order.pk}/invoices/")
        paid = {"amount": self.invoice.data["open_amount"]}
        url = f"/api/v1/invoices/{self.invoice.data['id']}/payments/"
        self.receipt = self.post("pay", self.accountant, url, paid)
        return Order.objects.get(pk=order.pk)

    def post(self, name, api, url, body=None):
        with CaptureQueriesContext(connection) as captured:
            answer = api.post(url, body or {}, format="json", headers={"Idempotency-Key": str(uuid7())})
        assert answer.status_code == 201, answer.content
        self.statements[name] = len(captured)
        return answer


@pytest.mark.django_db(transaction=True)
def test_the_cycle_takes_so_many_statements_whatever_the_order_has_lines():
    cycle = Cycle()
    cycle.run(("CHAI", "5", "18.00"))  # what a process looks up once

    for lines in [(("CHAI", "5", "18.00"),), (("CHAI", "2", "18.00"), ("SOAP", "3", "9.00"))]:
        order = cycle.run(*lines)

        assert cycle.statements == {"ship": SHIP, "issue": ISSUE, "pay": PAY}
        assert order.status == "completed"
        assert [line.quantity_invoiced for line in order.lines.all()] == [line.quantity for line in order.lines.all()]


@pytest.mark.django_db(transaction=True)
def test_a_call_refused_late_leaves_nothing_and_its_key_free():
    cycle = Cycle()
    order = make_order(("CHAI", "5", "18.00"))
    ship(order)
    deposit = banking.report_deposit(reported(order, "10.00"))
    banking.book_deposit(deposit, Decimal("10.00"), TODAY)
    told, url = emitted(), f"/api/v1/orders/{order.pk}/invoices/"
    Party.objects.update(einvoice="ubl")  # without an address that the rules want; asked when the deposit is used up

    refused = cycle.accountant.post(url, {}, headers={"Idempotency-Key": "i"})

    deposit.refresh_from_db()
    assert (refused.status_code, deposit.status, deposit.consumed_amount) == (422, "booked", 0)
    assert (Invoice.objects.count(), emitted()) == (0, told)

    Party.objects.update(einvoice="")
    issued = cycle.accountant.post(url, {}, headers={"Idempotency-Key": "i"})
    assert (issued.status_code, issued.data["deposits_used"]) == (201, "10.00")


@pytest.mark.django_db(transaction=True)
def test_a_payment_refused_under_its_version_leaves_the_key_free():
    cycle = Cycle()
    invoice = cycle.accountant.get(f"/api/v1/invoices/{invoice_of(('TEA', '5', '20.00')).pk}/")
    key = {"Idempotency-Key": "p", "If-Match": invoice["ETag"]}
    url = f"/api/v1/invoices/{invoice.data['id']}/payments/"

    refused = cycle.accountant.post(url, {"amount": "1000"}, headers=key)
    paid = cycle.accountant.post(url, {"amount": "100"}, headers=key)

    assert (refused.status_code, paid.status_code) == (409, 201)
    assert [receipt.amount for receipt in Receipt.objects.all()] == [100]


@pytest.mark.django_db
def test_each_call_answers_what_is_kept():
    cycle = Cycle()
    order = make_order(("CHAI", "5", "18.00"), ("SOAP", "3.5", "9.00"), freight=Decimal("12.30"))
    shipment = cycle.post(
        "ship", cycle.warehouse, f"/api/v1/orders/{order.pk}/shipments/", {"carrier": "United Package"}
    )
    invoice = cycle.post("issue", cycle.accountant, f"/api/v1/orders/{order.pk}/invoices/")
    seen = cycle.accountant.get(f"/api/v1/invoices/{invoice.data['id']}/")
    url = f"/api/v1/invoices/{invoice.data['id']}/payments/"
    receipt = cycle.post("pay", cycle.accountant, url, {"amount": "40", "reference": "UP"})

    sent = cycle.warehouse.get(f"/api/v1/shipments/{shipment.data['id']}/")
    assert (shipment.json(), shipment["ETag"]) == (sent.json(), sent["ETag"])
    assert invoice.json() == seen.json()
    kept = cycle.accountant.get(f"/api/v1/receipts/{receipt.data['id']}/").json()
    assert receipt.json() == {name: kept[name] for name in receipt.json()}
    assert (len(shipment.data["lines"]), len(invoice.data["lines"])) == (2, 3)
    assert Invoice.objects.get().status == "partly_paid"
