from decimal import Decimal
from pathlib import Path

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
CODE = django.core.validators.RegexValidator(
    "^[A-Z0-9][A-Z0-9._/+-]*\\Z", "Capital letters, digits and . _ / + - only."
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0019_houses_currency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentTerms",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=20, validators=[CODE], verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese"),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.company",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment terms",
                "verbose_name_plural": "payment terms",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "code"), name="payment_terms_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z0-9][A-Z0-9._/+-]*$")), name="payment_terms_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="payment_terms_have_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TermsLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(verbose_name="line")),
                (
                    "share",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="Empty in the last line: the rest.",
                        max_digits=7,
                        null=True,
                        verbose_name="share, %",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days")),
                (
                    "month_end",
                    models.BooleanField(
                        default=False,
                        help_text="Of the month of the document.",
                        verbose_name="from the end of the month",
                    ),
                ),
                (
                    "day_of_month",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Put off to this day; the 31st is the month's last.",
                        null=True,
                        verbose_name="day of the month",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="terms.paymentterms"
                    ),
                ),
            ],
            options={
                "verbose_name": "line of payment terms",
                "verbose_name_plural": "lines of payment terms",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("terms", "position"), name="terms_line_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("share", None),
                            models.Q(("share__gt", 0), ("share__lte", Decimal("100"))),
                            _connector="OR",
                        ),
                        name="terms_line_share_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("day_of_month", None),
                            models.Q(("day_of_month__gte", 1), ("day_of_month__lte", 31)),
                            _connector="OR",
                        ),
                        name="terms_line_day_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__lte", 365),
                            models.Q(("month_end", False), ("days__lte", 335), _connector="OR"),
                            models.Q(("day_of_month", None), ("days__lte", 335), _connector="OR"),
                            models.Q(("month_end", False), ("day_of_month", None), ("days__lte", 305), _connector="OR"),
                        ),
                        name="terms_line_within_a_year",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPaymentTerms",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                ("code", models.CharField(max_length=20, validators=[CODE], verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical payment terms",
                "verbose_name_plural": "historical payment terms",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTermsLine",
            fields=[
                ("id", models.BigIntegerField(blank=True, db_index=True)),
                ("position", models.PositiveSmallIntegerField(verbose_name="line")),
                (
                    "share",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="Empty in the last line: the rest.",
                        max_digits=7,
                        null=True,
                        verbose_name="share, %",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days")),
                (
                    "month_end",
                    models.BooleanField(
                        default=False,
                        help_text="Of the month of the document.",
                        verbose_name="from the end of the month",
                    ),
                ),
                (
                    "day_of_month",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Put off to this day; the 31st is the month's last.",
                        null=True,
                        verbose_name="day of the month",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="terms.paymentterms",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical line of payment terms",
                "verbose_name_plural": "historical lines of payment terms",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        sql.sql_file(SQL / "terms.sql"),
    ]
