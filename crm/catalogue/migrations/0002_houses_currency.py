"""Who says no currency means the house's own; the tables know no default and stay as they are."""

from django.db import migrations, models

import base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="historicalpriceversion",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="priceversion",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
            ]
        )
    ]
