"""Who a customer is in the books: party code and commercial terms are the ERP's."""

from typing import ClassVar
from uuid import UUID

from integration.contracts.base import Contract, Short


class _PartyContract(Contract):
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "customer:customer"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    customer: UUID
    party: Short
    payment_terms_days: int
    commercial_tier: Short = ""
    credit_class: Short = ""


class PartyOpened(_PartyContract):
    """The customer has a code in the books from now on."""

    type: ClassVar[str] = "erp.party.opened.v1"


class PartyClassed(_PartyContract):
    """Terms, commercial tier or credit class changed."""

    type: ClassVar[str] = "erp.party.classed.v1"
