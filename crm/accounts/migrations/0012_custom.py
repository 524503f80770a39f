"""Fields that a company adds to its records, and what accounts and contacts say in them."""

from pathlib import Path

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import base.ids
import crm.accounts.models_custom
from base.sql import sql_file
from crm.accounts.custom_sql import custom_kept


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_tags_of_others"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "of",
                    models.CharField(
                        choices=[("account", "account"), ("contact", "contact"), ("lead", "lead"), ("deal", "deal")],
                        max_length=8,
                        verbose_name="of",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What the API calls it; it stays.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9]*(_[a-z0-9]+)*$",
                                "Small letters and digits, words joined by _; a letter first.",
                            ),
                            crm.accounts.models_custom.not_a_lookup,
                        ],
                        verbose_name="key",
                    ),
                ),
                ("label_en", models.CharField(max_length=60, verbose_name="name in English")),
                ("label_zh", models.CharField(blank=True, default="", max_length=60, verbose_name="name in Chinese")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "text"),
                            ("number", "number"),
                            ("date", "day"),
                            ("yes_no", "yes or no"),
                            ("choice", "choice"),
                        ],
                        default="text",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="options",
                    ),
                ),
                (
                    "required",
                    models.BooleanField(
                        default=False,
                        help_text="On the full form; what is captured in a hurry may leave it out.",
                        verbose_name="required",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=10, verbose_name="position")),
                (
                    "active",
                    models.BooleanField(
                        default=True, help_text="Switched off it is not shown; values stay.", verbose_name="in use"
                    ),
                ),
            ],
            options={
                "verbose_name": "custom field",
                "verbose_name_plural": "custom fields",
                "ordering": ("of", "position", "key"),
            },
        ),
        migrations.CreateModel(
            name="HistoricalCustomField",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                (
                    "of",
                    models.CharField(
                        choices=[("account", "account"), ("contact", "contact"), ("lead", "lead"), ("deal", "deal")],
                        max_length=8,
                        verbose_name="of",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What the API calls it; it stays.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9]*(_[a-z0-9]+)*$",
                                "Small letters and digits, words joined by _; a letter first.",
                            ),
                            crm.accounts.models_custom.not_a_lookup,
                        ],
                        verbose_name="key",
                    ),
                ),
                ("label_en", models.CharField(max_length=60, verbose_name="name in English")),
                ("label_zh", models.CharField(blank=True, default="", max_length=60, verbose_name="name in Chinese")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "text"),
                            ("number", "number"),
                            ("date", "day"),
                            ("yes_no", "yes or no"),
                            ("choice", "choice"),
                        ],
                        default="text",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="options",
                    ),
                ),
                (
                    "required",
                    models.BooleanField(
                        default=False,
                        help_text="On the full form; what is captured in a hurry may leave it out.",
                        verbose_name="required",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=10, verbose_name="position")),
                (
                    "active",
                    models.BooleanField(
                        default=True, help_text="Switched off it is not shown; values stay.", verbose_name="in use"
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
                "verbose_name": "historical custom field",
                "verbose_name_plural": "historical custom fields",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="account",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="account",
                verbose_name="custom fields",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="contact",
                verbose_name="custom fields",
            ),
        ),
        migrations.AddField(
            model_name="historicalaccount",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="account",
                verbose_name="custom fields",
            ),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="custom",
            field=crm.accounts.models_custom.CustomValues(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                editable=False,
                of="contact",
                verbose_name="custom fields",
            ),
        ),
        AddConstraintNotValid(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=crm.accounts.models_custom.OnlyScalars("custom"), name="account_custom_is_plain"
            ),
        ),
        AddConstraintNotValid(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=crm.accounts.models_custom.OnlyScalars("custom"), name="contact_custom_is_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.UniqueConstraint(fields=("of", "key"), name="custom_field_once"),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=models.Q(("of__in", ["account", "contact", "lead", "deal"])), name="custom_field_of_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "number", "date", "yes_no", "choice"])),
                name="custom_field_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^[a-z][a-z0-9]*(_[a-z0-9]+)*$")), name="custom_field_key_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=models.Q(("label_en", ""), _negated=True), name="custom_field_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "choice"), models.Q(("options", []), _negated=True)),
                    models.Q(models.Q(("kind", "choice"), _negated=True), ("options", [])),
                    _connector="OR",
                ),
                name="custom_field_choice_has_options",
            ),
        ),
        migrations.AddField(
            model_name="historicalcustomfield",
            name="history_user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "custom.sql"),
        custom_kept("accounts_account", "account"),
        custom_kept("accounts_contact", "contact"),
    ]
