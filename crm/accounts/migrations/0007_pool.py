"""The public pool: accounts that somebody had and nobody has now, their stays, and what limits claims."""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import base.ids
from base.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_place_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalPoolPolicy",
            fields=[
                ("id", models.PositiveSmallIntegerField(db_index=True, default=1, editable=False)),
                (
                    "claims_most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=10,
                        help_text="Within the days below. Empty: as many as they like.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="claims of one person at most",
                    ),
                ),
                (
                    "claims_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="counted over, days",
                    ),
                ),
                (
                    "back_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="So long whoever had an account last cannot claim it again. 0: no wait.",
                        verbose_name="who gave it up waits, days",
                    ),
                ),
                (
                    "idle_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Open deals, orders and tickets protect an account. Empty: none ever falls back.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="untouched accounts fall back after, days",
                    ),
                ),
                (
                    "warn_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="the owner is warned before, days",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
            ],
            options={
                "verbose_name": "historical policy for the public pool",
                "verbose_name_plural": "historical policy for the public pool",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PoolPolicy",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                (
                    "claims_most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=10,
                        help_text="Within the days below. Empty: as many as they like.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="claims of one person at most",
                    ),
                ),
                (
                    "claims_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="counted over, days",
                    ),
                ),
                (
                    "back_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="So long whoever had an account last cannot claim it again. 0: no wait.",
                        verbose_name="who gave it up waits, days",
                    ),
                ),
                (
                    "idle_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Open deals, orders and tickets protect an account. Empty: none ever falls back.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="untouched accounts fall back after, days",
                    ),
                ),
                (
                    "warn_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="the owner is warned before, days",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy for the public pool",
                "verbose_name_plural": "policy for the public pool",
            },
        ),
        migrations.CreateModel(
            name="PoolStay",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                (
                    "came_by",
                    models.CharField(
                        choices=[
                            ("given_back", "given back"),
                            ("fell_back", "untouched for too long"),
                            ("released", "left without an owner"),
                            ("new", "nobody's from the beginning"),
                        ],
                        max_length=12,
                        verbose_name="came by",
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_need", "They need nothing"),
                            ("not_reached", "Cannot be reached"),
                            ("no_time", "No time for them"),
                            ("not_mine", "Outside my territory"),
                            ("other", "Something else"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=250, verbose_name="note")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                (
                    "went_by",
                    models.CharField(
                        blank=True,
                        choices=[("claimed", "claimed"), ("assigned", "given"), ("merged", "merged")],
                        default="",
                        max_length=12,
                        verbose_name="went by",
                    ),
                ),
            ],
            options={
                "verbose_name": "stay in the pool",
                "verbose_name_plural": "stays in the pool",
                "ordering": ("-since", "-id"),
            },
        ),
        migrations.CreateModel(
            name="PoolWarning",
            fields=[
                ("account", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("warned_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="warned")),
            ],
        ),
        migrations.CreateModel(
            name="PoolAccount",
            fields=[],
            options={
                "verbose_name": "account of the pool",
                "verbose_name_plural": "accounts of the pool",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("accounts.account",),
        ),
        migrations.AddField(
            model_name="account",
            name="pooled_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="in the pool since"),
        ),
        AddConstraintNotValid(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("pooled_at", None), ("owner", None), _connector="OR"),
                name="account_pooled_is_nobodys",
            ),
        ),
        migrations.AddField(
            model_name="historicalpoolpolicy",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="poolpolicy",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="one_pool_policy"),
        ),
        migrations.AddConstraint(
            model_name="poolpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claims_most", None), ("claims_most__gte", 1), _connector="OR"),
                    ("claims_days__gte", 1),
                    ("warn_days__gte", 1),
                    models.Q(("idle_days", None), ("idle_days__gte", 1), _connector="OR"),
                ),
                name="pool_policy_in_bounds",
            ),
        ),
        migrations.AddField(
            model_name="poolstay",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="stays",
                to="accounts.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="poolstay",
            name="left_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="had by",
            ),
        ),
        migrations.AddField(
            model_name="poolstay",
            name="taken_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="taken by",
            ),
        ),
        migrations.AddField(
            model_name="poolwarning",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="poolstay",
            index=models.Index(
                condition=models.Q(("went_by", "claimed")), fields=["taken_by", "until"], name="pool_claims"
            ),
        ),
        migrations.AddIndex(
            model_name="poolstay",
            index=models.Index(fields=["account", "-since"], name="pool_stays_of_account"),
        ),
        migrations.AddConstraint(
            model_name="poolstay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("account",), name="pooled_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="poolstay",
            constraint=models.CheckConstraint(
                condition=models.Q(("came_by__in", ["given_back", "fell_back", "released", "new"])),
                name="pool_came_by_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="poolstay",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__in", ["", "no_need", "not_reached", "no_time", "not_mine", "other"])),
                name="pool_why_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="poolstay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by", None), ("until", None), ("went_by", "")),
                    models.Q(("taken_by", None), ("until__gte", models.F("since")), ("went_by", "merged")),
                    models.Q(
                        ("taken_by__isnull", False),
                        ("until__gte", models.F("since")),
                        ("went_by__in", ["claimed", "assigned"]),
                    ),
                    _connector="OR",
                ),
                name="pool_stay_ends_with_somebody",
            ),
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "pool.sql"),
    ]
