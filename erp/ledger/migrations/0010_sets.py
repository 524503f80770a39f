"""Entries are posted in sets too: what a statement brings is asked once, however many entries it has."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
_ROW_BY_ROW = """
DROP TRIGGER IF EXISTS ledger_entry_guard ON public.ledger_journalentry;
DROP TRIGGER IF EXISTS ledger_entry_check ON public.ledger_journalentry;
DROP FUNCTION IF EXISTS public.ledger_guard_entry();
DROP FUNCTION IF EXISTS public.ledger_check_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_let_go_early")]

    operations = [
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "series.sql"),
        sql.sql_file(SQL / "belt.sql"),
        sql.sql_file(SQL / "guards.sql"),
        migrations.RunSQL(_ROW_BY_ROW, migrations.RunSQL.noop),
        sql.sql_file(SQL / "sets.sql"),
    ]
