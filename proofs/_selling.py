"""Orders whose goods have left, for proofs that issue invoices; the side is loaded by the time this is called."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

SKU, PRICE, QUANTITY = "CHAI", Decimal("18.00"), Decimal(1)


def open_shop(pieces: int) -> None:
    """Our company, one product with a price, and enough of it."""
    from erp.inventory import services as stock
    from erp.ledger.services import seed_company
    from erp.products import services as products
    from erp.products.services import DatedPrice

    seed_company()
    prices = [DatedPrice(PRICE, date(2020, 1, 1))]
    product = products.create_product(sku=SKU, name="Chai", unit="box", tax_class="standard", prices=prices)
    products.publish(product)
    stock.receive(product, Decimal(pieces), Decimal("6.00"), date.today())


def shipped_order() -> Any:
    """An order as a won deal brings it, its goods on the way."""
    from base.ids import uuid7
    from erp.orders import services as orders
    from erp.shipping.models import Carrier
    from erp.shipping.services import dispatch
    from integration.contracts.customers import CustomerSnapshot
    from integration.contracts.deals import DealLine, DealWon

    net = PRICE * QUANTITY
    line = DealLine(
        line=uuid7(),
        position=1,
        sku=SKU,
        quantity=QUANTITY,
        list_price=PRICE,
        unit_price=PRICE,
        discount=Decimal(0),
        net_amount=net,
    )
    order = orders.receive_promise(
        DealWon(
            deal=uuid7(),
            number="D-1",
            customer=CustomerSnapshot(customer=uuid7(), name="Proof"),
            currency="EUR",
            lines=(line,),
            freight=Decimal(0),
            net_total=net,
            ordered_on=date.today(),
            won_at=datetime.now(UTC),
        )
    )
    dispatch(order, None, Carrier.objects.order_by("pk")[0], "PROOF", on=date.today())
    return order
