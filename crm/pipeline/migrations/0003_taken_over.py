"""Deals that were closed elsewhere, and since when somebody has worked on a deal."""

from pathlib import Path

import django.utils.timezone
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models.functions import Now

from base.sql import sql_file

STARTED_ON = models.DateField(
    db_default=Now(),
    default=django.utils.timezone.localdate,
    help_text="Since when somebody has worked on it.",
    verbose_name="first talk on",
)
TAKEN_OVER = models.BooleanField(
    db_default=False,
    default=False,
    editable=False,
    help_text="Won or lost in another system before it came here; the ERP was never told of it.",
    verbose_name="closed elsewhere",
)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0002_promises_stay")]

    operations = [
        migrations.AddField("deal", "started_on", STARTED_ON),
        migrations.AddField("deal", "taken_over", TAKEN_OVER),
        migrations.AddField("historicaldeal", "started_on", STARTED_ON.clone()),
        migrations.AddField("historicaldeal", "taken_over", TAKEN_OVER.clone()),
        AddConstraintNotValid(
            "deal",
            models.CheckConstraint(
                condition=models.Q(taken_over=False) | models.Q(status__in=["won", "lost"]),
                name="deal_taken_over_is_closed",
            ),
        ),
        ValidateConstraint("deal", "deal_taken_over_is_closed"),
        migrations.RunSQL("UPDATE public.pipeline_deal SET started_on = created_at::date", migrations.RunSQL.noop),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "taken_over.sql"),
    ]
