"""The people of both sides: each a user with a role and a token, who can do what the public API lets that role do."""

import time
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.deployment import Deployment
from deploy.demo.northwind import Company, Line, Price, Product

Record = dict[str, Any]
Parcel = Sequence[tuple[str, Decimal]]  # SKU and quantity

TIMEOUT_S = 30.0
PAGE_SIZE = 500


class Unexpected(RuntimeError):
    """An answer that the story does not know; the text names who did what and what the API said."""


class Person:
    """Somebody at work on one side."""

    def __init__(self, deployment: Deployment, side: str, role: str, place: int = 0) -> None:
        user = deployment.user(side, role, place)
        self.name = f"{user['username']} ({role}, {side})"
        self._client = httpx.Client(
            base_url=deployment.api_url(side),
            headers={"Authorization": f"Bearer {user['token']}"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    def get(self, path: str, **query: Any) -> Any:
        """One object, or one page."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Do something, once: a try after a broken connection carries the same key."""
        return self._call("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})

    def patch(self, path: str, body: Record) -> Any:
        """Change something."""
        return self._call("PATCH", path, json=body)

    def all(self, path: str, **query: Any) -> Iterator[Record]:
        """Every row of a list, page by page."""
        page = self.get(path, page_size=PAGE_SIZE, **query)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._call("GET", page["next"])

    def _call(self, method: str, path: str, **more: Any) -> Any:
        response = self._answer(method, path, **more)
        if not response.is_success:
            raise Unexpected(f"{self.name}: {method} {path}: {response.status_code} {response.text[:600]}")
        return response.json() if response.content else None

    def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        for pause in (0.2, 0.5):
            try:
                return self._client.request(method, path, **more)
            except httpx.TransportError:
                time.sleep(pause)
        try:
            return self._client.request(method, path, **more)
        except httpx.TransportError as error:
            raise Unexpected(f"{self.name}: {method} {path}: {error}") from error


class Rep(Person):
    """Sells."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, "crm", "rep")

    def meet(self, company: Company) -> str:
        """Enter a customer; the account's id."""
        body = {
            "name": company.name,
            "external_ref": company.key,
            "phone": company.phone,
            "street": company.address,
            "postal_code": company.postal_code,
            "city": company.city,
            "region": company.region,
            "country": company.country,
            "contacts": [{"name": company.contact, "title": company.contact_title, "phone": company.phone}],
        }
        return str(self.post("accounts/", body)["id"])

    def propose(
        self, account: str, title: str, ordered_on: date, requested_on: date, freight: Decimal, lines: Sequence[Record]
    ) -> Record:
        """A deal, priced from the published list of that day."""
        body = {
            "account": account,
            "title": title,
            "ordered_on": ordered_on.isoformat(),
            "requested_on": requested_on.isoformat(),
            "freight": str(freight),
            "lines": lines,
        }
        return dict(self.post("deals/", body))

    def win(self, deal: str) -> Record:
        """The customer agreed."""
        return dict(self.post(f"deals/{deal}/win/"))

    def withdraw(self, deal: str, reason: str) -> Record:
        """The customer takes it back."""
        return dict(self.post(f"deals/{deal}/withdraw/", {"reason": reason}))

    def hear_of_deposit(self, deal: str, amount: Decimal, reference: str) -> str:
        """Money was paid in advance, the customer says."""
        return str(self.post(f"deals/{deal}/deposits/", {"amount": str(amount), "reference": reference})["id"])

    def deal(self, deal: str) -> Record:
        """With all that the ERP told of its order."""
        return dict(self.get(f"deals/{deal}/"))


class Agent(Person):
    """Helps customers."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, "crm", "agent")

    def open_ticket(self, account: str, deal: str, subject: str) -> str:
        """The customer called; the ticket's id."""
        return str(self.post("tickets/", {"account": account, "deal": deal, "subject": subject})["id"])

    def ticket(self, ticket: str) -> Record:
        """With its returns as the ERP tells them."""
        return dict(self.get(f"tickets/{ticket}/"))

    def ask_for_return(self, ticket: str, deal: str, parcel: Parcel, reason: str) -> str:
        """May the customer send this back? The request's id."""
        lines = [{"sku": sku, "quantity": str(quantity)} for sku, quantity in parcel]
        body = {"deal": deal, "lines": lines, "reason": reason}
        return str(self.post(f"tickets/{ticket}/returns/", body)["id"])


class OrderDesk(Person):
    """Keeps products and looks at what is held."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, "erp", "order_desk")

    def offer(self, product: Product, supplier: str, prices: Sequence[Price], tax_class: str) -> None:
        """Enter a product with its dated prices and publish it."""
        body = {
            "sku": product.sku,
            "name": product.name,
            "unit": product.unit,
            "category": product.category,
            "supplier": supplier,
            "tax_class": tax_class,
            "prices": [{"amount": str(price.amount), "valid_from": price.valid_from.isoformat()} for price in prices],
        }
        product_id = self.post("products/", body)["id"]
        self.post(f"products/{product_id}/publish/")

    def order_of(self, deal: str) -> Record | None:
        """The order a deal became; two would be a fault of ours."""
        found = self.get("orders/", deal=deal)["results"]
        if len(found) > 1:
            raise Unexpected(f"Deal {deal} became {len(found)} orders.")
        return found[0] if found else None

    def order(self, order: str) -> Record:
        """An order with its lines."""
        return dict(self.get(f"orders/{order}/"))

    def release(self, order: str, reason: str) -> Record:
        """A held order may pass."""
        return dict(self.post(f"orders/{order}/release/", {"reason": reason}))

    def refuse(self, order: str, reason: str) -> Record:
        """A held order may not."""
        return dict(self.post(f"orders/{order}/refuse/", {"reason": reason}))

    def return_of(self, request: str) -> Record | None:
        """What a wish to send goods back became."""
        found = self.get("returns/", request=request)["results"]
        return found[0] if found else None

    def authorise(self, goods_return: str, instructions: str) -> Record:
        """The goods may come back."""
        return dict(self.post(f"returns/{goods_return}/authorise/", {"instructions": instructions}))


class Warehouse(Person):
    """Receives and sends."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, "erp", "warehouse")

    def receive(self, sku: str, quantity: int, unit_cost: Decimal, reference: str) -> None:
        """Goods came in."""
        body = {"product": sku, "quantity": str(quantity), "unit_cost": str(unit_cost), "reference": reference}
        self.post("stock/receipts/", body)

    def ship(self, order: str, carrier: str, tracking: str, parcel: Parcel) -> Record:
        """A parcel leaves."""
        lines = [{"sku": sku, "quantity": str(quantity)} for sku, quantity in parcel]
        return dict(self.post(f"orders/{order}/shipments/", {"carrier": carrier, "tracking": tracking, "lines": lines}))

    def take_back(self, goods_return: str) -> Record:
        """All that was announced came back."""
        return dict(self.post(f"returns/{goods_return}/receive/"))


class Accountant(Person):
    """Keeps the books."""

    def __init__(self, deployment: Deployment, place: int = 0) -> None:
        super().__init__(deployment, "erp", "accountant", place)

    def open_supplier(self, company: Company) -> str:
        """The supplier's code."""
        body = {
            "name": company.name,
            "phone": company.phone,
            "street": company.address,
            "postal_code": company.postal_code,
            "city": company.city,
            "region": company.region,
            "country": company.country,
        }
        return str(self.post("parties/", body)["code"])

    def party_of(self, account: str) -> Record | None:
        """The customer in the books, once known there."""
        found = self.get("parties/", customer=account)["results"]
        return found[0] if found else None

    def hold(self, party: str, reason: str) -> None:
        """Nothing more goes to this customer before somebody has looked."""
        self.patch(f"parties/{party}/", {"on_hold": True, "hold_reason": reason})

    def lift_hold(self, party: str) -> None:
        """It is settled, says somebody else than who held them."""
        self.patch(f"parties/{party}/", {"on_hold": False})

    def deposit_of(self, deposit: str) -> Record | None:
        """The task on the desk for money a rep heard of."""
        waiting = self.all("deposits/", status="reported")
        return next((row for row in waiting if row["id"] == deposit), None)

    def book_deposit(self, deposit: str, amount: Decimal) -> Record:
        """The bank shows it."""
        body = {"amount": str(amount), "date": date.today().isoformat()}
        return dict(self.post(f"deposits/{deposit}/book/", body))

    def invoice(self, order: str) -> Record:
        """Everything shipped and not invoiced yet."""
        return dict(self.post(f"orders/{order}/invoices/"))

    def take_payment(self, invoice: Record) -> Record | None:
        """What is open comes in; nothing is, when deposits covered it all."""
        amount = Decimal(invoice["open_amount"])
        if not amount:
            return None
        body = {"amount": str(amount), "date": date.today().isoformat(), "reference": invoice["number"]}
        return dict(self.post(f"invoices/{invoice['id']}/payments/", body))

    def settle(self, goods_return: str) -> Record:
        """Credit note for what came back."""
        return dict(self.post(f"returns/{goods_return}/settle/"))

    def pay_back(self, credit_note: str) -> Record:
        """What of a credit note no open invoice took."""
        return dict(self.post(f"invoices/{credit_note}/refund/"))

    def invoice_with_lines(self, invoice: str) -> Record:
        """An invoice or credit note as issued."""
        return dict(self.get(f"invoices/{invoice}/"))

    def payments_of(self, invoice: str) -> list[Record]:
        """Receipts that went to it."""
        return list(self.get("receipts/", invoice=invoice)["results"])


def line_of(line: Line) -> Record:
    """A line of a deal; the price comes from the published list."""
    return {"sku": line.sku, "quantity": str(line.quantity), "discount": str(line.discount)}
