"""Opening stock stands against the account of opening balances, and not as goods that somebody has yet to bill."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_value_told")]
    operations = [sql.sql_file(SQL / "opening.sql")]
