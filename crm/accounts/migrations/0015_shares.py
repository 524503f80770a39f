"""Accounts that are shared with a person or a team until a day."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.days
import base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_import_words"),
        ("accounts", "0014_search_grams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalAccountShare",
            fields=[
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("see", "See it"), ("change", "Change it too")],
                        default="see",
                        max_length=6,
                        verbose_name="may",
                    ),
                ),
                ("since", models.DateField(default=base.days.house_day, verbose_name="since")),
                ("until", models.DateField(help_text="This day included.", verbose_name="until")),
                ("why", models.CharField(blank=True, default="", max_length=250, verbose_name="why")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="shared")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="shared by",
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
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="access.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical share of an account",
                "verbose_name_plural": "historical shares of accounts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="AccountShare",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("see", "See it"), ("change", "Change it too")],
                        default="see",
                        max_length=6,
                        verbose_name="may",
                    ),
                ),
                ("since", models.DateField(default=base.days.house_day, verbose_name="since")),
                ("until", models.DateField(help_text="This day included.", verbose_name="until")),
                ("why", models.CharField(blank=True, default="", max_length=250, verbose_name="why")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="shared")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="shared by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "share of an account",
                "verbose_name_plural": "shares of accounts",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["user", "until"], name="share_live_of_person"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["team", "until"], name="share_live_of_team"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("team", None), ("user__isnull", False)),
                            models.Q(("team__isnull", False), ("user", None)),
                            _connector="OR",
                        ),
                        name="share_with_person_or_team",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["see", "change"])), name="share_level_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gte", models.F("since")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("since"), "+", models.Value(datetime.timedelta(days=366))
                                ),
                            ),
                        ),
                        name="share_within_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__isnull", False), ("ended_by", None), _connector="OR"),
                        name="share_ended_by_somebody_at_some_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("user__isnull", False)),
                        fields=("account", "user"),
                        name="shared_once_with_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("team__isnull", False)),
                        fields=("account", "team"),
                        name="shared_once_with_team",
                    ),
                ],
            },
        ),
    ]
