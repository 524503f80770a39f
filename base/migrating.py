"""Migrations that do not render the whole project anew at each of their steps.

For a step Django makes the changed model's historical class anew, and those of all models related to it, however far.
Every record knows who changed it, so all models are related through the user: hundreds of classes at hundreds of steps,
which took most of the time in which an empty database was filled. A step that changes a table reads its own model's
class only. Whatever reads others' too (Python that queries, a rename, another type of a key) finds all of them made
anew before, as Django does itself after steps that it calls delayed.
"""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# They read no other model's class; RunPython asks for all of them itself.
READ_THEIR_OWN = (
    operations.CreateModel, operations.AddField, operations.RemoveField, operations.AlterField, operations.AddIndex,
    operations.RemoveIndex, operations.AddConstraint, operations.RemoveConstraint, operations.AlterModelOptions,
    operations.AlterModelManagers, operations.RunSQL, operations.RunPython,
)  # fmt: skip


@contextlib.contextmanager
def rendering_little() -> Iterator[None]:
    """Migrations applied meanwhile make only those classes anew that somebody will read."""
    apply, find = Migration.apply, ProjectState._find_reload_model  # type: ignore[attr-defined]
    little = False

    def apply_rendering_little(migration: Migration, state: Any, editor: Any, collect_sql: bool = False) -> Any:
        nonlocal little
        little = all(map(_reads_its_own, migration.operations))
        if not little:
            state.clear_delayed_apps_cache()
        return apply(migration, state, editor, collect_sql)

    def find_little(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        if not little:
            found: set[tuple[str, str]] = find(state, app_label, model_name, delay)
            return found
        state.is_delayed = True
        return {(app_label, model_name)}

    with (
        patch.object(Migration, "apply", apply_rendering_little),
        patch.object(ProjectState, "_find_reload_model", find_little),
    ):
        yield


def _reads_its_own(operation: Operation) -> bool:
    if isinstance(operation, operations.RunSQL):
        return all(map(_reads_its_own, operation.state_operations))
    if isinstance(operation, operations.AlterField) and operation.field.unique:
        return False  # other tables' keys may have to follow its type
    return isinstance(operation, READ_THEIR_OWN)
