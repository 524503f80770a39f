"""What a customer paid too much is used or paid back once."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("invoices", "0004_document_stays"), ("banking", "0003_rests")]

    operations = [sql.sql_file(SQL / "rests.sql")]
