"""How much trust the books have in a customer."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Amount, Contract, Currency, DataClass, Short


class CreditLimited(Contract):
    """The exact limit, for granted audiences only."""

    type: ClassVar[str] = "erp.credit.limited.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "customer:customer"
    data_class: ClassVar[DataClass] = "restricted"
    tier: ClassVar[str] = "credit"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    customer: UUID
    party: Short
    limit: Amount | None = Field(default=None, description="In the books' own currency; nothing means no limit.")
    currency: Currency


class CreditBanded(Contract):
    """A band for everyone; the exact limit stays in the ERP."""

    type: ClassVar[str] = "erp.credit.banded.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "customer:customer"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    customer: UUID
    party: Short
    band: Literal["open", "watch", "tight", "stopped"]
