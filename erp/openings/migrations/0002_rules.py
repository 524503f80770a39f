"""Opening items stay as they came, and are never settled beyond what is open."""

from pathlib import Path

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("openings", "0001_initial"), ("bills", "0002_rules"), ("invoices", "0005_rests")]

    operations = [
        sql.append_only("openings_openingline", app_inserts=True),
        sql.append_only("openings_openingallocation", app_inserts=True),
        sql.sql_file(SQL / "openings.sql"),
    ]
