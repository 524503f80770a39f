import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import base.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0007_number_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalLayout",
            fields=[
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created")),
                ("updated_at", models.DateTimeField(blank=True, editable=False, verbose_name="changed")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese")),
                ("id", models.UUIDField(db_index=True, default=base.ids.uuid7, editable=False)),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                (
                    "span",
                    models.CharField(
                        choices=[("position", "what stands on a day"), ("performance", "what moved in a span")],
                        max_length=12,
                        verbose_name="counts",
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
                "verbose_name": "historical layout of a statement",
                "verbose_name_plural": "historical layouts of statements",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese")),
                ("id", models.UUIDField(default=base.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                (
                    "span",
                    models.CharField(
                        choices=[("position", "what stands on a day"), ("performance", "what moved in a span")],
                        max_length=12,
                        verbose_name="counts",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="layouts",
                        to="ledger.company",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "layout of a statement",
                "verbose_name_plural": "layouts of statements",
                "ordering": ["company", "code"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalLayoutRow",
            fields=[
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese")),
                ("id", models.BigIntegerField(blank=True, db_index=True)),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "code",
                    models.CharField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Z][A-Z0-9]*$", "Capital letters and digits.")
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("heading", "heading"),
                            ("accounts", "accounts"),
                            ("result", "result not closed yet"),
                            ("sum", "sum of rows"),
                            ("check", "must be zero"),
                        ],
                        max_length=10,
                        verbose_name="shows",
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Accounts by how their codes begin: “10-12, 1600, !1690”. Rows by their codes: “A + B - C”.",
                        max_length=250,
                        verbose_name="accounts or rows",
                    ),
                ),
                ("credit", models.BooleanField(default=False, verbose_name="credits are positive")),
                ("level", models.PositiveSmallIntegerField(default=0, verbose_name="indent")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
                    "layout",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="statements.layout",
                        verbose_name="layout",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical row of a layout",
                "verbose_name_plural": "historical rows of a layout",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LayoutRow",
            fields=[
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, default="", max_length=120, verbose_name="name in Chinese")),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "code",
                    models.CharField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Z][A-Z0-9]*$", "Capital letters and digits.")
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("heading", "heading"),
                            ("accounts", "accounts"),
                            ("result", "result not closed yet"),
                            ("sum", "sum of rows"),
                            ("check", "must be zero"),
                        ],
                        max_length=10,
                        verbose_name="shows",
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Accounts by how their codes begin: “10-12, 1600, !1690”. Rows by their codes: “A + B - C”.",
                        max_length=250,
                        verbose_name="accounts or rows",
                    ),
                ),
                ("credit", models.BooleanField(default=False, verbose_name="credits are positive")),
                ("level", models.PositiveSmallIntegerField(default=0, verbose_name="indent")),
                (
                    "layout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="statements.layout",
                        verbose_name="layout",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of a layout",
                "verbose_name_plural": "rows of a layout",
                "ordering": ["layout", "position"],
            },
        ),
        migrations.AddConstraint(
            model_name="layout",
            constraint=models.UniqueConstraint(fields=("company", "code"), name="layout_code_once"),
        ),
        migrations.AddConstraint(
            model_name="layout",
            constraint=models.CheckConstraint(
                condition=models.Q(("span__in", ["position", "performance"])), name="layout_span_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="layoutrow",
            constraint=models.UniqueConstraint(fields=("layout", "code"), name="layout_row_code_once"),
        ),
        migrations.AddConstraint(
            model_name="layoutrow",
            constraint=models.UniqueConstraint(fields=("layout", "position"), name="layout_row_position_once"),
        ),
        migrations.AddConstraint(
            model_name="layoutrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["heading", "accounts", "result", "sum", "check"])),
                name="layout_row_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="layoutrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ("heading", "result")), models.Q(("counts", ""), _negated=True), _connector="OR"
                ),
                name="layout_row_counts_something",
            ),
        ),
    ]
