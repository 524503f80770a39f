"""Which fields of records a function reads, so that a declaration of them can be held against it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import models

Field = tuple[str, str]


@contextmanager
def reads(*kinds: type[models.Model]) -> Iterator[set[Field]]:
    """What is read of these models' own columns meanwhile; a relation counts by what is read of the other end."""
    read: set[Field] = set()
    columns = {kind: {field.attname for field in kind._meta.concrete_fields} for kind in kinds}
    plain: dict[type[models.Model], Any] = {kind: kind.__dict__.get("__getattribute__") for kind in kinds}

    def watched(record: Any, name: str) -> Any:
        if name in columns[type(record)]:
            read.add((type(record).__name__, name))
        return object.__getattribute__(record, name)

    for kind in kinds:
        kind.__getattribute__ = watched  # type: ignore[assignment]
    try:
        yield read
    finally:
        for kind, before in plain.items():
            assert before is None
            del kind.__getattribute__


def read_by(function: Any, *told: Any) -> set[Field]:
    """The columns of any record of ours that the function reads, but those of whoever asks."""
    kinds = [
        kind for kind in apps.get_models() if kind.__module__.startswith(("crm.", "erp.")) and not kind._meta.proxy
    ]
    with reads(*(kind for kind in kinds if kind._meta.app_label != "access")) as read:
        function(*told)
    return set(read)
