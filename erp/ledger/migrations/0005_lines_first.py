"""An entry's lines are written before its number is taken, so that the series waits for less."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_lean_posting")]

    operations = [
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "belt.sql"),
    ]
