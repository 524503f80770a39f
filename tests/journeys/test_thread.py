"""The main job through real processes: a promise becomes an order, and what becomes of it comes back."""

import os
import signal
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.journeys.running import Running, ok, until

pytestmark = pytest.mark.journey


def an_account(running: Running, **more: Any) -> str:
    name = f"Journey {uuid4().hex[:8]}"
    made: str = ok(running.api("crm", "rep").post("accounts/", json={"name": name, **more}))["id"]
    return made


def a_product(running: Running) -> str:
    """A published product with plenty in the warehouse, known to the CRM."""
    sku = f"J-{uuid4().hex[:8]}"
    prices = [{"amount": "10.00", "currency": "EUR", "valid_from": "1996-01-01"}]
    body = {"sku": sku, "name": "Journey tea", "unit": "box", "tax_class": "reduced", "prices": prices, "publish": True}
    ok(running.api("erp", "order_desk").post("products/", json=body))
    receipt = {"product": sku, "quantity": "1000", "unit_cost": "6.00", "reference": "journey"}
    ok(running.api("erp", "warehouse").post("stock/receipts/", json=receipt))
    until(lambda: ok(running.api("crm", "rep").get("products/", params={"sku": sku}))["results"], 20, "the catalogue")
    until(
        lambda: ok(running.api("crm", "rep").get("products/", params={"sku": sku}))["results"][0]["price"],
        20,
        "the price",
    )
    return sku


def won_deal(running: Running, account: str, sku: str, quantity: str = "3") -> str:
    rep = running.api("crm", "rep")
    deal: str = ok(rep.post("deals/", json={"account": account, "lines": [{"sku": sku, "quantity": quantity}]}))["id"]
    ok(rep.post(f"deals/{deal}/win/"))
    return deal


def orders_of(running: Running, deal: str) -> list[Any]:
    found: list[Any] = ok(running.api("erp", "order_desk").get("orders/", params={"deal": deal}))["results"]
    return found


def order_of(running: Running, deal: str, seconds: float = 30) -> Any:
    (order,) = until(lambda: orders_of(running, deal), seconds, f"the order of deal {deal}")
    return order


def seen_in_crm(running: Running, deal: str, **wanted: int | str) -> Any:
    """Wait until the deal shows what is wanted: `shipments=1, state="completed"`."""

    def look() -> Any:
        body = ok(running.api("crm", "rep").get(f"deals/{deal}/"))
        state = body["order"]["state"] if body["order"] else ""
        told = {name: len(body[name]) for name in ("shipments", "invoices", "payments")} | {"state": state}
        return body if all(told[name] == value for name, value in wanted.items()) else None

    return until(look, 30, f"the deal to show {wanted}")


@pytest.fixture(scope="session")
def account(running: Running) -> str:
    return an_account(running)


@pytest.fixture(scope="session")
def sku(running: Running) -> str:
    return a_product(running)


def test_a_won_deal_is_shipped_invoiced_paid_and_the_rep_sees_it(running: Running, account: str, sku: str) -> None:
    deal = won_deal(running, account, sku)
    order = order_of(running, deal)["id"]
    parcel = {"carrier": "Speedy Express", "tracking": "SE-1"}
    ok(running.api("erp", "warehouse").post(f"orders/{order}/shipments/", json=parcel))
    accountant = running.api("erp", "accountant")
    invoice = ok(accountant.post(f"orders/{order}/invoices/", json={}))
    ok(
        accountant.post(
            f"invoices/{invoice['id']}/payments/",
            json={"amount": invoice["payable"], "date": invoice["date"], "reference": "journey"},
        )
    )

    body = seen_in_crm(running, deal, shipments=1, invoices=1, payments=1, state="completed")

    assert body["shipments"][0]["tracking"] == "SE-1"
    assert body["invoices"][0]["gross"] == "32.10"  # 3 × 10.00 and 7 % VAT
    assert body["invoices"][0]["open_amount"] == "0.00"


def test_a_customer_changed_in_the_crm_changes_the_party(running: Running, account: str, sku: str) -> None:
    order = order_of(running, won_deal(running, account, sku))

    ok(running.api("crm", "manager").patch(f"accounts/{account}/", json={"city": "Bremen"}))

    def city() -> bool:
        party = ok(running.api("erp", "accountant").get(f"parties/{order['party']}/"))
        return bool(party["city"] == "Bremen")

    until(city, 20, "the party to move to Bremen")


