"""Who says no currency means the house's own; the tables know no default and stay as they are."""

from django.db import migrations, models

import base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("invoices", "0006_openings"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="invoice",
                    name="currency",
                    field=models.CharField(default=base.fields.house_currency, max_length=3, verbose_name="currency"),
                ),
            ]
        )
    ]
