"""Every choice of a case, decided by a person while all three systems run: both sides end as the button promised."""

import json
from typing import Any

import pytest

from tests.journeys.running import Running, ok, until

pytestmark = pytest.mark.journey

# A customer whose record is changed from a version left behind, and then rightly once more: the hub holds both.
_CRM = """
import json
from crm.accounts import services
made = {{}}
for choice in {choices!r}:
    account = services.register(services.create_account(name=f"{{choice}} before"))
    made[choice] = str(services.update_account(account, name=f"{{choice}} now").pk)
made["unknown"] = str(services.create_account(name="mapped by hand").pk)
print(json.dumps(made))
"""
_ODD = """
from django.db import transaction
from crm.accounts import services
from crm.accounts.models import Account
from crm.accounts.services import snapshot
from integration.contracts.customers import CustomerUpdated
from integration.outbox.emitting import emit
for choice in {choices!r}:
    account = Account.objects.get(name=f"{{choice}} now")
    with transaction.atomic():
        odd = snapshot(account).model_copy(update={{"name": f"{{choice}} odd", "version": 0}})
        emit(CustomerUpdated(customer=account.pk, snapshot=odd, changed=("name",)))
    services.update_account(account, name=f"{{choice}} after")
"""
_ERP = """
from django.db import transaction
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.outbox.emitting import emit
with transaction.atomic():
    emit(PartyOpened(customer={customer!r}, party="MAP-1", payment_terms_days=30))
with transaction.atomic():
    emit(PartyClassed(customer={customer!r}, party="MAP-1", payment_terms_days=14))
"""


@pytest.fixture(scope="module")
def told(running: Running) -> dict[str, str]:
    """The customers by what is chosen for them."""
    choices = ("accept", "keep", "skip", "ask")
    made: dict[str, str] = json.loads(
        running.command("crm", "shell", "-v0", "-c", _CRM.format(choices=choices)).strip().splitlines()[-1]
    )
    for choice in choices:
        until(lambda: names_in_the_erp(running, made[choice]) == ["before", "now"], 60, choice)  # noqa: B023
    running.command("crm", "shell", "-v0", "-c", _ODD.format(choices=choices))
    running.command("erp", "shell", "-v0", "-c", _ERP.format(customer=made["unknown"]))
    return made


def case_about(running: Running, customer: str) -> Any:
    """The standing case of the record."""

    def look() -> Any:
        found = ok(running.api("integration", "operator").get("cases/", params={"q": f"customer:{customer}"}))
        return next((case for case in found["results"] if case["state"] != "closed"), None)

    return until(look, 30, f"the case of {customer}")


def decide(running: Running, customer: str, choice: str, **more: str) -> Any:
    case = case_about(running, customer)
    told = {"choice": choice, "reason": f"{choice}, somebody decided", **more}
    return ok(running.api("integration", "operator").post(f"cases/{case['id']}/decide/", json=told))


def names_in_the_erp(running: Running, customer: str) -> list[str]:
    """What the ERP's party was called, one after the other."""
    rows = running.query(
        "erp", "SELECT name FROM parties_historicalparty WHERE customer = %s ORDER BY history_id", customer
    )
    return list(dict.fromkeys(name.rpartition(" ")[2] for (name,) in rows))


def holds_together(running: Running, direction: str, customer: str) -> list[str]:
    """All of the record has arrived, numbered without a gap, applied, and nothing is held; which events."""
    about = f"customer:{customer}"
    destination = direction.partition(">")[2]
    until(lambda: not _open(running, direction, about), 30, f"the lane of {about} to move")
    rows = running.query(
        destination,
        "SELECT position, type, state FROM inbox_incoming WHERE aggregate = %s ORDER BY position",
        f"{direction} {about}",
    )
    ((last,),) = running.query(
        "integration", "SELECT last FROM hub_routestream WHERE direction = %s AND partition_key = %s", direction, about
    )
    assert [position for position, _type, _state in rows] == list(range(1, last + 1))
    assert {state for _position, _type, state in rows} == {"done"}
    held = running.query(
        "integration", "SELECT target FROM hub_pause WHERE ended_at IS NULL AND target LIKE %s", f"%{about}"
    )
    assert held == []
    return [name.removesuffix(".v1").partition(".")[2] for _position, name, _state in rows]


