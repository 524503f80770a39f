"""How much trust the books have in a customer."""

from typing import ClassVar, Literal
from uuid import UUID

from integration.contracts.base import Contract, Short


class CreditBanded(Contract):
    """A band for everyone; the exact limit stays in the ERP."""

    type: ClassVar[str] = "erp.credit.banded.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "customer:customer"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    customer: UUID
    party: Short
    band: Literal["open", "watch", "tight", "stopped"]
