"""Realistic business as events: customers, promises, orders, parcels, invoices, money; told by both sides in turns.

Loaded after Django is (contracts need no table, but the proof's process has one side only).
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from base.ids import uuid7
from integration.contracts import Contract
from integration.contracts.credit import CreditBanded
from integration.contracts.customers import Address, CustomerRegistered, CustomerSnapshot, CustomerUpdated
from integration.contracts.deals import DealLine, DealWithdrawn, DealWon, DepositReported
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderAccepted, OrderCancelled, OrderCompleted, OrderHeld, PromisedLine
from integration.contracts.parties import PartyOpened
from integration.contracts.products import PricePublished, ProductPublished
from integration.contracts.returns import ReturnAuthorised, ReturnReceived, ReturnRequested, ReturnSettled, WantedBack
from integration.contracts.shipments import ShipmentDispatched, ShippedLine

UNITS = ("pcs", "kg", "box", "l")
DAY = date(2026, 11, 2)


@dataclass
class Numbers:
    """The next number of each record of each side."""

    last: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def next(self, fact: Contract) -> int:
        """Taken when the event is made, as an outbox does."""
        self.last[fact.owner, fact.partition_key] += 1
        return self.last[fact.owner, fact.partition_key]


@dataclass
class World:
    """What is for sale and who buys; `mark` keeps the codes of two tellers apart."""

    chance: random.Random
    mark: str
    products: list[tuple[str, str, str, Decimal]] = field(default_factory=list)
    parties: int = 0
    orders: int = 0

    def catalogue(self, count: int) -> Iterator[Contract]:
        """Products with a price in euro, every third also in yuan."""
        for number in range(count):
            sku, unit = f"{self.mark}{number:04d}", UNITS[number % 4]
            price = Decimal(self.chance.randint(100, 50_000)) / 100
            self.products.append((sku, f"Product {sku}", unit, price))
            yield ProductPublished(sku=sku, name=f"Product {sku}", unit=unit, tax_class="full", category="goods")
            yield PricePublished(sku=sku, currency="EUR", unit_price=price, valid_from=DAY)
            if number % 3 == 0:
                yield PricePublished(sku=sku, currency="CNY", unit_price=price * 8, valid_from=DAY)

    def story(self) -> Iterator[Contract]:
        """One customer from the first deal to the last payment; most go well, some do not."""
        customer = self.snapshot()
        yield CustomerRegistered(customer=customer.customer, snapshot=customer)
        self.parties += 1
        code = f"C{self.mark}{self.parties:06d}"
        for _deal in range(self.chance.choice((1, 1, 2, 3))):
            deal = self.deal(customer)
            yield deal
            if _deal == 0:
                yield PartyOpened(customer=customer.customer, party=code, payment_terms_days=30)
            yield from self.life(deal, code)
            if self.chance.random() < 0.2:
                customer = customer.model_copy(
                    update={"version": (customer.version or 1) + 1, "phone": str(self.chance.randint(10**6, 10**7))}
                )
                yield CustomerUpdated(customer=customer.customer, snapshot=customer, changed=("phone",))

    def snapshot(self) -> CustomerSnapshot:
        """Somebody new."""
        id = uuid7()
        town = self.chance.choice(("Graz", "Berlin", "Lyon", "上海", "Århus"))
        return CustomerSnapshot(customer=id, name=f"Firma {id.hex[-6:]}", address=Address(city=town), version=1)

    def deal(self, customer: CustomerSnapshot, **changed: Any) -> DealWon:
        """A promise whose lines add up."""
        chosen = self.chance.sample(self.products, self.chance.randint(1, 4))
        told = tuple(self.line(position, *product) for position, product in enumerate(chosen, 1))
        values: dict[str, Any] = {
            "deal": uuid7(),
            "number": f"D-{self.chance.randint(1, 999_999):06d}",
            "customer": customer,
            "currency": "EUR",
            "lines": told,
            "freight": Decimal(0),
            "net_total": sum((line.net_amount for line in told), Decimal(0)),
            "ordered_on": DAY,
            "won_at": datetime(2026, 11, 2, 9, tzinfo=UTC),
        }
        return DealWon(**values | changed)

    def line(self, position: int, sku: str, name: str, unit: str, price: Decimal, **changed: Any) -> DealLine:
        """One product at its list price, sometimes with a discount."""
        quantity = Decimal(self.chance.randint(1, 40))
        discount = Decimal(self.chance.choice((0, 0, 0, 5, 10))) / 100
        values: dict[str, Any] = {
            "line": uuid7(),
            "position": position,
            "sku": sku,
            "description": name,
            "unit": unit,
            "quantity": quantity,
            "list_price": price,
            "unit_price": price,
            "discount": discount,
            "net_amount": round(quantity * price * (1 - discount), 2),
        }
        return DealLine(**values | changed)

    def life(self, deal: DealWon, code: str) -> Iterator[Contract]:
        """What becomes of a promise."""
        order, customer = uuid7(), deal.customer.customer
        self.orders += 1
        who: dict[str, Any] = {"order": order, "deal": deal.deal, "customer": customer}
        named = who | {"number": f"SO-{self.mark}{self.orders:06d}"}
        if self.chance.random() < 0.1:
            yield OrderHeld(**named, reason_code="price-below-floor", reason="a price is below the floor")
        if self.chance.random() < 0.1:
            yield DepositReported(
                deposit=uuid7(), deal=deal.deal, customer=deal.customer, amount=Decimal("100.00"), currency="EUR",
                reported_on=DAY,
            )  # fmt: skip
        lines = tuple(PromisedLine(sku=one.sku, quantity=one.quantity, reserved=one.quantity) for one in deal.lines)
        yield OrderAccepted(**named, currency="EUR", net_total=deal.net_total, lines=lines)
        if self.chance.random() < 0.05:
            yield DealWithdrawn(deal=deal.deal, reason="the customer changed their mind")
            yield OrderCancelled(**named, reason="the deal was withdrawn")
            return
        if self.chance.random() < 0.1:
            yield CreditBanded(customer=customer, party=code, band="watch")
        parcel = tuple(ShippedLine(sku=one.sku, quantity=one.quantity) for one in deal.lines)
        yield ShipmentDispatched(
            **named, shipment=uuid7(), carrier="DHL", tracking=str(self.chance.randint(10**9, 10**10)),
            dispatched_at=datetime(2026, 11, 3, 9, tzinfo=UTC), complete=True, lines=parcel,
        )  # fmt: skip
        yield from self.money(deal, who)
        yield OrderCompleted(**named)
        if self.chance.random() < 0.06:
            yield from self.goods_back(deal, order)

    def money(self, deal: DealWon, who: dict[str, Any]) -> Iterator[Contract]:
        """Invoice and payment."""
        invoice, net = uuid7(), deal.net_total
        tax = round(net * Decimal("0.19"), 2)
        yield InvoiceIssued(
            **who, currency="EUR", invoice=invoice, number=f"INV-{self.orders:06d}", issued_on=DAY,
            due_on=DAY + timedelta(days=30), net=net, tax=tax, gross=net + tax, deposits_used=Decimal(0),
        )  # fmt: skip
        yield PaymentReceived(
            **who, currency="EUR", receipt=uuid7(), number=f"R-{self.orders:06d}", kind="payment", amount=net + tax,
            received_on=DAY, invoice=invoice, open_amount=Decimal(0),
        )  # fmt: skip

    def goods_back(self, deal: DealWon, order: UUID) -> Iterator[Contract]:
        """A return from the ticket to the credit note."""
        request, line = uuid7(), deal.lines[0]
        back = (WantedBack(sku=line.sku, quantity=Decimal(1)),)
        ids: dict[str, Any] = {"request": request, "deal": deal.deal}
        yield ReturnRequested(
            **ids, ticket=uuid7(), ticket_number="T-1", customer=deal.customer.customer, reason="broken", lines=back
        )
        erp = ids | {"rma": uuid7(), "number": "RMA-1", "order": order}
        yield ReturnAuthorised(**erp)
        yield ReturnReceived(**erp, lines=back)
        net = round(line.net_amount / line.quantity, 2)
        tax = round(net * Decimal("0.19"), 2)
        note = uuid7()
        yield InvoiceCredited(
            order=order, deal=deal.deal, customer=deal.customer.customer, currency="EUR", credit_note=note,
            number="CN-1", issued_on=DAY, net=net, tax=tax, gross=net + tax, return_request=request,
        )  # fmt: skip
        yield ReturnSettled(**erp, credit_note=note, credit_note_number="CN-1", gross=net + tax, currency="EUR")

    def told(self, count: int, at_once: int = 40) -> Iterator[Contract]:
        """So many events of many stories, each in its own order, the stories mixed."""
        running = [self.story() for _story in range(at_once)]
        made = 0
        while made < count:
            number = self.chance.randrange(len(running))
            fact = next(running[number], None)
            if fact is None:
                running[number] = self.story()
                continue
            made += 1
            yield fact


def with_field(body: bytes, **fields: Any) -> bytes:
    """The event with more in its data than its contract has."""
    head = json.loads(body)
    head["data"] |= fields
    return json.dumps(head, separators=(",", ":")).encode()
