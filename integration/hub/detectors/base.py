"""What a detector gets and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.contracts import Contract
from integration.events import Event

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with the value that was said and the value that is held."""

    field: str
    said: str
    held: str

    def as_json(self) -> dict[str, str]:
        """As it is kept with the case; a value is cut, not refused."""
        return {"field": self.field, "said": self.said[:500], "held": self.held[:500]}


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction: its cause (`integration.hub.causes`), how much must be held, and both values."""

    cause: str
    differences: tuple[Difference, ...]
    key: str = ""  # what a person may map, as in "customer:…"
    scope: str = "aggregate"


@dataclass(frozen=True, slots=True)
class Told:
    """One event beside what the hub knows of the things it names."""

    event: Event
    fact: Contract
    known: Mapping[str, Facts] = field(default_factory=dict)  # by name, as in "product:11"
    gone: frozenset[str] = frozenset()

    def facts(self, name: str) -> Facts | None:
        """What is known of a thing; None when nobody has told of it."""
        return self.known.get(name)


def finding(cause: str, *differences: tuple[str, object, object], key: str = "", scope: str = "aggregate") -> Finding:
    """A finding in one line: (field, said, held) triples.

    >>> finding("state", ("state", "shipped", "cancelled")).differences[0].held
    'cancelled'
    """
    return Finding(
        cause, tuple(Difference(name, str(said), str(held)) for name, said, held in differences), key=key, scope=scope
    )
