"""Posting asks less of the server: accounts once in the belt, what is wrong only when something is, one round trip."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_charts")]

    operations = [
        sql.sql_file(SQL / "belt.sql"),
        sql.sql_file(SQL / "posting.sql"),
        migrations.RunSQL("DROP FUNCTION IF EXISTS public.ledger_lock_key(uuid, text)", migrations.RunSQL.noop),
    ]
