import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

OF_HISTORY = "pipeline_historicaldealline_promotion"


class Migration(migrations.Migration):
    """Lines by promotion, and what they say of it looked at once, beside the running system."""

    atomic = False

    dependencies = [("pipeline", "0012_promotions")]

    operations = [
        AddIndexConcurrently(
            "dealline",
            models.Index(
                condition=models.Q(("promotion__isnull", False)), fields=["promotion"], name="line_by_promotion"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {OF_HISTORY} "
                    "ON public.pipeline_historicaldealline (promotion_id)",
                    f"DROP INDEX IF EXISTS public.{OF_HISTORY}",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="historicaldealline",
                    name="promotion",
                    field=models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="promotions.promotion",
                        verbose_name="promotion",
                    ),
                )
            ],
        ),
        ValidateConstraint("dealline", "line_promotion_has_discount"),
        ValidateConstraint("pipeline", "pipeline_promotions_are_fraction"),
    ]
