"""A transaction that stands or falls as one: a refusal undoes all of it, so a verb needs no savepoint there.

Everywhere else a verb rolls back to where it began, and whoever catches its refusal may go on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")
_whole: ContextVar[bool] = ContextVar("whole", default=False)


@contextmanager
def whole() -> Iterator[None]:
    """A transaction in which nobody catches a refusal."""
    with transaction.atomic():
        token = _whole.set(True)
        try:
            yield
        finally:
            _whole.reset(token)


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """As `transaction.atomic`, without a savepoint in a transaction that is `whole`."""

    @wraps(function)
    def done(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(savepoint=not _whole.get()):
            return function(*args, **kwargs)

    return done
