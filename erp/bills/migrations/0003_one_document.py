"""A payment settles a bill or an opening item, and not both."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("bills", "0002_rules"), ("openings", "0002_rules")]

    operations = [sql.sql_file(SQL / "one_document.sql")]
