"""Who else must act when an order is born: higher domains (deposits) add a function in their `AppConfig.ready`.

Called inside the order's own transaction, for orders of deals and of our own alike.
"""

from collections.abc import Callable

from erp.orders.models import Order

OPENED: list[Callable[[Order], None]] = []


def opened(order: Order) -> None:
    """Tell all followers that the order is here."""
    for follower in OPENED:
        follower(order)
