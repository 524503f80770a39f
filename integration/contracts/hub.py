"""What the hub itself says: an event it left out, and a wish that the owner mend something."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Contract, Short, Text, Value


class _HubContract(Contract):
    """About another side's record: it travels in that record's order, so it has that record's partition key."""

    owner: ClassVar[str] = "integration"
    aggregate: ClassVar[str] = "*:about"
    audience: ClassVar[tuple[str, ...]] = ("crm", "erp")

    about: Annotated[str, Field(min_length=3, max_length=300, description="The record's partition key.")]

    @property
    def partition_key(self) -> str:
        """The record that it is about."""
        return self.about


class EventSkipped(_HubContract):
    """An operator left an event out; this takes its place, so that no number is missing."""

    type: ClassVar[str] = "integration.event.skipped.v1"

    event: UUID
    contract: Short
    reason: Text
    case: Short = ""


class DisputedField(Value):
    """One field with the value that was said and the value that the hub held."""

    field: Short
    said: Text
    held: Text


class AmendmentRequested(_HubContract):
    """The hub asks the people of the side that owns a record to look at what they said, and to mend it there."""

    type: ClassVar[str] = "integration.amendment.requested.v1"

    case: UUID
    case_number: Short
    event: UUID | None = None
    contract: Short
    owner_side: Short
    cause: Short
    differences: tuple[DisputedField, ...] = Field(default=(), max_length=50)
    note: Text = ""
    asked_by: Short = ""
