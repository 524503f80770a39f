"""Goods that left the house."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Contract, Quantity, Short, Value


class ShippedLine(Value):
    """How many of a product are in the parcel."""

    sku: Short
    quantity: Quantity
    order_line: UUID | None = None
    deal_line: UUID | None = None


class ShipmentDispatched(Contract):
    """A parcel is on its way, with its tracking number."""

    type: ClassVar[str] = "erp.shipment.dispatched.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "order:order"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    shipment: UUID
    number: Short
    order: UUID
    deal: UUID | None = None
    customer: UUID | None = None
    carrier: Short
    tracking: Short
    tracking_url: Short = ""
    dispatched_at: datetime
    complete: bool = Field(default=False, description="Nothing of the order is left to ship.")
    lines: tuple[ShippedLine, ...]


class ShipmentCorrected(Contract):
    """Carrier or tracking number of a parcel were mistyped; these are the right ones."""

    type: ClassVar[str] = "erp.shipment.corrected.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "order:order"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    shipment: UUID
    number: Short
    order: UUID
    deal: UUID | None = None
    customer: UUID | None = None
    carrier: Short
    tracking: Short
    tracking_url: Short = ""
