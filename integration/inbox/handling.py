"""Which function takes which contract; a handler translates an event into one service call, nothing more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from integration.contracts import Contract


@dataclass(frozen=True, slots=True)
class EventMeta:
    """What surrounds the fact: which event told it, and when it happened."""

    id: UUID
    time: datetime
    partition_key: str
    correlation_id: str
    replay: bool = False
    backfill: bool = False

    @property
    def quiet(self) -> bool:
        """Old news: it has its effect, but nobody gets a notice or a webhook of it, nor of what follows from it.

        A replay comes of a route that is switched on later; what a person takes up again is as new as it was.
        """
        return self.replay or self.backfill


Handler = Callable[[Any, EventMeta], None]
_HANDLERS: dict[str, Handler] = {}
Fact = TypeVar("Fact", bound=Contract)


class Awaiting(Exception):
    """The event depends on another aggregate that has not been seen yet; it waits, at most a minute."""


def handles(contract: type[Fact]) -> Callable[[Callable[[Fact, EventMeta], None]], Callable[[Fact, EventMeta], None]]:
    """Register the one handler of a contract on this side."""

    def register(handler: Callable[[Fact, EventMeta], None]) -> Callable[[Fact, EventMeta], None]:
        known = _HANDLERS.get(contract.type)
        assert known is None or known.__qualname__ == handler.__qualname__, f"{contract.type} is handled twice"
        _HANDLERS[contract.type] = handler
        return handler

    return register


def handler_of(type_name: str) -> Handler | None:
    """The handler of a contract type, if this side has one."""
    return _HANDLERS.get(type_name)
