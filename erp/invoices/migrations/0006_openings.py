"""A payment's rest knows what settled opening items."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("invoices", "0005_rests"), ("openings", "0002_rules")]

    operations = [sql.sql_file(SQL / "openings.sql")]
