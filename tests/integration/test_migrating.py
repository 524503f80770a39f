"""Migrations that render little say to the database what Django's own say."""

import contextlib
import re

import pytest
from django.db import connection
from django.db.migrations import operations
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, TextField

from base.migrating import _reads_its_own, rendering_little

NOW = re.compile(r"'[^']*'::timestamptz")


def statements(how: contextlib.AbstractContextManager[None]) -> list[str]:
    """All that an empty database is told."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    with how:
        told = executor.loader.collect_sql(plan)
    return [NOW.sub("now", statement) for statement in told]


@pytest.mark.django_db
def test_an_empty_database_is_told_the_same():
    told = statements(rendering_little())

    assert len(told) > 500
    assert told == statements(contextlib.nullcontext())


def test_what_reads_other_models_is_rendered_in_full():
    whole = [
        operations.RenameModel("Deal", "Opportunity"),
        operations.RenameField("deal", "won_at", "closed_at"),
        operations.AlterField("deal", "code", CharField(max_length=9, unique=True)),
        operations.RunSQL("", state_operations=[operations.DeleteModel("Deal")]),
    ]
    own = [operations.AlterField("deal", "text", TextField()), operations.RunSQL("SELECT 1")]

    assert [_reads_its_own(one) for one in [*whole, *own]] == [False] * 4 + [True] * 2
