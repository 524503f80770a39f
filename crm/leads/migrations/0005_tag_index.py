from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Leads by tag, beside the running system."""

    atomic = False

    dependencies = [("leads", "0004_tags")]

    operations = [AddIndexConcurrently("lead", GinIndex(fields=["tags"], name="lead_by_tag"))]
