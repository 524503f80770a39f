from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
UNDO = """
DROP TRIGGER stock_entry_has_goods ON public.ledger_journalentry;
DROP FUNCTION public.stock_check_entry();
"""


class Migration(migrations.Migration):
    """Nothing stands in the inventory account that no goods brought there."""

    dependencies = [("inventory", "0002_rules")]
    operations = [sql.sql_file(SQL / "books.sql", UNDO)]
