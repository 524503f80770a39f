"""The customer master: the CRM owns who a customer is."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Contract, DataClass, Short, Value


class Address(Value):
    """A postal address as people write it."""

    street: Short = ""
    postal_code: Short = ""
    city: Short = ""
    region: Short = ""
    country: Short = ""


class Person(Value):
    """Somebody who works there."""

    name: Short
    title: Short = ""
    email: Short = ""
    phone: Short = ""


class CustomerSnapshot(Value):
    """The customer as the CRM knew it when the fact was told."""

    customer: UUID
    name: Short = Field(min_length=1)
    email: Short = ""
    phone: Short = ""
    tax_id: Short = ""
    address: Address = Address()
    people: tuple[Person, ...] = Field(default=(), max_length=50)
    tier: Short = ""
    external_ref: Short = ""
    version: int | None = Field(default=None, description="Counts the changes of the master record.")


class _CustomerContract(Contract):
    owner: ClassVar[str] = "crm"
    aggregate: ClassVar[str] = "customer:customer"
    data_class: ClassVar[DataClass] = "personal"
    audience: ClassVar[tuple[str, ...]] = ("erp", "integration")

    customer: UUID
    snapshot: CustomerSnapshot


class CustomerRegistered(_CustomerContract):
    """An account became a customer: its first deal was won or its first quote wanted."""

    type: ClassVar[str] = "crm.customer.registered.v1"


class CustomerUpdated(_CustomerContract):
    """Name, people, address or tax id of a registered customer changed."""

    type: ClassVar[str] = "crm.customer.updated.v1"

    changed: tuple[Short, ...] = ()


class CustomerMerged(_CustomerContract):
    """Two registered customers are one from now on; what is posted stays with its party, the parties are linked."""

    type: ClassVar[str] = "crm.customer.merged.v1"

    merged: UUID = Field(description="The customer that has become a part of this one.")


class CustomerSplit(_CustomerContract):
    """A merge was taken back: the other is a customer of its own again."""

    type: ClassVar[str] = "crm.customer.split.v1"

    split: UUID = Field(description="The customer that is itself again.")
    along: tuple[UUID, ...] = Field(default=(), description="What had become a part of it before, and goes with it.")
