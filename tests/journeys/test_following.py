"""One id follows an order through the logs of all three systems: from the rep's click to the customer's money."""

import json
from typing import Any

import pytest

from tests.journeys.running import Running, ok, until
from tests.journeys.test_thread import a_product, an_account, order_of, seen_in_crm

pytestmark = pytest.mark.journey

# What nobody may find in a log, whatever was typed, shown or sent.
ACCOUNT, TRACKING = "Secretive Handel 4711", "SE-TRACK-4711"


def lines(running: Running) -> list[dict[str, Any]]:
    """Every line of the three systems' processes; each is one JSON object."""
    files = [path for path in sorted((running.var / "log").glob("*.log")) if "prepare" not in path.name]
    return [json.loads(line) for path in files for line in path.read_text().splitlines() if line.startswith("{")]


def test_an_order_is_followed_by_one_id_and_nothing_confidential_is_written(running: Running) -> None:
    rep, accountant = running.api("crm", "rep"), running.api("erp", "accountant")
    account, sku = an_account(running), a_product(running)
    ok(running.api("crm", "manager").patch(f"accounts/{account}/", json={"name": ACCOUNT}))
    deal = ok(rep.post("deals/", json={"account": account, "lines": [{"sku": sku, "quantity": "3"}]}))["id"]
    ok(rep.post(f"deals/{deal}/win/", headers={"X-Request-ID": "rep-wins-the-deal"}))
    order = order_of(running, deal)["id"]
    parcel = {"carrier": "Speedy Express", "tracking": TRACKING}
    ok(running.api("erp", "warehouse").post(f"orders/{order}/shipments/", json=parcel))
    invoice = ok(accountant.post(f"orders/{order}/invoices/", json={}))
    money = {"amount": invoice["payable"], "date": invoice["date"], "reference": "journey"}
    ok(accountant.post(f"invoices/{invoice['id']}/payments/", json=money))
    seen_in_crm(running, deal, shipments=1, invoices=1, payments=1, state="completed")

    def chain() -> str:
        won = [line for line in lines(running) if line.get("request_id") == "rep-wins-the-deal"]
        return next((line["correlation_id"] for line in won if line.get("correlation_id")), "")

    followed = until(chain, 10, "the rep's request in the log")

    def steps() -> set[tuple[str, str, str]]:
        told = [line for line in lines(running) if line.get("correlation_id") == followed]
        return {(line["side"], line["process"], line["event_type"]) for line in told if "event_type" in line}

    wanted = {
        ("crm", "web", "crm.deal.won.v1"),
        ("crm", "relay", "crm.deal.won.v1"),
        ("integration", "relay", "crm.deal.won.v1"),
        ("erp", "relay", "crm.deal.won.v1"),
        ("erp", "relay", "erp.order.accepted.v1"),
        ("erp", "web", "erp.shipment.dispatched.v1"),
        ("erp", "web", "erp.invoice.issued.v1"),
        ("erp", "web", "erp.payment.received.v1"),
        ("integration", "relay", "erp.payment.received.v1"),
        ("crm", "relay", "erp.payment.received.v1"),
    }
    until(lambda: wanted <= steps(), 20, "every step in the log under one id")
    people = {line["user"] for line in lines(running) if line.get("correlation_id") == followed and line.get("user")}
    assert {running.user("crm", "rep")["username"], running.user("erp", "accountant")["username"]} <= people

    written = "\n".join(path.read_text() for path in (running.var / "log").glob("*.log"))
    secrets = [
        user[kind] for side in running.sides.values() for user in side["users"] for kind in ("token", "password")
    ]
    secrets += [side["database_url"].split(":")[2].split("@")[0] for side in running.sides.values()]
    assert [word for word in (*secrets, ACCOUNT, TRACKING) if word in written] == []
