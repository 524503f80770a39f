"""What was just written is known: a record shows its rows without asking the database for them again."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model


def remember(record: Model, relation: str, rows: Sequence[Model]) -> None:
    """Give the record the rows of this relation, as if they had been prefetched; they must be all there are."""
    written: Any = record
    known = getattr(written, relation).all()
    known._result_cache, known._prefetch_done = list(rows), True
    prefetched = written.__dict__.setdefault("_prefetched_objects_cache", {})
    prefetched[relation] = known
