from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Accounts by tag, beside the running system."""

    atomic = False

    dependencies = [("accounts", "0009_tags")]

    operations = [AddIndexConcurrently("account", GinIndex(fields=["tags"], name="account_by_tag"))]
