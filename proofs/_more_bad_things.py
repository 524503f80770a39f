"""The other shapes of the same bad things: a detector that looks at several contracts meets one of each."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from proofs._bad_things import buyer_of, code_of, deal_with, disagreement, offer, updated


def _other_bytes_of_same_record(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.products import ProductPublished

    id, first = uuid7(), ProductPublished(sku="TWICE", name="Twice", unit="pcs", tax_class="full")
    teller.tell(first, id=id)
    teller.tell(first.model_copy(update={"name": "Thrice"}), id=id)
    return str(first.partition_key)


def _gap_in_the_middle(teller: Any) -> str:
    deal, order = _accepted(teller)
    teller.tell(_completed(order, deal), seq=5)
    return f"order:{order}"


def _regress_of_the_erp(teller: Any) -> str:
    from integration.contracts.products import ProductWithdrawn

    offer(teller, "BACK")
    teller.tell(ProductWithdrawn(sku="BACK"), seq=2)
    return "product:BACK"


def _foreign_below(teller: Any) -> str:
    """Not at the top, but within the snapshot."""
    from integration.contracts.customers import CustomerRegistered

    buyer = teller.world.snapshot()
    fact = CustomerRegistered(customer=buyer.customer, snapshot=buyer)
    teller.tell(fact, snapshot=buyer.model_dump(mode="json") | {"credit_limit": "9999"})
    return str(fact.partition_key)


def _foreign_of_the_erp(teller: Any) -> str:
    """A field of the CRM on a contract of the ERP."""
    from integration.contracts.products import ProductPublished

    fact = ProductPublished(sku="MINE", name="Mine", unit="pcs", tax_class="full")
    teller.tell(fact, sold_by="somebody")
    return str(fact.partition_key)


def _unmapped_party(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.parties import PartyOpened

    fact = PartyOpened(customer=uuid7(), party="C-STRANGER", payment_terms_days=30)
    teller.tell(fact)
    return str(fact.partition_key)


def _unmapped_deal(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.orders import OrderAccepted

    fact = OrderAccepted(
        order=uuid7(), number="SO-Y", deal=uuid7(), currency="EUR", net_total=Decimal(1), lines=()
    )  # fmt: skip
    teller.tell(fact)
    return str(fact.partition_key)


def _return(teller: Any, **changed: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.returns import ReturnRequested, WantedBack

    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    wanted = WantedBack(sku=teller.world.products[3][0], quantity=Decimal(1))
    told: dict[str, Any] = {
        "request": uuid7(), "ticket": uuid7(), "ticket_number": "T-2", "deal": deal.deal,
        "customer": deal.customer.customer, "reason": "broken", "lines": (wanted,),
    }  # fmt: skip
    fact = ReturnRequested(**told | changed)
    teller.tell(fact)
    return str(fact.partition_key)


def _unmapped_return(teller: Any) -> str:
    from base.ids import uuid7

    return _return(teller, customer=uuid7())


def _unmapped_snapshot(teller: Any) -> str:
    """Registered is one, described is another."""
    from base.ids import uuid7
    from integration.contracts.customers import CustomerRegistered

    fact = CustomerRegistered(customer=uuid7(), snapshot=teller.world.snapshot())
    teller.tell(fact)
    return str(fact.partition_key)


def _two_customers_of_a_party(teller: Any) -> str:
    from integration.contracts.parties import PartyOpened

    buyer_of(teller)
    code, other = code_of(teller), teller.world.snapshot()
    _registered(teller, other)
    fact = PartyOpened(customer=other.customer, party=code, payment_terms_days=30)
    teller.tell(fact)
    return str(fact.partition_key)


def _registered(teller: Any, buyer: Any) -> None:
    from integration.contracts.customers import CustomerRegistered

    teller.tell(CustomerRegistered(customer=buyer.customer, snapshot=buyer))


def _unknown_product_back(teller: Any) -> str:
    from integration.contracts.returns import WantedBack

    return _return(teller, lines=(WantedBack(sku="PHANTOM", quantity=Decimal(1)),))


def _currency_of_an_invoice(teller: Any) -> str:
    deal, order = _accepted(teller)
    teller.tell(_invoice(order, deal, currency="USD"))
    return f"order:{order}"


def _currency_of_a_payment(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.invoices import PaymentReceived
    from proofs._stories import DAY

    deal, order = _accepted(teller)
    teller.tell(
        PaymentReceived(
            order=order, deal=deal.deal, currency="GBP", receipt=uuid7(), number="R-X", kind="payment",
            amount=Decimal(5), received_on=DAY,
        )
    )  # fmt: skip
    return f"order:{order}"


def _currency_of_an_order(teller: Any) -> str:
    _deal, order = _accepted(teller, currency="CHF")
    return f"order:{order}"


def _currency_of_a_deposit(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.deals import DepositReported
    from proofs._stories import DAY

    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    fact = DepositReported(
        deposit=uuid7(), deal=deal.deal, customer=deal.customer, amount=Decimal(1), currency="JPY", reported_on=DAY
    )
    teller.tell(fact)
    return str(fact.partition_key)


def _total_of_an_invoice(teller: Any) -> str:
    deal, order = _accepted(teller)
    teller.tell(_invoice(order, deal, gross=Decimal("13.00")))
    return f"order:{order}"


def _total_of_a_credit_note(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.invoices import InvoiceCredited
    from proofs._stories import DAY

    deal, order = _accepted(teller)
    teller.tell(
        InvoiceCredited(
            order=order, deal=deal.deal, currency="EUR", credit_note=uuid7(), number="CN-X", issued_on=DAY,
            net=Decimal(10), tax=Decimal(2), gross=Decimal(10),
        )
    )  # fmt: skip
    return f"order:{order}"


def _sent_before_accepted(teller: Any) -> str:
    from datetime import UTC, datetime

    from base.ids import uuid7
    from integration.contracts.shipments import ShipmentDispatched

    fact = ShipmentDispatched(
        order=uuid7(), number="SO-Z", shipment=uuid7(), carrier="DHL", tracking="1",
        dispatched_at=datetime(2026, 11, 3, tzinfo=UTC), complete=True, lines=(),
    )  # fmt: skip
    teller.tell(fact)
    return str(fact.partition_key)


def _won_twice(teller: Any) -> str:
    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    teller.tell(deal)
    return str(deal.partition_key)


def _back_unasked(teller: Any) -> str:
    from base.ids import uuid7
    from integration.contracts.returns import ReturnReceived

    fact = ReturnReceived(request=uuid7(), lines=())
    teller.tell(fact)
    return str(fact.partition_key)


def _withdrawn_unpublished(teller: Any) -> str:
    from integration.contracts.products import ProductWithdrawn

    fact = ProductWithdrawn(sku="NEVER")
    teller.tell(fact)
    return str(fact.partition_key)


def _told_of_a_withdrawn_deal(teller: Any) -> str:
    """Another record's event that names what is gone."""
    from base.ids import uuid7
    from integration.contracts.deals import DealWithdrawn

    deal = teller.world.deal(buyer_of(teller))
    teller.tell(deal)
    teller.tell(DealWithdrawn(deal=deal.deal, reason="taken back"))
    return _return(teller, deal=deal.deal, request=uuid7())


