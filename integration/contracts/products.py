"""What may be sold, and at which dated price."""

from typing import ClassVar

from pydantic import Field

from integration.contracts.base import Contract, Currency, Day, Price, Short


class _ProductContract(Contract):
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "product:sku"
    audience: ClassVar[tuple[str, ...]] = ("crm", "integration")

    sku: Short = Field(min_length=1)


class ProductPublished(_ProductContract):
    """The product may be offered, or something about it changed."""

    type: ClassVar[str] = "erp.product.published.v1"

    name: Short
    unit: Short
    tax_class: Short
    category: Short = ""


class ProductWithdrawn(_ProductContract):
    """The product is not to be offered any more."""

    type: ClassVar[str] = "erp.product.withdrawn.v1"

    reason: Short = ""


class PricePublished(_ProductContract):
    """From that day on one unit costs so much, without tax."""

    type: ClassVar[str] = "erp.price.published.v1"

    currency: Currency
    unit_price: Price = Field(ge=0)
    valid_from: Day
