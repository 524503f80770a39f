"""Was anything lost, done twice, or otherwise than Northwind's fates say? Each finding is a sentence."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from deploy.demo.facts import Facts
from deploy.demo.northwind import Order
from deploy.demo.report import milliseconds
from deploy.demo.story import Told, invoiced_per_parcel, parcels_of

# What the CRM keeps of the ERP's documents: its name for them, and where the ERP's own are in the facts.
DOCUMENTS: dict[str, Callable[[Facts], dict[str, list[Any]]]] = {
    "shipments": lambda facts: facts.shipments,
    "invoices": lambda facts: facts.invoices,
    "payments": lambda facts: {
        deal: [receipt for receipt in receipts if receipt["kind"] != "refund"]
        for deal, receipts in facts.receipts.items()
    },
}


def lost(told: Sequence[Told], facts: Facts) -> list[str]:
    """Won deals without an order, and documents of the ERP that the CRM has not heard of."""
    found = [f"Order {one.order.number} was never won: {one.trouble}" for one in told if not one.deal]
    for one in told:
        deal = facts.deals.get(one.deal)
        if deal is None or deal["won_at"] is None:
            continue
        if not facts.orders.get(one.deal):
            found.append(f"Deal {deal['number']} was won and became no order.")
        for name, of in DOCUMENTS.items():
            known = {row["id"] for row in deal[name]}
            missing = [row["number"] for row in of(facts).get(one.deal, []) if row["id"] not in known]
            found += [f"Deal {deal['number']} does not know {number} of the ERP's {name}." for number in missing]
    return found


def doubled(told: Sequence[Told], facts: Facts) -> list[str]:
    """More orders than one to a deal, more goods or money than the order was for, a document twice."""
    found = []
    for one in told:
        orders = facts.orders.get(one.deal, [])
        if len(orders) > 1:
            found.append(f"Order {one.order.number} stands in the ERP {len(orders)} times.")
        for name, of in DOCUMENTS.items():
            theirs, ours = of(facts).get(one.deal, []), facts.deals.get(one.deal, {}).get(name, [])
            expected = expected_documents(one.order)[name]
            if len(theirs) > expected:
                found.append(f"Order {one.order.number} has {len(theirs)} {name}, not {expected}.")
            twice = [number for number, times in Counter(row["number"] for row in ours).items() if times > 1]
            found += [f"The CRM shows {number} of the {name} twice." for number in twice]
        for sku, shipped, wanted in _shipped(one, facts):
            if shipped > wanted:
                found.append(f"Order {one.order.number}: {shipped} of {sku} left, {wanted} were ordered.")
    return found


def expected_documents(order: Order) -> dict[str, int]:
    """How many shipments, invoices (credit notes among them) and payments (deposits among them) there must be."""
    if not order.delivered:
        return {"shipments": 0, "invoices": 0, "payments": 0}
    invoices = 2 if invoiced_per_parcel(order) else 1
    return {
        "shipments": len(parcels_of(order)),
        "invoices": invoices + order.fate.returned,
        "payments": invoices + order.fate.deposit,
    }


def astray(told: Sequence[Told], facts: Facts) -> list[str]:
    """Everything that ended otherwise than its fate says, or differently on both sides."""
    found = [f"Order {one.order.number}: {one.trouble}" for one in told if one.trouble]
    for one in told:
        found += [f"Order {one.order.number}: {what}" for what in _astray(one, facts)]
    if facts.queues:
        found.append(f"Events are stuck: {facts.queues}.")
    if facts.balances_off_their_moves:
        found.append(f"{facts.balances_off_their_moves} stock balances are not the sum of their moves.")
    found += [f"Receipt {number} belongs to no deal." for number in facts.free_receipts]
    return found


def _astray(one: Told, facts: Facts) -> Iterator[str]:
    orders, deal, fate = facts.orders.get(one.deal, []), facts.deals.get(one.deal), one.order.fate
    if not orders or deal is None:
        return
    status, expected = orders[0]["status"], expected_status(one.order)
    if status != expected:
        yield f"it is {status} in the ERP and should be {expected}."
    heard = (deal["order"] or {}).get("state")
    if heard != status:
        yield f"the CRM shows it {heard}, the ERP {status}."
    if one.held != fate.credit_hold:
        yield "it was held." if one.held else "it was not held."
    for name, of in DOCUMENTS.items():
        count, wanted = len(of(facts).get(one.deal, [])), expected_documents(one.order)[name]
        if count < wanted:
            yield f"there are {count} {name} and should be {wanted}."
    for sku, shipped, ordered in _shipped(one, facts):
        if one.order.delivered and shipped < ordered:
            yield f"{shipped} of {sku} left, {ordered} were ordered."
    returns = facts.returns.get(one.deal, [])
    states = [wish["status"] for wish in returns]
    if states != ["settled"] * fate.returned:
        yield f"its returns are {states}."
    if fate.returned and one.ticket in facts.tickets:
        shown = [wish["status"] for wish in facts.tickets[one.ticket]["returns"]]
        if shown != states:
            yield f"its ticket shows its returns as {shown}, the ERP as {states}."


def expected_status(order: Order) -> str:
    """How it ends in the ERP."""
    if order.fate.unknown_product or order.fate.hold_refused:
        return "refused"
    return "cancelled" if order.fate.cancelled else "completed"


def _shipped(one: Told, facts: Facts) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Of each product: how many left, how many were ordered."""
    left: Counter[str] = Counter()
    for shipment in facts.shipments.get(one.deal, []):
        for line in shipment["lines"]:
            left[line["sku"]] += Decimal(line["quantity"])  # type: ignore[assignment]
    for line in one.order.lines:
        yield line.sku, Decimal(left[line.sku]), Decimal(line.quantity)


