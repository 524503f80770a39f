"""Histories: `simple_history`, which would make the class of a history's manager anew at each look at it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone
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


_KEEP = """INSERT INTO {history} ({columns}, history_date, history_change_reason, history_type, {by})
SELECT {columns}, %s, %s, '+', %s FROM {table} JOIN unnest(%s::{key_type}[]) WITH ORDINALITY AS made (key, place)
  ON {key} = made.key
ORDER BY made.place"""


def keep_made(rows: Iterable[Model]) -> None:
    """The history of rows that a person made in bulk, which tells no signal: one statement for all of them, which takes
    the rows as they stand in the table.

    A query set's `delete()` writes the history of what it takes away by itself.
    """
    made = list(rows)
    if not made:
        return
    model = type(made[0])
    history: Any = model.history.model  # type: ignore[attr-defined]  # simple_history's
    user = history.get_default_history_user(made[0])
    quote: Any = connection.ops.quote_name
    key = model._meta.pk
    statement = _KEEP.format(
        history=quote(history._meta.db_table),
        columns=", ".join(quote(field.column) for field in history.tracked_fields),
        by=quote(history._meta.get_field("history_user").column),
        table=quote(model._meta.db_table),
        key=quote(key.column),
        key_type=key.rel_db_type(connection),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [timezone.now(), why_now(user), user.pk if user else None, [row.pk for row in made]])
