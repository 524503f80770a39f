from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Deals by what they say in custom fields, beside the running system."""

    atomic = False

    dependencies = [("pipeline", "0010_custom")]

    operations = [
        ValidateConstraint("deal", "deal_custom_is_plain"),
        AddIndexConcurrently("deal", GinIndex(fields=["custom"], name="deal_by_custom", opclasses=["jsonb_path_ops"])),
    ]
