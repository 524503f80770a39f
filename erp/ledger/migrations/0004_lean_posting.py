"""Posting asks the same in fewer statements, most of all while its series waits."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_narrow_indexes")]

    operations = [
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "series.sql"),
        sql.sql_file(SQL / "belt.sql"),
        # Room in the page for the versions of a counter: the old ones are cleared away as it is read.
        migrations.RunSQL("ALTER TABLE public.ledger_series SET (fillfactor = 20)", migrations.RunSQL.noop),
    ]