def test_with_the_erp_down_the_crm_sells_on_and_the_orders_come_by_themselves(
    running: Running, account: str, sku: str
) -> None:
    running.command("down", "erp")
    deals = [won_deal(running, account, sku) for _deal in range(3)]
    running.command("up", "erp")

    orders = [order_of(running, deal, 40) for deal in deals]

    running.settled()
    assert [order["status"] for order in orders] == ["accepted"] * 3
    assert all(len(orders_of(running, deal)) == 1 for deal in deals)


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        ("crm", "relay"),
        ("crm", "web"),
        ("integration", "relay"),
        ("integration", "web"),
        ("erp", "relay"),
        ("erp", "web"),
    ],
)
def test_killing_a_process_mid_order_loses_and_doubles_nothing(
    running: Running, account: str, sku: str, side: str, kind: str
) -> None:
    deals = []
    for number in range(4):
        deals.append(until(lambda: _try_to_win(running, account, sku), 30, "the CRM to answer"))
        if number == 1:
            running.kill(side, kind)

    for deal in deals:
        until(lambda deal=deal: _orders_if_up(running, deal), 30, "the order")
    running.settled()
    assert [len(orders_of(running, deal)) for deal in deals] == [1] * 4


def test_postgresql_killed_and_restarted_loses_nothing(running: Running, account: str, sku: str) -> None:
    before = won_deal(running, account, sku)
    pid = int((running.var / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)  # immediate shutdown: what kill -9 leaves, without orphaned backends
    after = until(lambda: _try_to_win(running, account, sku), 60, "the CRM to answer again")

    for deal in (before, after):
        until(lambda deal=deal: _orders_if_up(running, deal), 60, "the order")
    running.settled(60)
    assert [len(orders_of(running, deal)) for deal in (before, after)] == [1, 1]


def test_every_delivery_doubled_changes_nothing(running: Running, account: str, sku: str) -> None:
    deal = won_deal(running, account, sku)
    order_of(running, deal)
    running.settled()
    before = _counts(running)

    with psycopg.connect(running.sides["integration"]["database_url"], autocommit=True) as hub:
        doubled = hub.execute("UPDATE hub_delivery SET state = 'waiting', not_before = now() WHERE state = 'done'")
        assert doubled.rowcount > 20
    running.settled(120)

    assert _counts(running) == before


def test_a_tampered_or_wrongly_signed_event_is_refused_and_stored_nowhere(running: Running) -> None:
    before = running.query("erp", "SELECT count(*) FROM inbox_incoming")
    headers = {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": "1",
        "webhook-signature": "v1a,AAAA",
    }
    for side in ("crm", "erp", "integration"):
        answer = httpx.post(f"{running.sides[side]['url']}/events", content=b"{}", headers=headers, trust_env=False)
        assert (answer.status_code, "detail" in answer.json()) == (401, False)
    assert running.query("erp", "SELECT count(*) FROM inbox_incoming") == before


@pytest.mark.parametrize(("side", "other"), [("crm", "erp"), ("erp", "crm"), ("crm", "integration")])
def test_a_side_cannot_reach_another_sides_database_and_owns_no_table(running: Running, side: str, other: str) -> None:
    url = running.sides[side]["database_url"]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(psycopg.conninfo.make_conninfo(url, dbname=other))
    owned = running.query(side, "SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
    assert owned == [(0,)]


def test_nobody_edits_or_inserts_a_posted_entry_by_hand(running: Running) -> None:
    for statement in (
        "UPDATE ledger_journalentry SET text = 'mine'",
        "DELETE FROM ledger_journalline",
        "INSERT INTO ledger_journalline (entry_id) VALUES (gen_random_uuid())",
        "TRUNCATE ledger_journalentry CASCADE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            running.query("erp", statement)


def test_an_accountant_does_not_exist_in_the_crm(running: Running) -> None:
    accountant = running.user("erp", "accountant")

    found = running.query("crm", "SELECT count(*) FROM access_user WHERE username = %s", accountant["username"])

    assert found == [(0,)]
    stranger = running.api("crm", "rep").get("deals/", headers={"Authorization": f"Bearer {accountant['token']}"})
    assert stranger.status_code == 401


def test_the_books_still_balance(running: Running) -> None:
    accountant = running.api("erp", "accountant")

    assert ok(accountant.get("ledger/trial-balance/"))["difference"] == "0.00"
    assert ok(accountant.get("stock/check/"))["difference"] == "0.00"


def _try_to_win(running: Running, account: str, sku: str) -> str | None:
    try:
        return won_deal(running, account, sku)
    except (httpx.TransportError, AssertionError):
        return None


def _orders_if_up(running: Running, deal: str) -> list[Any]:
    try:
        return orders_of(running, deal)
    except (httpx.TransportError, AssertionError):
        return []


def _counts(running: Running) -> dict[str, Any]:
    tables = {
        "erp": ("orders_order", "parties_party", "inventory_stockmove", "ledger_journalentry", "outbox_message"),
        "crm": (
            "pipeline_dealorder",
            "pipeline_dealshipment",
            "activities_entry",
            "outbox_message",
            "catalogue_product",
        ),
    }
    return {
        f"{side} {table}": running.query(side, f"SELECT count(*) FROM {table}")
        for side, names in tables.items()
        for table in names
    }
