"""Histories: `simple_history`, which would make the class of a history's manager anew at each look at it."""

from functools import cache
from typing import Any

from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords as LibrarysRecords


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
