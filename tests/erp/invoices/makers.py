"""Shipped orders and deposits, and rivals for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

from django.db import connection

from base.ids import uuid7
from base.refusals import Refused
from erp.invoices import services as invoices
from erp.invoices.models import Invoice
from erp.ledger.models import JournalEntry
from erp.orders.models import Order
from erp.shipping.models import Carrier
from erp.shipping.services import dispatch
from integration.contracts.deals import DepositReported
from tests.erp.orders.makers import TODAY, customer, make_order, offer

D = Decimal


def ship(order: Order, on: date = TODAY, **quantities: str) -> None:
    """`ship(order, CHAI="2")`; without quantities all that is reserved."""
    by_line = {order.lines.get(sku=sku).pk: D(quantity) for sku, quantity in quantities.items()}
    dispatch(order, by_line or None, Carrier.objects.get(name="Speedy Express"), "SE1", on=on)


def shipped_order(*lines: tuple[str, str, str], tax_class: str = "standard", **promise: Any) -> Order:
    """An order whose goods have left: `shipped_order(("CHAI", "5", "18.00"))`."""
    for sku, _quantity, price in lines:
        offer(sku, price, tax_class=tax_class)
    order = make_order(*lines, **promise)
    ship(order)
    return order


def invoice_of(*lines: tuple[str, str, str], **more: Any) -> Invoice:
    """Five boxes of tea by default: 100.00 net, 119.00 gross."""
    return invoices.issue(shipped_order(*(lines or (("CHAI", "5", "20.00"),)), **more), date=TODAY)


def reported(order: Order | None = None, amount: str = "119.00", **more: Any) -> DepositReported:
    """A rep heard of a deposit for this order's deal, or for one we have not heard of."""
    told: dict[str, Any] = {
        "deposit": uuid7(),
        "deal": order.deal if order else uuid7(),
        "customer": customer(),
        "amount": D(amount),
        "currency": "EUR",
        "reported_on": TODAY,
        "reference": "SWIFT 1",
        "reported_by": "nancy",
    }
    if order is not None:
        told["customer"] = told["customer"].model_copy(update={"customer": order.party.customer})
    return DepositReported(**{**told, **more})


def booked(entry: JournalEntry) -> list[tuple[str, Decimal]]:
    """The entry as (role, debit less credit)."""
    return [(line.account.role, line.amount) for line in entry.lines.select_related("account")]


def rivals(count: int, work: Callable[[int], Any]) -> list[Any]:
    """All start together, each with a connection of its own; each answers with its result or its refusal."""
    start = Barrier(count)

    def one(number: int) -> Any:
        try:
            start.wait()
            return work(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
