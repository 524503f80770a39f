from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Deals by tag, beside the running system."""

    atomic = False

    dependencies = [("pipeline", "0008_tags")]

    operations = [AddIndexConcurrently("deal", GinIndex(fields=["tags"], name="deal_by_tag"))]
