"""What an invoice asks in parts, written with it and kept."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("invoices", "0008_currencies")]

    operations = [
        migrations.CreateModel(
            name="Instalment",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("due", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="amount")),
                ("until", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="up to this day")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="instalments", to="invoices.invoice"
                    ),
                ),
            ],
            options={
                "verbose_name": "instalment",
                "verbose_name_plural": "instalments",
                "ordering": ("invoice_id", "position"),
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "position"), name="instalment_position_once"),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="instalment_amount_positive"),
                ],
            },
        ),
        sql.append_only("invoices_instalment"),
        sql.sql_file(SQL / "instalments.sql"),
    ]
