"""Histories: `simple_history`, which would make the class of a history's manager anew at each look at it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import Model
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords as LibrarysRecords

from base import context

LENGTH = 100


class KeptManager(HistoryManager):
    """Its class is made once per kind of query, not with each record that is saved."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        return super().from_queryset(queryset_class, class_name)


class HistoricalRecords(LibrarysRecords):
    """The history of a model: `history = HistoricalRecords()`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"history_manager": KeptManager, **options})


def why_now(user: Any = None) -> str | None:
    """The reason of what is being done, as a history keeps it; the door in brackets before it, if it was no page."""
    told = context.reason.get()
    door = context.via.get() or ("" if user else context.actor.get())
    # A reason that begins like a door is none: it stands behind an empty one.
    words = f"[{door}] {told}".strip() if door or told.startswith("[") else told
    return words[:LENGTH] or None


def keep_made(rows: Iterable[Model]) -> None:
    """The history of rows that a person made in bulk, which tells no signal: one statement for all of them.

    A query set's `delete()` writes the history of what it takes away by itself.
    """
    made = list(rows)
    if made:
        history: Any = type(made[0]).history  # type: ignore[attr-defined]  # simple_history's
        user = history.model.get_default_history_user(made[0])
        history.bulk_history_create(made, default_user=user, default_change_reason=why_now(user))
