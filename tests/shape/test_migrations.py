"""Migrations without downtime: what would lock a table in use, or break the code that still runs on it, is refused.

Migrations up to the baseline made the first release's tables, when nothing ran on them. A newer one may do what is
listed here only if its module says why that is safe: `SAFE = {"RemoveField order.note": "nobody reads it since 0007"}`.
A release moves the baseline: `python -m deploy.baseline RELEASE`.
"""

import importlib
import json
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from deploy import baseline
from tests.shape.downtime import dangers, held_together

BASELINE = Path(__file__).with_name("migrations_baseline.json")
OURS = ("crm.", "erp.", "integration.", "base.")


def ours() -> set[str]:
    return {app.label for app in apps.get_app_configs() if app.name.startswith(OURS)}


def findings(label: str, name: str, migration: migrations.Migration) -> list[str]:
    safe = getattr(importlib.import_module(migration.__module__), "SAFE", {})
    made = {op.name.lower() for op in migration.operations if isinstance(op, migrations.CreateModel)}
    found = [danger for operation in migration.operations for danger in dangers(operation, made)]
    found += held_together(migration.operations, migration.atomic, made)
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
        (migrations.AddField("order", "note", models.TextField(null=True, unique=True)), "AddField order.note: builds"),
        (
            migrations.AddField("order", "note", models.TextField(null=True, db_index=True)),
            "AddField order.note: builds",
        ),
        (
            migrations.AddField("order", "rep", models.ForeignKey("orders.rep", models.PROTECT, null=True)),
            "AddField order.rep: builds",
        ),
        (migrations.RemoveIndex("order", "by_note"), "RemoveIndex order.by_note"),
        (migrations.AlterUniqueTogether("order", {("note", "rep")}), "AlterUniqueTogether order"),
        (migrations.SeparateDatabaseAndState([migrations.RemoveField("order", "note")]), "RemoveField order.note"),
        (migrations.RunSQL("DROP TABLE IF EXISTS public.orders_order"), "RunSQL orders_order.DROP TABLE"),
        (migrations.RunSQL("ALTER TABLE public.orders_order DROP COLUMN note"), "RunSQL orders_order.DROP COLUMN"),
        (migrations.RunSQL('ALTER TABLE "orders_order" DROP note'), "RunSQL orders_order.DROP COLUMN"),
        (migrations.RunSQL("ALTER TABLE orders_order RENAME note TO remark"), "RunSQL orders_order.RENAME"),
        (
            migrations.RunSQL("alter table orders_order alter column note set not null"),
            "RunSQL orders_order.SET NOT NULL",
        ),
        (migrations.RunSQL("ALTER TABLE orders_order ALTER note TYPE varchar(9)"), "RunSQL orders_order.TYPE"),
        (
            migrations.RunSQL("ALTER TABLE orders_order ADD note text NOT NULL"),
            "RunSQL orders_order.ADD COLUMN NOT NULL",
        ),
        (
            migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT some CHECK (id > 0)"),
            "RunSQL orders_order.ADD CON",
        ),
        (
            migrations.RunSQL(["SELECT 1", "CREATE INDEX by_note ON orders_order (note)"]),
            "RunSQL orders_order.CREATE INDEX",
        ),
        (migrations.RunSQL([("TRUNCATE orders_order", None)]), "RunSQL orders_order.TRUNCATE"),
        (migrations.RunSQL("LOCK TABLE orders_order IN EXCLUSIVE MODE"), "RunSQL orders_order.LOCK TABLE"),
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
        RemoveIndexConcurrently("order", "by_note"),
        migrations.AddField("order", "rep", models.ForeignKey("orders.rep", models.PROTECT, null=True, db_index=False)),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "note")]),
        migrations.RunSQL("CREATE UNIQUE INDEX CONCURRENTLY by_note ON orders_order (note)"),
        migrations.RunSQL("ALTER TABLE orders_order ADD note text NOT NULL DEFAULT ''"),
        migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT some CHECK (id > 0) NOT VALID"),
        migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT some UNIQUE USING INDEX by_note"),
        migrations.RunSQL(
            "CREATE TRIGGER stays BEFORE TRUNCATE ON orders_order EXECUTE FUNCTION public.refuse_change()"
        ),
        migrations.RunSQL("ALTER TABLE orders_order DROP CONSTRAINT some, ALTER note DROP NOT NULL"),
        migrations.RunSQL("-- DROP TABLE orders_order;\nSELECT 'DROP TABLE orders_order'"),
        migrations.RunSQL("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $fn$ TRUNCATE orders_order $fn$"),
    ],
)
def test_what_only_adds_is_let_through(operation):
    assert list(dangers(operation, set())) == []


def test_a_table_that_the_same_migration_makes_may_be_shaped_freely():
    index = migrations.AddIndex("order", models.Index(fields=["note"], name="by_note"))

    assert list(dangers(index, {"order"})) == []


FIELD = migrations.AddField("order", "note", models.TextField(null=True))
NOT_VALID = AddConstraintNotValid("order", models.CheckConstraint(condition=models.Q(pk__gt=0), name="some"))
LOOKED_AT = ValidateConstraint("order", "some")
FILLED = migrations.RunSQL("UPDATE orders_order SET note = ''")


@pytest.mark.parametrize(
    ("operations", "atomic", "words"),
    [
        ([NOT_VALID, LOOKED_AT], True, ["ValidateConstraint order.some"]),
        ([LOOKED_AT], True, []),
        ([NOT_VALID, LOOKED_AT], False, []),
        ([FIELD, FILLED], True, ["RunSQL after order"]),
        ([FIELD, migrations.RunPython(migrations.RunPython.noop)], True, ["RunPython after order"]),
        ([migrations.RunSQL("ALTER TABLE orders_order ADD note text"), FILLED], True, ["RunSQL after a table"]),
        ([FIELD, FILLED], False, []),
        ([FILLED], True, []),
    ],
)
def test_what_locks_a_table_does_not_wait_for_its_rows_as_well(operations, atomic, words):
    assert [one.partition(":")[0] for one in held_together(operations, atomic, set())] == words


def test_after_a_release_only_what_came_later_is_looked_at(tmp_path, monkeypatch):
    before_everything = dict.fromkeys(ours(), "")
    today = baseline.newest()[settings.SIDE]
    for name, known, expected in (("early", before_everything, True), ("late", today, False)):
        file = tmp_path / name
        file.write_text(json.dumps({"release": "0.1.0", "migrations": {settings.SIDE: known}}))
        monkeypatch.setattr("tests.shape.test_migrations.BASELINE", file)

        assert bool(newer()) is expected
