"""What the sales side promised, and money it heard of."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import (
    Amount,
    Contract,
    Currency,
    DataClass,
    Day,
    Fraction,
    Price,
    Quantity,
    Short,
    Text,
    Value,
)
from integration.contracts.customers import CustomerSnapshot


class DealLine(Value):
    """One promised thing at its promised price."""

    line: UUID
    position: int
    sku: Short = Field(min_length=1)
    description: Short = ""
    unit: Short = ""
    quantity: Quantity = Field(gt=0)
    list_price: Price | None = None
    unit_price: Price = Field(ge=0)
    discount: Fraction
    net_amount: Amount
    approved_by: Short = ""
    promotion: Short = Field(default="", description="The temporary promotion that the discount comes from.")


class DealWon(Contract):
    """The promise stands: the ERP makes it one sales order, or says why not."""

    type: ClassVar[str] = "crm.deal.won.v1"
    owner: ClassVar[str] = "crm"
    aggregate: ClassVar[str] = "deal:deal"
    data_class: ClassVar[DataClass] = "personal"
    audience: ClassVar[tuple[str, ...]] = ("erp", "integration")

    deal: UUID
    number: Short
    title: Short = ""
    customer: CustomerSnapshot
    currency: Currency
    lines: tuple[DealLine, ...] = Field(min_length=1, max_length=300)
    freight: Amount
    net_total: Amount = Field(description="The lines' sum, without freight and tax.")
    ordered_on: Day
    requested_on: Day | None = None
    deposit: Amount | None = Field(default=None, description="A deposit agreed with the customer.")
    won_at: datetime
    sold_by: Short = ""


class DealWithdrawn(Contract):
    """The customer took the promise back; the ERP cancels the order, if it still can."""

    type: ClassVar[str] = "crm.deal.withdrawn.v1"
    owner: ClassVar[str] = "crm"
    aggregate: ClassVar[str] = "deal:deal"
    audience: ClassVar[tuple[str, ...]] = ("erp", "integration")

    deal: UUID
    reason: Text
    withdrawn_by: Short = ""


class DepositReported(Contract):
    """A rep heard of money that was or will be paid in advance; the books must look the same day."""

    type: ClassVar[str] = "crm.deposit.reported.v1"
    owner: ClassVar[str] = "crm"
    aggregate: ClassVar[str] = "deal:deal"
    data_class: ClassVar[DataClass] = "personal"
    audience: ClassVar[tuple[str, ...]] = ("erp", "integration")

    deposit: UUID
    deal: UUID
    customer: CustomerSnapshot
    amount: Amount = Field(gt=0)
    currency: Currency
    reported_on: Day
    reference: Short = ""
    reported_by: Short = ""
