"""Tags: the team's words on accounts."""

from pathlib import Path

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.ids
from base.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_pool_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalTag",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                (
                    "name",
                    models.CharField(
                        max_length=40,
                        validators=[django.core.validators.RegexValidator("^[^,，;；]+$", "Without commas.")],
                        verbose_name="name",
                    ),
                ),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("grey", "grey"),
                            ("red", "red"),
                            ("amber", "amber"),
                            ("green", "green"),
                            ("teal", "teal"),
                            ("blue", "blue"),
                            ("violet", "violet"),
                            ("pink", "pink"),
                        ],
                        default="grey",
                        max_length=8,
                        verbose_name="colour",
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
                "verbose_name": "historical tag",
                "verbose_name_plural": "historical tags",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        max_length=40,
                        validators=[django.core.validators.RegexValidator("^[^,，;；]+$", "Without commas.")],
                        verbose_name="name",
                    ),
                ),
                ("name_key", models.CharField(editable=False, max_length=120, unique=True)),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("grey", "grey"),
                            ("red", "red"),
                            ("amber", "amber"),
                            ("green", "green"),
                            ("teal", "teal"),
                            ("blue", "blue"),
                            ("violet", "violet"),
                            ("pink", "pink"),
                        ],
                        default="grey",
                        max_length=8,
                        verbose_name="colour",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ("name_key", "id"),
            },
        ),
        migrations.AddField(
            model_name="account",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=models.Value(
                    [],
                    output_field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                default=list,
                size=None,
                verbose_name="tags",
            ),
        ),
        migrations.AddField(
            model_name="historicalaccount",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=models.Value(
                    [],
                    output_field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None
                    ),
                ),
                default=list,
                size=None,
                verbose_name="tags",
            ),
        ),
        migrations.AddField(
            model_name="historicaltag",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="tag_has_name"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("colour__in", ["grey", "red", "amber", "green", "teal", "blue", "violet", "pink"])),
                name="tag_colour_known",
            ),
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "tags.sql"),
    ]
