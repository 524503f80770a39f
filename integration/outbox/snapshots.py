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
# The key of one by the name it has on the wire, as in `product:CHAIR` the CHAIR; None when it is not to be told.
Find = Callable[[str], Any]
_KNOWN: dict[str, tuple[Keys, Tell]] = {}
_FOUND: dict[str, tuple[Find, Tell]] = {}


def snapshot_of(name: str, keys: Keys, noun: str = "", find: Find | None = None) -> Callable[[Tell], Tell]:
    """Register how a domain's aggregates are told: the keys of all, the facts of one, and how one is found by name."""

    def register(tell: Tell) -> Tell:
        _KNOWN[name] = (keys, tell)
        if find is not None:
            _FOUND[noun] = (find, tell)
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
    return sum(_tell(facts_of, key) for key in keys())


def tell_one(about: str) -> int:
    """Tell one aggregate by its partition key; how many events, none when there is nothing of that name to tell."""
    names()
    noun, _colon, key = about.partition(":")
    if noun not in _FOUND:
        return 0
    find, facts_of = _FOUND[noun]
    found = find(key)
    return 0 if found is None else _tell(facts_of, found)


def _tell(facts_of: Tell, key: Any) -> int:
    count = 0
    with context.telling_history(), transaction.atomic():
        for fact in facts_of(key):
            emit(fact)
            count += 1
    return count