def _open(running: Running, direction: str, about: str) -> bool:
    ((count,),) = running.query(
        "integration",
        "SELECT count(*) FROM hub_delivery WHERE aggregate = %s AND state <> 'done'",
        f"{direction} {about}",
    )
    destination = direction.partition(">")[2]
    ((waiting,),) = running.query(
        destination,
        "SELECT count(*) FROM inbox_incoming WHERE aggregate = %s AND state <> 'done'",
        f"{direction} {about}",
    )
    return bool(count or waiting)


def test_while_nobody_has_decided_the_record_is_held_and_nothing_of_it_overtakes(
    running: Running, told: dict[str, str]
) -> None:
    for choice in ("accept", "keep", "skip", "ask"):
        case = case_about(running, told[choice])
        assert (case["cause"], case["source"]) == ("stale-base", "crm")
        assert names_in_the_erp(running, told[choice]) == ["before", "now"]


def test_accepting_the_source_brings_all_of_it_to_the_other_side_in_order(
    running: Running, told: dict[str, str]
) -> None:
    decide(running, told["accept"], "accept")

    events = holds_together(running, "crm>erp", told["accept"])

    assert names_in_the_erp(running, told["accept"]) == ["before", "now", "odd", "after"]
    assert events == ["customer.registered", "customer.updated", "customer.updated", "customer.updated"]


@pytest.mark.parametrize("choice", ["keep", "skip"])
def test_what_is_kept_out_leaves_a_note_and_what_follows_goes_on(
    running: Running, told: dict[str, str], choice: str
) -> None:
    decide(running, told[choice], choice)

    events = holds_together(running, "crm>erp", told[choice])

    assert names_in_the_erp(running, told[choice]) == ["before", "now", "after"]
    assert events == ["customer.registered", "customer.updated", "event.skipped", "customer.updated"]
    ((why,),) = running.query(
        "erp",
        "SELECT convert_from(body, 'UTF8')::json -> 'data' ->> 'reason' FROM inbox_incoming"
        " WHERE type = 'integration.event.skipped.v1' AND aggregate = %s",
        f"crm>erp customer:{told[choice]}",
    )
    assert why == f"{choice}, somebody decided"


def test_the_owner_is_asked_mends_it_at_home_and_the_mended_value_arrives(
    running: Running, told: dict[str, str]
) -> None:
    customer, manager = told["ask"], running.api("crm", "manager")
    asked = decide(running, customer, "ask")
    assert asked["state"] == "asked"

    def task() -> Any:
        found = ok(manager.get("amendments/", params={"q": f"customer:{customer}"}))["results"]
        return found[0] if found else None

    task_of_ours = until(task, 30, "the task in the CRM")
    assert task_of_ours["differences"] == asked["differences"]
    assert names_in_the_erp(running, customer) == ["before", "now"]  # it waits meanwhile

    ok(manager.patch(f"accounts/{customer}/", json={"name": "ask mended"}))
    ok(manager.post(f"amendments/{task_of_ours['id']}/done/", json={"answer": "the name was an old one"}))
    assert manager.post(f"amendments/{task_of_ours['id']}/done/", json={"answer": "twice"}).status_code == 409
    decide(running, customer, "skip")

    events = holds_together(running, "crm>erp", customer)
    assert names_in_the_erp(running, customer) == ["before", "now", "after", "mended"]
    assert events.count("event.skipped") == 1


def test_a_key_mapped_by_hand_is_known_from_then_on_and_both_events_arrive(
    running: Running, told: dict[str, str]
) -> None:
    customer = told["unknown"]
    assert case_about(running, customer)["cause"] == "unmapped"

    decide(running, customer, "map", value="MAP-1")

    events = holds_together(running, "erp>crm", customer)
    assert events == ["party.opened", "party.classed"]
    mapped = running.query("integration", "SELECT party FROM hub_mapping WHERE customer = %s", customer)
    assert mapped == [("MAP-1",)]
    assert not [
        case
        for case in ok(running.api("integration", "operator").get("cases/", params={"q": customer}))["results"]
        if case["state"] != "closed"
    ]
