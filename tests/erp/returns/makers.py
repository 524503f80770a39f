"""Returns for tests: an order that was delivered, and a customer's wish to send some of it back."""

from decimal import Decimal
from typing import Any

from base.ids import uuid7
from erp.invoices import services as invoices
from erp.orders.models import Order
from erp.products.models import Product
from erp.returns.models import Return
from erp.shipping import services as shipping
from erp.shipping.models import Carrier
from integration.contracts.returns import ReturnRequested, WantedBack
from tests.erp.orders.makers import make_order, offer
from tests.helpers import deliver


def delivered(*lines: tuple[str, str, str], invoiced: bool = True, **more: Any) -> Order:
    """An order of which all has left, and is invoiced."""
    lines = lines or (("CHAI", "5", "18.00"),)
    for sku, _quantity, _price in lines:
        if not Product.objects.filter(sku=sku).exists():
            offer(sku)
    order = make_order(*lines, **more)
    shipping.dispatch(order, None, Carrier.objects.get(name="Speedy Express"), "SE1", None)
    if invoiced:
        invoices.issue(order)
    return order


def wish(order: Order, quantity: str = "2", **more: Any) -> ReturnRequested:
    """What the CRM tells when a customer wants to send goods back."""
    told: dict[str, Any] = {
        "request": uuid7(),
        "ticket": uuid7(),
        "ticket_number": "T-000001",
        "deal": order.deal,
        "customer": order.party.customer,
        "reason": "broken",
        "lines": (WantedBack(sku="CHAI", quantity=Decimal(quantity)),),
    }
    return ReturnRequested(**{**told, **more})


def wished_back(order: Order | None = None, quantity: str = "2", **more: Any) -> Return:
    """A return to be decided."""
    told = wish(order or delivered(), quantity, **more)
    deliver(told)
    return Return.objects.get(request=told.request)
