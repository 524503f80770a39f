"""The present state, told again as history: for a route that is switched on later, and starts with what is there.

A domain registers what it can tell in its module `snapshots`; each fact is an ordinary event of its aggregate, marked
as backfill, so that nobody gets a notice of it and what follows from it is marked too.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import transaction

from base import context
from integration.contracts import Contract
from integration.outbox.emitting import emit

# Locks one aggregate and says what stands there now; nothing when it is not to be told.
Tell = Callable[[Any], Iterable[Contract]]
Keys = Callable[[], Iterator[Any]]
_KNOWN: dict[str, tuple[Keys, Tell]] = {}


def snapshot_of(name: str, keys: Keys) -> Callable[[Tell], Tell]:
    """Register how a domain's aggregates are told: the keys of all, and the facts of one."""

    def register(tell: Tell) -> Tell:
        _KNOWN[name] = (keys, tell)
        return tell

    return register


def names() -> list[str]:
    """What this side can tell."""
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.snapshots") and not config.name.startswith("integration."):
            import_module(f"{config.name}.snapshots")
    return sorted(_KNOWN)


def tell(name: str) -> int:
    """Tell all of it, each aggregate in a transaction of its own; how many events."""
    keys, facts_of = _KNOWN[name]
    count = 0
    with context.telling_history():
        for key in keys():
            with transaction.atomic():
                for fact in facts_of(key):
                    emit(fact)
                    count += 1
    return count