def summary(told: Sequence[Told], facts: Facts, seconds: float) -> dict[str, Any]:
    """The figures that the last line tells, in its order."""
    orders = [found for one in told for found in facts.orders.get(one.deal, [])[:1]]
    statuses = Counter(order["status"] for order in orders)
    complete = {
        name: sum(
            one.order.delivered and len(of(facts).get(one.deal, [])) >= expected_documents(one.order)[name]
            for one in told
        )
        for name, of in DOCUMENTS.items()
    }
    return {
        "orders": len(told),
        "accepted": statuses["accepted"] + statuses["completed"] + statuses["cancelled"],
        "held": sum(one.held for one in told),
        "refused": statuses["refused"],
        "shipped": complete["shipments"],
        "invoiced": complete["invoices"],
        "paid": statuses["completed"],
        "returned": sum(wish["status"] == "settled" for several in facts.returns.values() for wish in several),
        "lost": len(lost(told, facts)),
        "doubled": len(doubled(told, facts)),
        "trial_balance_difference": f"{facts.trial_balance_difference:.2f}",
        "stock_ledger_difference": f"{facts.stock_difference:.2f}",
        "net_sales": f"{facts.net_sales:.2f}",
        "won_to_order_ms": milliseconds(list(won_to_order(facts))),
        "shipped_to_crm_ms": milliseconds(list(shipped_to_crm(facts))),
        "seconds": round(seconds, 1),
    }


def failures(told: Sequence[Told], facts: Facts) -> list[str]:
    """Everything that must not be; nothing when all is well."""
    found = [*lost(told, facts), *doubled(told, facts), *astray(told, facts)]
    if facts.trial_balance_difference:
        found.append(f"The trial balance is out by {facts.trial_balance_difference}.")
    if facts.receivables_difference:
        found.append(f"Open items and receivables account differ by {facts.receivables_difference}.")
    if facts.stock_difference:
        found.append(f"Stock and inventory account differ by {facts.stock_difference}.")
    expected = sum((one.order.net for one in told if one.order.delivered), Decimal("0.00"))
    if facts.net_sales != expected:
        found.append(f"Net sales are {facts.net_sales}, the delivered orders come to {expected}.")
    return found


def won_to_order(facts: Facts) -> Iterator[float]:
    """Seconds from the CRM's "won" to the ERP's order."""
    for deal, orders in facts.orders.items():
        if orders and deal in facts.deals:
            yield _seconds(facts.deals[deal]["won_at"], orders[0]["created_at"])


def shipped_to_crm(facts: Facts) -> Iterator[float]:
    """Seconds from the ERP's parcel to the CRM's knowledge of it."""
    for deal in facts.deals.values():
        for shipment in deal["shipments"]:
            yield _seconds(shipment["dispatched_at"], shipment["received_at"])


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
