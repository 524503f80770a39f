"""What the books say of themselves."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from integration.contracts.base import Contract, Short

Head = Annotated[str, Field(pattern="^([0-9a-f]{64})?$", description="SHA-256 in hex; empty before the first seal.")]


class BooksSealed(Contract):
    """The head of the chain over what is posted, kept outside: who rewrites the books is found by it."""

    type: ClassVar[str] = "erp.books.sealed.v1"
    owner: ClassVar[str] = "erp"
    aggregate: ClassVar[str] = "books:books"
    audience: ClassVar[tuple[str, ...]] = ("integration",)

    books: UUID = Field(description="The company whose books these are.")
    company: Short
    position: Annotated[int, Field(ge=1, description="Place in the chain.")]
    series: Short
    year: int
    first: Annotated[int, Field(ge=1, description="First number of the sealed range.")]
    last: Annotated[int, Field(ge=1)]
    entries: Annotated[int, Field(ge=1)]
    previous: Head
    head: Head
    sealed_at: datetime
