"""Lines name a cost centre and a project; an account may ask for them from a day on."""

from pathlib import Path

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.ids
from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
_KINDS = [("cost_centre", "cost centre"), ("project", "project")]
_SHARED = [
    ("kind", models.CharField(choices=_KINDS, max_length=12, verbose_name="kind")),
    ("code", models.CharField(max_length=20, verbose_name="code")),
    (
        "initials",
        models.CharField(blank=True, default="", help_text="for quick typing", max_length=20, verbose_name="initials"),
    ),
    ("active", models.BooleanField(default=True, verbose_name="active")),
]
_NAMES = [
    ("name", models.CharField(max_length=120, verbose_name="name")),
    ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese")),
]


def _named(model: str, name: str, words: str, *, kept: bool = False, constraint: bool = True) -> migrations.AddField:
    deleted = django.db.models.deletion.DO_NOTHING if kept else django.db.models.deletion.PROTECT
    field = models.ForeignKey(
        blank=True,
        db_constraint=constraint and not kept,
        db_index=False,
        null=True,
        on_delete=deleted,
        related_name="+",
        to="ledger.dimension",
        verbose_name=words,
    )
    return migrations.AddField(model, name, field)


def _asked(model: str, name: str, words: str) -> migrations.AddField:
    field = models.DateField(
        blank=True, help_text="Lines of that day and later need one.", null=True, verbose_name=f"{words} required from"
    )
    return migrations.AddField(model, f"{name}_from", field)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0019_houses_currency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dimension",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                *_NAMES,
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                *_SHARED,
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dimensions",
                        to="ledger.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        help_text="What is posted here counts there as well.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="ledger.dimension",
                        verbose_name="belongs to",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost centre or project",
                "verbose_name_plural": "cost centres and projects",
                "ordering": ["kind", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "kind", "code"), name="dimension_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("cost_centre", "project"))), name="dimension_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", '^[^\\s,;|()"]+$'), models.Q(("code", "-"), _negated=True)),
                        name="dimension_code_is_a_word",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDimension",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                *_NAMES,
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                *_SHARED,
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
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="What is posted here counts there as well.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.dimension",
                        verbose_name="belongs to",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical cost centre or project",
                "verbose_name_plural": "historical cost centres and projects",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        *(_asked(model, *kind) for model in ("account", "historicalaccount") for kind in _KINDS),
        *(_named("journalline", *kind, constraint=False) for kind in _KINDS),
        *(_named("voucherline", *kind) for kind in _KINDS),
        *(_named("historicalvoucherline", *kind, kept=True) for kind in _KINDS),
        *(sql.sql_file(SQL / f"{name}.sql") for name in ("posting", "belt", "sealing", "sets", "dimensions")),
    ]
