"""Orders for tests, in the words of the trade."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from base.ids import uuid7
from base.money import line_net
from erp.inventory import services as stock
from erp.orders import services as orders
from erp.orders.models import Order
from erp.products import services as products
from erp.products.models import Product
from erp.products.services import DatedPrice
from integration.contracts.customers import CustomerSnapshot
from integration.contracts.deals import DealLine, DealWon
from tests.erp.makers import company

TODAY = date(2026, 11, 23)


def offer(sku: str = "CHAI", price: str = "18.00", on_hand: str = "100", cost: str = "10.00", **fields: Any) -> Product:
    """A published product with a price since 1996, and so many in the warehouse."""
    company()
    told = {"unit": "box", "tax_class": "reduced", "name": sku.title(), **fields}
    product = products.create_product(sku=sku, prices=[DatedPrice(Decimal(price), date(1996, 1, 1))], **told)
    products.publish(product)
    if Decimal(on_hand):
        stock.receive(product, Decimal(on_hand), Decimal(cost), TODAY)
    return product


def customer(name: str = "Alfreds Futterkiste", **more: Any) -> CustomerSnapshot:
    """A customer as the CRM tells them."""
    return CustomerSnapshot(customer=uuid7(), name=name, **more)


def promise(*lines: tuple[str, str, str], discount: str = "0", **more: Any) -> DealWon:
    """A won deal: `promise(("CHAI", "5", "18.00"))`."""
    told = [
        DealLine(
            line=uuid7(),
            position=position,
            sku=sku,
            quantity=Decimal(quantity),
            list_price=Decimal(price),
            unit_price=Decimal(price),
            discount=Decimal(discount),
            net_amount=line_net(Decimal(quantity), Decimal(price), Decimal(discount), "EUR"),
        )
        for position, (sku, quantity, price) in enumerate(lines, 1)
    ]
    facts: dict[str, Any] = {
        "deal": uuid7(),
        "number": "D-000001",
        "customer": customer(),
        "currency": "EUR",
        "lines": tuple(told),
        "freight": Decimal(0),
        "net_total": sum((line.net_amount for line in told), Decimal(0)),
        "ordered_on": TODAY,
        "won_at": datetime.now(UTC),
    }
    return DealWon(**{**facts, **more})


def make_order(*lines: tuple[str, str, str], **more: Any) -> Order:
    """An order as a won deal brings it."""
    return orders.receive_promise(promise(*lines, **more))
