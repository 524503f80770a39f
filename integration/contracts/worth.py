"""What goods cost and what they earned: figures for the joint view, which no other side is ever told."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from integration.contracts.base import Amount, Contract, Currency, DataClass, Day, Quantity, Short, Value

LINES_AT_MOST = 150


class MarginLine(Value):
    """One product of the document."""

    sku: Short
    quantity: Quantity
    revenue: Amount
    cost: Amount


class MarginBooked(Contract):
    """Goods earned so much and had cost so much. These add up: what is taken back stands below zero.

    An invoice tells its goods' net and what they cost when they left; a credit note takes net away; goods that come
    back take their cost away. A long document is told in parts.
    """

    type: ClassVar[str] = "erp.margin.booked.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "order:order"
    data_class: ClassVar[DataClass] = "restricted"
    tier: ClassVar[str] = "margin"
    audience: ClassVar[tuple[str, ...]] = ("integration",)

    order: UUID
    deal: UUID | None = None
    customer: UUID | None = None
    kind: Literal["invoice", "credit_note", "return"]
    document: UUID
    number: Short
    part: Annotated[int, Field(ge=1)] = 1
    booked_on: Day
    currency: Currency
    revenue: Annotated[Amount, Field(description="Net of the goods, without freight and tax.")]
    cost: Amount
    lines: tuple[MarginLine, ...] = Field(min_length=1, max_length=LINES_AT_MOST)


class StockValued(Contract):
    """So many units of a product lie at our own places, and stand in the books at that value."""

    type: ClassVar[str] = "erp.stock.valued.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "product:sku"
    data_class: ClassVar[DataClass] = "restricted"
    tier: ClassVar[str] = "cost"
    audience: ClassVar[tuple[str, ...]] = ("integration",)

    sku: Short = Field(min_length=1)
    on_hand: Quantity
    value: Amount
    currency: Currency
    as_of: AwareDatetime
