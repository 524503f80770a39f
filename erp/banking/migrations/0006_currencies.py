"""What is foreign is booked at what the bank says it is worth."""

from pathlib import Path

from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0005_houses_currency"),
    ]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="house_amount",
            field=models.DecimalField(
                decimal_places=2,
                help_text="In the currency of the books, where the amount is in another one.",
                max_digits=19,
                null=True,
                verbose_name="booked by the bank",
            ),
        ),
        sql.sql_file(SQL / "currencies.sql"),
    ]
