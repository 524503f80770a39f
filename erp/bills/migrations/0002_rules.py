"""A posted bill stays; a payment takes no more than is open."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("bills", "0001_initial"), ("banking", "0003_rests"), ("tax", "0005_packs")]

    operations = [
        sql.append_only("bills_billpayment"),
        sql.sql_file(SQL / "bills.sql"),
    ]
