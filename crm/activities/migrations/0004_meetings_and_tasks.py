"""Meetings and tasks are written by somebody too."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

WRITTEN = ("note", "call", "visit", "meeting", "task", "mail")


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_leads_indexed")]

    operations = [
        migrations.RemoveConstraint("entry", "entry_written_by_someone"),
        AddConstraintNotValid(
            "entry",
            models.CheckConstraint(
                condition=~models.Q(kind__in=WRITTEN) | models.Q(author__isnull=False, event_id__isnull=True),
                name="entry_written_by_someone",
            ),
        ),
        ValidateConstraint("entry", name="entry_written_by_someone"),
    ]
