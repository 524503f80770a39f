"""Documents in another currency than the books', and what of them is settled."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("rates", "0001_initial"),
        ("banking", "0006_currencies"),
        ("invoices", "0007_houses_currency"),
        ("ledger", "0019_houses_currency"),
    ]

    operations = [
        migrations.AddField(
            model_name="allocation",
            name="credit_house",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="of the credit, in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.journalentry",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="house_amount",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="amount in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="house_payable",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="payable in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="rate",
            field=models.DecimalField(decimal_places=10, max_digits=19, null=True, verbose_name="exchange rate"),
        ),
        migrations.AddField(
            model_name="openitem",
            name="house_open",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="open, in the currency of the books"
            ),
        ),
        sql.sql_file(SQL / "currencies.sql"),
    ]
