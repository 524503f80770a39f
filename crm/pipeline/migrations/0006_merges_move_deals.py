"""A won deal follows its account into another one, by a merge that is written down."""

from pathlib import Path

from django.db import migrations

from base.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0005_approvals_and_quotes"), ("accounts", "0005_merges")]

    operations = [sql_file(Path(__file__).resolve().parent.parent / "sql" / "merged.sql")]