def _accepted(teller: Any, currency: str = "EUR") -> tuple[Any, Any]:
    from base.ids import uuid7
    from integration.contracts.orders import OrderAccepted

    deal, order = teller.world.deal(buyer_of(teller)), uuid7()
    teller.tell(deal)
    teller.tell(
        OrderAccepted(order=order, number="SO-A", deal=deal.deal, currency=currency, net_total=deal.net_total, lines=())
    )
    return deal, order


def _completed(order: Any, deal: Any) -> Any:
    from integration.contracts.orders import OrderCompleted

    return OrderCompleted(order=order, number="SO-A", deal=deal.deal)


def _invoice(order: Any, deal: Any, **changed: Any) -> Any:
    from base.ids import uuid7
    from integration.contracts.invoices import InvoiceIssued
    from proofs._stories import DAY

    told: dict[str, Any] = {
        "order": order, "deal": deal.deal, "currency": "EUR", "invoice": uuid7(), "number": "INV-X", "issued_on": DAY,
        "due_on": DAY + timedelta(days=30), "net": Decimal(10), "tax": Decimal(2), "gross": Decimal(12),
        "deposits_used": Decimal(0),
    }  # fmt: skip
    return InvoiceIssued(**told | changed)


# Its cause, which of its shapes, and how it is done.
MORE_BAD_THINGS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("id-reuse", "of one record", _other_bytes_of_same_record),
    ("gap", "in the middle, of the ERP", _gap_in_the_middle),
    ("regress", "of the ERP", _regress_of_the_erp),
    ("foreign-field", "in the snapshot", _foreign_below),
    ("foreign-field", "said to have changed", lambda teller: updated(teller, version=6, changed=("party",))),
    ("foreign-field", "of the CRM", _foreign_of_the_erp),
    ("unmapped", "a party's customer", _unmapped_party),
    ("unmapped", "an order's deal", _unmapped_deal),
    ("unmapped", "a return's customer", _unmapped_return),
    ("unmapped", "another's snapshot", _unmapped_snapshot),
    ("mapped-twice", "two customers", _two_customers_of_a_party),
    ("unknown-product", "on a return", _unknown_product_back),
    ("unit", "of a promise", lambda teller: deal_with(teller, unit="furlong")),
    ("currency", "of an invoice", _currency_of_an_invoice),
    ("currency", "of a payment", _currency_of_a_payment),
    ("currency", "of an order", _currency_of_an_order),
    ("currency", "of a deposit", _currency_of_a_deposit),
    ("total", "of a line", lambda teller: deal_with(teller, net_amount=Decimal("0.10"))),
    ("total", "of an invoice", _total_of_an_invoice),
    ("total", "of a credit note", _total_of_a_credit_note),
    ("state", "sent before accepted", _sent_before_accepted),
    ("state", "won twice", _won_twice),
    ("state", "back unasked", _back_unasked),
    ("state", "withdrawn unpublished", _withdrawn_unpublished),
    ("tombstone", "another record names it", _told_of_a_withdrawn_deal),
    ("reconciliation", "one side has not got it", lambda teller: disagreement(teller, missing=True)),
)
