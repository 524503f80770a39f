"""What the customer owes and what came in."""

from typing import ClassVar, Literal
from uuid import UUID

from integration.contracts.base import Amount, Contract, Currency, Day, Short


class _InvoiceContract(Contract):
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "order:order"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    order: UUID
    deal: UUID | None = None
    customer: UUID | None = None
    currency: Currency


class InvoiceIssued(_InvoiceContract):
    """An invoice with its number for good."""

    type: ClassVar[str] = "erp.invoice.issued.v1"

    invoice: UUID
    number: Short
    issued_on: Day
    due_on: Day
    net: Amount
    tax: Amount
    gross: Amount
    deposits_used: Amount


class InvoiceCredited(_InvoiceContract):
    """A credit note: what the customer no longer owes, or gets back."""

    type: ClassVar[str] = "erp.invoice.credited.v1"

    credit_note: UUID
    number: Short
    issued_on: Day
    net: Amount
    tax: Amount
    gross: Amount
    return_request: UUID | None = None


class PaymentReceived(_InvoiceContract):
    """Money came in: for an invoice, or as a deposit before one."""

    type: ClassVar[str] = "erp.payment.received.v1"

    receipt: UUID
    number: Short
    kind: Literal["payment", "deposit"]
    amount: Amount
    received_on: Day
    invoice: UUID | None = None
    invoice_number: Short = ""
    open_amount: Amount | None = None
    deposit: UUID | None = None
