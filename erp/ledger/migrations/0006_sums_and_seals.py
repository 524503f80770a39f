"""Balances without hot rows, and a chain of seals over what is posted."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_lines_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="DaySum",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("debit", models.DecimalField(decimal_places=2, max_digits=25, verbose_name="debit")),
                ("credit", models.DecimalField(decimal_places=2, max_digits=25, verbose_name="credit")),
            ],
            options={
                "verbose_name": "sum of a day",
                "verbose_name_plural": "sums of days",
            },
        ),
        migrations.CreateModel(
            name="FoldMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("series", models.CharField(max_length=8, verbose_name="series")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("sequence", models.PositiveIntegerField(verbose_name="last folded number")),
            ],
            options={
                "verbose_name": "mark of the sums",
                "verbose_name_plural": "marks of the sums",
            },
        ),
        migrations.CreateModel(
            name="MonthSum",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(verbose_name="first day of the month")),
                ("debit", models.DecimalField(decimal_places=2, max_digits=25, verbose_name="debit")),
                ("credit", models.DecimalField(decimal_places=2, max_digits=25, verbose_name="credit")),
            ],
            options={
                "verbose_name": "sum of a month",
                "verbose_name_plural": "sums of months",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField(verbose_name="place in the chain")),
                ("series", models.CharField(max_length=8, verbose_name="series")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("first_sequence", models.PositiveIntegerField(verbose_name="from number")),
                ("last_sequence", models.PositiveIntegerField(verbose_name="to number")),
                ("entries", models.PositiveIntegerField(verbose_name="entries")),
                ("previous", models.CharField(blank=True, max_length=64, verbose_name="head before")),
                ("head", models.CharField(max_length=64, verbose_name="head")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed")),
                ("sealed_by", models.CharField(max_length=150, verbose_name="by")),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="daysum",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="foldmark",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.company",
                verbose_name="company",
            ),
        ),
        migrations.AddField(
            model_name="monthsum",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="seal",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.company",
                verbose_name="company",
            ),
        ),
        migrations.AddConstraint(
            model_name="daysum",
            constraint=models.UniqueConstraint(fields=("account", "day"), name="day_sum_once"),
        ),
        migrations.AddConstraint(
            model_name="foldmark",
            constraint=models.UniqueConstraint(fields=("company", "series", "year"), name="fold_mark_once"),
        ),
        migrations.AddConstraint(
            model_name="monthsum",
            constraint=models.UniqueConstraint(fields=("account", "month"), name="month_sum_once"),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(fields=("company", "position"), name="seal_position_once"),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(
                fields=("company", "series", "year", "first_sequence"), name="seal_first_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "entries",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("last_sequence"), "-", models.F("first_sequence")
                            ),
                            "+",
                            models.Value(1),
                        ),
                    )
                ),
                name="seal_covers_its_range",
            ),
        ),
        sql.read_only_for_app("ledger_foldmark"),
        sql.read_only_for_app("ledger_daysum"),
        sql.read_only_for_app("ledger_monthsum"),
        sql.append_only("ledger_seal"),
        sql.sql_file(SQL / "folding.sql"),
        sql.sql_file(SQL / "sealing.sql"),
    ]
