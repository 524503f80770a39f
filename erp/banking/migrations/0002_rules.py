"""Receipts are written once; their numbers."""

from pathlib import Path

from django.db import migrations

from base import numbering, sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("banking", "0001_initial")]

    operations = [
        numbering.sequence("banking_receipt_number"),
        numbering.sequence("banking_refund_number"),
        sql.append_only("banking_receipt"),
        sql.sql_file(SQL / "receipts.sql"),
    ]
