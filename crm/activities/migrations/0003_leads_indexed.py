from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("activities", "0002_leads")]

    operations = [
        ValidateConstraint("entry", name="entry_about_somebody"),
        AddIndexConcurrently(
            "entry",
            models.Index(condition=models.Q(lead__isnull=False), fields=["lead", "-occurred_at"], name="entry_by_lead"),
        ),
    ]
