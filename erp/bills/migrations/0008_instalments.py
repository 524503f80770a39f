"""What a supplier asks in parts, written as the bill is posted and kept."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("bills", "0007_dimensions")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="by_terms",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Nobody said another day.",
                verbose_name="due by the supplier's terms",
            ),
        )
        for name in ("bill", "historicalbill")
    ] + [
        migrations.CreateModel(
            name="BillInstalment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("due", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="amount")),
                ("until", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="up to this day")),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="bills.bill",
                        verbose_name="bill",
                    ),
                ),
            ],
            options={
                "verbose_name": "instalment of a bill",
                "verbose_name_plural": "instalments of bills",
                "ordering": ["bill_id", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("bill", "position"), name="bill_instalment_position_once"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="bill_instalment_positive"),
                ],
            },
        ),
        sql.append_only("bills_billinstalment", app_inserts=True),
        sql.sql_file(SQL / "instalments.sql"),
    ]
