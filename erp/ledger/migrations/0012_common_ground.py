"""Who posts shares one lock on what entries rest on, instead of locking accounts and journals row by row."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0011_once_per_statement"),
    ]

    operations = [sql.sql_file(SQL / name) for name in ("belt.sql", "guards.sql", "posting.sql", "sets.sql")]
