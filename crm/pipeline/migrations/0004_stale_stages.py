"""After how many days in a stage a deal is marked as stale."""

from django.db import migrations, models

STALE_AFTER_DAYS = models.PositiveSmallIntegerField(
    blank=True,
    db_default=30,
    default=30,
    help_text="A deal that stays longer in this stage is marked; empty: never.",
    null=True,
    verbose_name="stale after days",
)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_taken_over")]

    operations = [
        migrations.AddField("historicalstage", "stale_after_days", STALE_AFTER_DAYS),
        migrations.AddField("stage", "stale_after_days", STALE_AFTER_DAYS.clone()),
    ]
