"""The one way to issue, and the belt behind it."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial"), ("banking", "0002_rules"), ("ledger", "0002_posting")]

    operations = [
        sql.append_only("invoices_invoice"),
        sql.append_only("invoices_invoiceline"),
        sql.append_only("invoices_allocation"),
        sql.read_only_for_app("invoices_openitem"),
        sql.read_only_for_app("invoices_numberseries"),
        sql.sql_file(SQL / "issue.sql"),
        sql.sql_file(SQL / "guards.sql"),
    ]
