"""Accounts and contacts that were merged, and how to split them again."""

import datetime
from pathlib import Path

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import base.ids
from base.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_contact_like_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("account", "account"), ("contact", "contact")], max_length=8, verbose_name="kind"
                    ),
                ),
                ("winner", models.UUIDField(db_index=True, verbose_name="stays")),
                ("loser", models.UUIDField(db_index=True, verbose_name="merged into it")),
                ("loser_name", models.CharField(max_length=250, verbose_name="name")),
                ("snapshot", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("taken", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("rows", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("merged_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="merged")),
                ("split_at", models.DateTimeField(null=True, verbose_name="split again")),
                (
                    "merged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "split_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="split by",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["account", "contact"])), name="merge_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("winner", models.F("loser")), _negated=True), name="merge_of_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("split_at__isnull", True), ("split_by__isnull", True)),
                            models.Q(
                                (
                                    "split_at__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("merged_at"), "+", models.Value(datetime.timedelta(days=30))
                                    ),
                                ),
                                ("split_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="merge_split_in_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("split_at", None)), fields=("loser",), name="merged_into_one"
                    ),
                ],
            },
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "merges.sql"),
    ]
