"""Goods that come back: asked for on a ticket, handled in the ERP."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Amount, Contract, Currency, Quantity, Short, Text, Value


class WantedBack(Value):
    """What the customer wants to send back."""

    sku: Short = Field(min_length=1)
    quantity: Quantity = Field(gt=0)


class ReturnRequested(Contract):
    """A customer asks on a ticket to send goods back."""

    type: ClassVar[str] = "crm.return.requested.v1"
    owner: ClassVar[str] = "crm"
    aggregate: ClassVar[str] = "return:request"
    audience: ClassVar[tuple[str, ...]] = ("erp", "integration")

    request: UUID
    ticket: UUID
    ticket_number: Short
    deal: UUID
    customer: UUID
    reason: Text
    lines: tuple[WantedBack, ...] = Field(min_length=1, max_length=300)


class _ReturnContract(Contract):
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "return:request"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    request: UUID
    rma: UUID | None = None
    number: Short = ""
    order: UUID | None = None
    deal: UUID | None = None


class ReturnAuthorised(_ReturnContract):
    """The customer may send the goods."""

    type: ClassVar[str] = "erp.return.authorised.v1"

    instructions: Text = ""


class ReturnRefused(_ReturnContract):
    """The goods are not taken back, and this is why."""

    type: ClassVar[str] = "erp.return.refused.v1"

    reason: Text


class ReturnReceived(_ReturnContract):
    """The goods are here."""

    type: ClassVar[str] = "erp.return.received.v1"

    lines: tuple[WantedBack, ...]


class ReturnSettled(_ReturnContract):
    """The credit note is written."""

    type: ClassVar[str] = "erp.return.settled.v1"

    credit_note: UUID
    credit_note_number: Short
    gross: Amount
    currency: Currency
