"""Who says no currency means the house's own; the tables know no default and stay as they are."""

from django.db import migrations, models

import base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("banking", "0004_rests_found"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="deposit",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="historicaldeposit",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="receipt",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
            ]
        )
    ]
