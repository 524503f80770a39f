"""Migrations without downtime: what would lock a table in use, or break the code that still runs on it, is refused.

Migrations up to the baseline made the first release's tables, when nothing ran on them. A newer one may do what is
listed here only if its module says why that is safe: `SAFE = {"RemoveField order.note": "nobody reads it since 0007"}`.
A release moves the baseline: `python -m deploy.baseline RELEASE`.
"""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from deploy import baseline

BASELINE = Path(__file__).with_name("migrations_baseline.json")
OURS = ("crm.", "erp.", "integration.", "base.")


def ours() -> set[str]:
    return {app.label for app in apps.get_app_configs() if app.name.startswith(OURS)}


def dangers(operation: Operation, made_here: set[str]) -> Iterator[str]:
    """What makes the operation unsafe on a table in use; `made_here` are tables of the same migration, empty yet."""
    kind = type(operation).__name__
    table = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
    if table in made_here:
        return
    if isinstance(operation, migrations.RemoveField | migrations.RenameField | migrations.DeleteModel
                  | migrations.RenameModel | migrations.AlterModelTable):  # fmt: skip
        what = getattr(operation, "old_name", getattr(operation, "name", ""))
        yield f"{kind} {table}.{what}: the running code still uses it; leave it to the release after"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        has_default = (
            field.has_default() or getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        )
        many = isinstance(field, models.ManyToManyField)
        if not (field.null or many) and getattr(field, "db_default", models.NOT_PROVIDED) is models.NOT_PROVIDED:
            how = "the running code does not fill it" if has_default else "rows exist already"
            yield f"AddField {table}.{operation.name}: NOT NULL without db_default, {how}"
        if field.unique and not field.primary_key:
            yield f"AddField {table}.{operation.name}: builds a unique index under a lock"
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield f"AddIndex {table}.{operation.index.name}: locks writes; use AddIndexConcurrently with atomic = False"
    if isinstance(operation, migrations.AlterField):
        yield f"AlterField {table}.{operation.name}: may rewrite or scan the table under a lock"
    if isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield f"AddConstraint {table}.{operation.constraint.name}: scans under a lock; add it NOT VALID, then validate"


def findings(label: str, name: str, migration: migrations.Migration) -> list[str]:
    safe = getattr(importlib.import_module(migration.__module__), "SAFE", {})
    made = {op.name.lower() for op in migration.operations if isinstance(op, migrations.CreateModel)}
    found = [danger for operation in migration.operations for danger in dangers(operation, made)]
    return [f"{label}.{name}: {one}" for one in found if one.partition(":")[0] not in safe]


def newer() -> list[tuple[str, str, migrations.Migration]]:
    told = json.loads(BASELINE.read_text())
    if told["release"] is None:  # nothing was released yet: no code runs on tables that are still being made
        return []
    known = told["migrations"][settings.SIDE]
    loader = MigrationLoader(None)
    return [
        (label, name, migration)
        for (label, name), migration in sorted(loader.disk_migrations.items())
        if label in ours() and name > known.get(label, "")
    ]


def test_migrations_since_the_baseline_lock_nothing_and_take_nothing_away():
    assert [line for label, name, migration in newer() for line in findings(label, name, migration)] == []


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.RemoveField("order", "note"), "RemoveField order.note"),
        (migrations.RenameField("order", "note", "remark"), "RenameField order.note"),
        (migrations.DeleteModel("Order"), "DeleteModel order.Order"),
        (migrations.AddField("order", "note", models.TextField()), "AddField order.note: NOT NULL"),
        (migrations.AddField("order", "note", models.TextField(default="")), "AddField order.note: NOT NULL"),
        (migrations.AddIndex("order", models.Index(fields=["note"], name="by_note")), "AddIndex order.by_note"),
        (migrations.AlterField("order", "note", models.TextField()), "AlterField order.note"),
        (
            migrations.AddConstraint("order", models.CheckConstraint(condition=models.Q(pk__gt=0), name="some")),
            "AddConstraint order.some",
        ),
    ],
)
def test_what_is_unsafe_is_named(operation, words):
    assert [one for one in dangers(operation, set()) if one.startswith(words)] != []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("order", "note", models.TextField(null=True)),
        migrations.AddField("order", "note", models.TextField(default="", db_default="")),
        migrations.RunSQL("SELECT 1"),
        AddIndexConcurrently("order", models.Index(fields=["note"], name="by_note")),
        AddConstraintNotValid("order", models.CheckConstraint(condition=models.Q(pk__gt=0), name="some")),
    ],
)
def test_what_only_adds_is_let_through(operation):
    assert list(dangers(operation, set())) == []


def test_a_table_that_the_same_migration_makes_may_be_shaped_freely():
    index = migrations.AddIndex("order", models.Index(fields=["note"], name="by_note"))

    assert list(dangers(index, {"order"})) == []


def test_after_a_release_only_what_came_later_is_looked_at(tmp_path, monkeypatch):
    before_everything = dict.fromkeys(ours(), "")
    today = baseline.newest()[settings.SIDE]
    for name, known, expected in (("early", before_everything, True), ("late", today, False)):
        file = tmp_path / name
        file.write_text(json.dumps({"release": "0.1.0", "migrations": {settings.SIDE: known}}))
        monkeypatch.setattr("tests.shape.test_migrations.BASELINE", file)

        assert bool(newer()) is expected
