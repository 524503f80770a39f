"""Who does it, for which request and which business chain: set once at the door, read where it is written down.

Kept in context variables, so that services need not hand a user and three ids from one to the next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
actor: ContextVar[str] = ContextVar("actor", default="")
correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
causation_id: ContextVar[str] = ContextVar("causation_id", default="")
# History is being told again: what follows from it is history too, and nobody is to be told of it as news.
backfill: ContextVar[bool] = ContextVar("backfill", default=False)
reason: ContextVar[str] = ContextVar("reason", default="")
# Through which door it came, when not by a person on a page: the wire, an import, a token.
via: ContextVar[str] = ContextVar("via", default="")
# What was read once and holds for the rest of this request; outside of one everything is read anew.
known: ContextVar[dict[Any, Any] | None] = ContextVar("known", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Inside the block, which is one request, what stands in `known` need not be read again."""
    token = known.set({})
    try:
        yield
    finally:
        known.reset(token)


@contextmanager
def telling_history(yes: bool = True) -> Iterator[None]:
    """Inside the block nobody gets a notice or a webhook, and what is told is marked as history told again."""
    token = backfill.set(yes)
    try:
        yield
    finally:
        backfill.reset(token)


@contextmanager
def acting(
    name: str | None = None,
    *,
    request: str | None = None,
    correlation: str | None = None,
    causation: str | None = None,
    through: str | None = None,
) -> Iterator[None]:
    """Do the block as `name`, inside the given chain; what is not given stays as it was."""
    pairs = (
        (actor, name),
        (request_id, request),
        (correlation_id, correlation),
        (causation_id, causation),
        (via, through),
    )
    tokens = [(variable, variable.set(value)) for variable, value in pairs if value is not None]
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


@contextmanager
def because(why: str) -> Iterator[None]:
    """Do the block for this reason: the histories of what it changes say so."""
    token = reason.set(why[:100])
    try:
        yield
    finally:
        reason.reset(token)
