"""A series that others wait for is let go before the log is on disk; the caller waits for the disk afterwards."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_closed_for_good")]

    operations = [sql.sql_file(SQL / "posting.sql")]
