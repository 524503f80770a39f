"""What the sides tell each other: one frozen model per fact, its owner, partition key, data class and audience.

A contract is published once its schema is checked in under `schemas/`; from then on it only grows optional fields
(tests/shape/test_contracts.py refuses anything that would break a reader). Anything else needs a `.v2`.
"""

from integration.contracts import (
    books,
    credit,
    customers,
    deals,
    hub,
    invoices,
    orders,
    parties,
    products,
    returns,
    shipments,
    worth,
)
from integration.contracts.base import Contract, all_contracts, contract_of, tier_of

__all__ = [
    "Contract",
    "all_contracts",
    "books",
    "contract_of",
    "credit",
    "customers",
    "deals",
    "hub",
    "invoices",
    "orders",
    "parties",
    "products",
    "returns",
    "shipments",
    "tier_of",
    "worth",
]
