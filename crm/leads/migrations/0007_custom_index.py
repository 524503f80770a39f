from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Leads by what they say in custom fields, beside the running system."""

    atomic = False

    dependencies = [("leads", "0006_custom")]

    operations = [
        ValidateConstraint("lead", "lead_custom_is_plain"),
        AddIndexConcurrently("lead", GinIndex(fields=["custom"], name="lead_by_custom", opclasses=["jsonb_path_ops"])),
    ]
