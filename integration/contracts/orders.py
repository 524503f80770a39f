"""A sales order's life."""

from typing import ClassVar
from uuid import UUID

from integration.contracts.base import Amount, Contract, Currency, Day, Quantity, Short, Text, Value


class PromisedLine(Value):
    """What of a line is reserved now and what must wait."""

    sku: Short
    quantity: Quantity
    reserved: Quantity


class _OrderContract(Contract):
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "order:order"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    order: UUID
    number: Short
    deal: UUID | None = None
    customer: UUID | None = None


class OrderAccepted(_OrderContract):
    """We are bound to deliver."""

    type: ClassVar[str] = "erp.order.accepted.v1"

    currency: Currency
    net_total: Amount
    promised_on: Day | None = None
    lines: tuple[PromisedLine, ...] = ()


class OrderHeld(_OrderContract):
    """A person of the order desk must look first."""

    type: ClassVar[str] = "erp.order.held.v1"

    reason_code: Short
    reason: Text


class OrderRefused(_OrderContract):
    """We will not deliver, and this is why."""

    type: ClassVar[str] = "erp.order.refused.v1"

    reason_code: Short
    reason: Text


class OrderCancelled(_OrderContract):
    """The order will not be delivered any further."""

    type: ClassVar[str] = "erp.order.cancelled.v1"

    reason: Text = ""


class WithdrawalRefused(_OrderContract):
    """The CRM wanted the deal back, but it is too late: goods or invoices have gone out."""

    type: ClassVar[str] = "erp.order.withdrawal_refused.v1"

    reason: Text


class OrderCompleted(_OrderContract):
    """All is shipped, invoiced and paid."""

    type: ClassVar[str] = "erp.order.completed.v1"
