"""Pieces of a page that are the same from one request to the next, kept in the process' memory.

`{% kept "palette" shell_key %}…{% endkept %}` writes its body once for each key. The key must hold everything that the
body reads, besides what is always part of it: the language and the address patterns. What differs by request stays
outside, or is a key: the number of unread notices, the user's name, the page's place in the navigation.

A page's CSRF token is never kept: `{% csrf_field %}` leaves a hole that is filled for each request. Nothing here is
told of a change in the database: rights, names and settings are read anew by every request and are keys, so that a
change is seen by the next one. The memory is bounded; what was not asked for longest goes first.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import get_urlconf
from django.utils import translation

Value = TypeVar("Value")
PIECES_MAX = 2_000
LENGTH_MAX = 60_000  # characters of a piece; a longer one is cheaper to write than to keep
_ALL: list["Memory[Any]"] = []


class Memory(Generic[Value]):
    """The values used last, at most so many; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()
        _ALL.append(self)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Value | None:
        """What is kept under the key, which is thereby the last to go."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: Value) -> Value:
        """Keep it; the one unused longest makes room."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return value

    def made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What is kept, or made now."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


PIECES: Memory[str] = Memory(PIECES_MAX)
HOLE = "\0csrf\0"


def surroundings() -> tuple[Hashable, ...]:
    """What any text of a page depends on, whatever else it does."""
    return (translation.get_language(), get_urlconf() or settings.ROOT_URLCONF)


def piece(name: str, key: tuple[Hashable, ...], write: Callable[[], str], token_field: Callable[[], str]) -> str:
    """The piece of this name for this key, with this request's token in its forms.

    While templates are being worked on (DEBUG), nothing is kept.
    """
    if settings.DEBUG:
        return write()
    whole_key = (name, *surroundings(), *key)
    text = PIECES.get(whole_key)
    if text is None:
        told = write()
        text = told.replace(token_field(), HOLE) if "csrfmiddlewaretoken" in told else told
        assert "csrfmiddlewaretoken" not in text, f"the piece {name} holds a token that is no csrf_field"
        if len(text) <= LENGTH_MAX:
            PIECES.put(whole_key, text)
    return text.replace(HOLE, token_field()) if HOLE in text else text


def forget_all(**_told: Any) -> None:
    """Receiver of `setting_changed`: under other settings everything may look different."""
    for memory in _ALL:
        memory.clear()


setting_changed.connect(forget_all)
