from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("rates", "0001_initial"),
        ("openings", "0002_rules"),
        ("bills", "0006_currencies"),
        ("invoices", "0008_currencies"),
        ("ledger", "0019_houses_currency"),
    ]

    operations = [
        migrations.CreateModel(
            name="Revaluation",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("recorded_by", models.CharField(blank=True, default="", max_length=150, verbose_name="recorded by")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                        verbose_name="entry",
                    ),
                ),
                (
                    "reversal",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                        verbose_name="taken back by",
                    ),
                ),
            ],
            options={
                "verbose_name": "revaluation",
                "verbose_name_plural": "revaluations",
                "ordering": ("-day", "-id"),
            },
        ),
        migrations.CreateModel(
            name="RevaluationLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField(verbose_name="line")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("open_amount", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="open")),
                ("rate", models.DecimalField(decimal_places=10, max_digits=19, verbose_name="exchange rate")),
                ("before", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="worth before")),
                ("after", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="worth after")),
                (
                    "bill",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revaluations",
                        to="bills.bill",
                        verbose_name="bill",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revaluations",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "revaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="revaluation.revaluation",
                        verbose_name="revaluation",
                    ),
                ),
            ],
            options={
                "verbose_name": "revalued item",
                "verbose_name_plural": "revalued items",
                "ordering": ("revaluation", "position"),
            },
        ),
        migrations.AddIndex(
            model_name="revaluation",
            index=models.Index(fields=["company", "-day"], name="revaluation_by_day"),
        ),
        migrations.AddConstraint(
            model_name="revaluationline",
            constraint=models.UniqueConstraint(fields=("revaluation", "position"), name="revaluation_position_once"),
        ),
        migrations.AddConstraint(
            model_name="revaluationline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("invoice__isnull", False)),
                fields=("revaluation", "invoice"),
                name="revalued_invoice_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="revaluationline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("bill__isnull", False)), fields=("revaluation", "bill"), name="revalued_bill_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revaluationline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bill__isnull", False), ("invoice", None)),
                    models.Q(("bill", None), ("invoice__isnull", False)),
                    _connector="OR",
                ),
                name="revalued_is_one_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="revaluationline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after__gte", 0),
                    ("before__gte", 0),
                    ("open_amount__gt", 0),
                    ("rate__gt", 0),
                    models.Q(("before", models.F("after")), _negated=True),
                ),
                name="revaluation_changes_something",
            ),
        ),
        sql.append_only("revaluation_revaluationline", app_inserts=True),
        sql.sql_file(SQL / "revaluation.sql"),
    ]
