"""Bills in another currency than the books'."""

from pathlib import Path

from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("rates", "0001_initial"),
        ("banking", "0006_currencies"),
        ("bills", "0005_houses_currency"),
    ]

    operations = [
        migrations.AddField(
            model_name="bill",
            name="house_open",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="open, in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="house_payable",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="to pay, in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="rate",
            field=models.DecimalField(decimal_places=10, max_digits=19, null=True, verbose_name="exchange rate"),
        ),
        migrations.AddField(
            model_name="billpayment",
            name="house_amount",
            field=models.DecimalField(
                decimal_places=2,
                help_text="What a foreign bill was worth there.",
                max_digits=19,
                null=True,
                verbose_name="amount in the currency of the books",
            ),
        ),
        migrations.AddField(
            model_name="historicalbill",
            name="house_open",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="open, in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="historicalbill",
            name="house_payable",
            field=models.DecimalField(
                decimal_places=2, max_digits=19, null=True, verbose_name="to pay, in the currency of the books"
            ),
        ),
        migrations.AddField(
            model_name="historicalbill",
            name="rate",
            field=models.DecimalField(decimal_places=10, max_digits=19, null=True, verbose_name="exchange rate"),
        ),
        sql.sql_file(SQL / "currencies.sql"),
    ]
