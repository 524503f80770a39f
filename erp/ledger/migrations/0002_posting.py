"""The one way into the books, and the belt behind it."""

from decimal import Decimal
from pathlib import Path

from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
LIMIT = Decimal("99999999999999999.99")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                condition=models.Q(("credit__range", (-LIMIT, LIMIT)), ("debit__range", (-LIMIT, LIMIT))),
                name="line_is_a_number",
            ),
        ),
        sql.append_only("ledger_journalentry"),
        sql.append_only("ledger_journalline"),
        sql.append_only("ledger_periodchange"),
        sql.read_only_for_app("ledger_series"),
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "series.sql"),
        sql.sql_file(SQL / "belt.sql"),
        sql.sql_file(SQL / "guards.sql"),
        sql.sql_file(SQL / "periods.sql"),
    ]
