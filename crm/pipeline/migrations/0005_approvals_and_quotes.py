"""Prices beyond the limit are asked for and approved by another person; quotes keep each version."""

from pathlib import Path

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import base.ids
from base.sql import append_only, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("pipeline", "0004_stale_stages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalLetterhead",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                ("name", models.CharField(max_length=200, verbose_name="company")),
                (
                    "address",
                    models.TextField(
                        blank=True, default="", help_text="One line below the other.", verbose_name="address"
                    ),
                ),
                ("phone", models.CharField(blank=True, default="", max_length=100, verbose_name="phone")),
                ("email", models.EmailField(blank=True, default="", max_length=200, verbose_name="e-mail")),
                (
                    "small_print",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Register, tax numbers and the like.",
                        max_length=200,
                        verbose_name="small print",
                    ),
                ),
                ("only", models.BooleanField(db_index=True, default=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical letterhead",
                "verbose_name_plural": "historical letterhead",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Letterhead",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200, verbose_name="company")),
                (
                    "address",
                    models.TextField(
                        blank=True, default="", help_text="One line below the other.", verbose_name="address"
                    ),
                ),
                ("phone", models.CharField(blank=True, default="", max_length=100, verbose_name="phone")),
                ("email", models.EmailField(blank=True, default="", max_length=200, verbose_name="e-mail")),
                (
                    "small_print",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Register, tax numbers and the like.",
                        max_length=200,
                        verbose_name="small print",
                    ),
                ),
                ("only", models.BooleanField(default=True, editable=False, unique=True)),
            ],
            options={
                "verbose_name": "letterhead",
                "verbose_name_plural": "letterhead",
            },
        ),
        migrations.CreateModel(
            name="PriceApproval",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("why", models.CharField(max_length=250, verbose_name="why")),
                (
                    "net_total",
                    models.DecimalField(decimal_places=2, max_digits=19, verbose_name="net total when asked"),
                ),
                (
                    "discount",
                    models.DecimalField(decimal_places=6, max_digits=7, verbose_name="deepest discount when asked"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("given", "given"),
                            ("refused", "refused"),
                            ("lapsed", "not needed any more"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.CharField(blank=True, default="", max_length=250, verbose_name="in a few words")),
            ],
            options={
                "verbose_name": "price approval",
                "verbose_name_plural": "price approvals",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("currency", models.CharField(default="EUR", max_length=3, verbose_name="currency")),
                ("lines", models.JSONField(verbose_name="lines")),
                ("freight", models.DecimalField(decimal_places=2, max_digits=19, verbose_name="freight")),
                (
                    "net_total",
                    models.DecimalField(
                        decimal_places=2, help_text="Lines without tax.", max_digits=19, verbose_name="net total"
                    ),
                ),
                ("deposit", models.DecimalField(decimal_places=2, max_digits=19, null=True, verbose_name="deposit")),
                ("requested_on", models.DateField(null=True, verbose_name="wanted by")),
                ("payment_days", models.PositiveIntegerField(null=True, verbose_name="payment terms, days")),
                ("valid_until", models.DateField(verbose_name="valid until")),
                ("note", models.TextField(blank=True, default="", verbose_name="a word to the customer")),
                ("buyer", models.JSONField(verbose_name="for")),
                ("seller", models.JSONField(verbose_name="from")),
                ("made_on", models.DateField(verbose_name="date")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "quote",
                "verbose_name_plural": "quotes",
                "ordering": ("deal", "-version"),
            },
        ),
        migrations.AddField(
            model_name="dealline",
            name="price_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=250, verbose_name="why this price"
            ),
        ),
        migrations.AddField(
            model_name="dealline",
            name="priced_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="price set by",
            ),
        ),
        migrations.AddField(
            model_name="historicaldealline",
            name="price_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=250, verbose_name="why this price"
            ),
        ),
        migrations.AddField(
            model_name="historicaldealline",
            name="priced_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="price set by",
            ),
        ),
        AddConstraintNotValid(
            model_name="dealline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    ("priced_by__isnull", True),
                    models.Q(("approved_by", models.F("priced_by")), _negated=True),
                    _connector="OR",
                ),
                name="line_price_has_four_eyes",
            ),
        ),
        ValidateConstraint("dealline", "line_price_has_four_eyes"),
        migrations.AddField(
            model_name="historicalletterhead",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="letterhead",
            constraint=models.CheckConstraint(condition=models.Q(("only", True)), name="one_letterhead"),
        ),
        migrations.AddField(
            model_name="priceapproval",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answered by",
            ),
        ),
        migrations.AddField(
            model_name="priceapproval",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="priceapproval",
            name="deal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="approvals",
                to="pipeline.deal",
                verbose_name="deal",
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="deal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quotes",
                to="pipeline.deal",
                verbose_name="deal",
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddIndex(
            model_name="priceapproval",
            index=models.Index(condition=models.Q(("state", "asked")), fields=["-id"], name="approval_waits"),
        ),
        migrations.AddConstraint(
            model_name="priceapproval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("deal",), name="one_open_approval"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["asked", "given", "refused", "lapsed"])), name="approval_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceapproval",
            constraint=models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="approval_says_why"),
        ),
        migrations.AddConstraint(
            model_name="priceapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("state", "asked")),
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", True), ("state", "lapsed")),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("state__in", ["given", "refused"]),
                    ),
                    _connector="OR",
                ),
                name="approval_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", True),
                    models.Q(("answered_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="approval_has_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(fields=("deal", "version"), name="one_quote_per_version"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(condition=models.Q(("version__gt", 0)), name="quote_versions_from_one"),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gte", models.F("made_on"))), name="quote_valid_for_a_while"
            ),
        ),
        append_only("pipeline_quote", app_inserts=True),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "approved.sql"),
    ]
