"""The locations everybody has, the one way goods move, and the belt behind it."""

from pathlib import Path
from typing import Any

from django.db import migrations

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
LOCATIONS = [
    ("MAIN", "Main warehouse", True),
    ("SUPPLIER", "Suppliers", False),
    ("CUSTOMER", "Customers", False),
    ("SCRAP", "Scrap", False),
    ("ADJUST", "Counting differences", False),
]


def make_locations(apps: Any, schema_editor: Any) -> None:
    location = apps.get_model("inventory", "Location")
    location.objects.bulk_create(
        location(code=code, name=name, internal=internal) for code, name, internal in LOCATIONS
    )


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("ledger", "0002_posting"), ("products", "0001_initial")]

    operations = [
        migrations.RunPython(make_locations, migrations.RunPython.noop),
        sql.append_only("inventory_stockmove"),
        sql.read_only_for_app("inventory_stockbalance"),
        sql.read_only_for_app("inventory_stockreservation"),
        sql.sql_file(SQL / "stock.sql"),
    ]
