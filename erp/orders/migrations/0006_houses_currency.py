"""Who says no currency means the house's own; the tables know no default and stay as they are."""

from django.db import migrations, models

import base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_line_histories"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="historicalorder",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
                migrations.AlterField(
                    model_name="order",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
            ]
        )
    ]
