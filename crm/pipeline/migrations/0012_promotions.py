"""Lines remember the promotion that their discount comes from; pipelines say how deep one may go."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from base.sql import sql_file


def gives() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        db_default=0,
        decimal_places=6,
        default=Decimal(0),
        editable=False,
        max_digits=7,
        verbose_name="promotion's discount",
    )


def limit() -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        db_default=Decimal("0.25"),
        decimal_places=6,
        default=Decimal("0.25"),
        help_text="Promotions may take at most this fraction off; of several pipelines the lowest counts.",
        max_digits=7,
        verbose_name="promotion limit",
    )


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0011_custom_index"), ("promotions", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="dealline",
            name="promotion",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="promotions.promotion",
                verbose_name="promotion",
            ),
        ),
        migrations.AddField(model_name="dealline", name="promotion_discount", field=gives()),
        migrations.AddField(
            model_name="historicaldealline",
            name="promotion",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="promotions.promotion",
                verbose_name="promotion",
            ),
        ),
        migrations.AddField(model_name="historicaldealline", name="promotion_discount", field=gives()),
        migrations.AddField(model_name="historicalpipeline", name="promotion_limit", field=limit()),
        migrations.AddField(model_name="pipeline", name="promotion_limit", field=limit()),
        AddConstraintNotValid(
            model_name="dealline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("promotion__isnull", True), ("promotion_discount", 0)),
                    models.Q(
                        ("promotion__isnull", False),
                        ("promotion_discount__gt", 0),
                        ("promotion_discount__lte", models.F("discount")),
                    ),
                    _connector="OR",
                ),
                name="line_promotion_has_discount",
            ),
        ),
        AddConstraintNotValid(
            model_name="pipeline",
            constraint=models.CheckConstraint(
                condition=models.Q(("promotion_limit__gte", 0), ("promotion_limit__lte", 1)),
                name="pipeline_promotions_are_fraction",
            ),
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "promoted.sql"),
    ]
