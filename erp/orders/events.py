"""What the CRM hears of an order; built from the rows as they stand."""

from typing import Any

from erp.orders.models import Order, OrderLine
from integration.contracts.orders import (
    OrderAccepted,
    OrderCancelled,
    OrderCompleted,
    OrderHeld,
    OrderRefused,
    PromisedLine,
    WithdrawalRefused,
)


def accepted(order: Order, lines: list[OrderLine]) -> OrderAccepted:
    """We are bound; so much is reserved, and a day is promised only when all of it is."""
    told = tuple(PromisedLine(sku=line.sku, quantity=line.quantity, reserved=line.quantity_reserved) for line in lines)
    is_short = any(line.quantity_short for line in lines)
    return OrderAccepted(
        **_who(order),
        currency=order.currency,
        net_total=order.net_total,
        promised_on=None if is_short else order.requested_on,
        lines=told,
    )


def held(order: Order) -> OrderHeld:
    """Somebody must look."""
    return OrderHeld(**_who(order), reason_code=order.reason_code, reason=order.reason)


def refused(order: Order) -> OrderRefused:
    """We will not."""
    return OrderRefused(**_who(order), reason_code=order.reason_code, reason=order.reason)


def cancelled(order: Order) -> OrderCancelled:
    """Nothing more will come."""
    return OrderCancelled(**_who(order), reason=order.reason)


def withdrawal_refused(order: Order, reason: str) -> WithdrawalRefused:
    """Too late to take it back."""
    return WithdrawalRefused(**_who(order), reason=reason)


def completed(order: Order) -> OrderCompleted:
    """All done."""
    return OrderCompleted(**_who(order))


def _who(order: Order) -> dict[str, Any]:
    return {"order": order.pk, "number": order.number, "deal": order.deal, "customer": order.party.customer}
