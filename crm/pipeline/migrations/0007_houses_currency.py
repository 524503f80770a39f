"""Who says no currency means the house's own; the tables know no default and stay as they are."""

from django.db import migrations, models

import base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0006_merges_move_deals"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="deal",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="dealinvoice",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="dealpayment",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="depositreport",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="historicaldeal",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="historicaldepositreport",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="quote",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
            ]
        )
    ]
