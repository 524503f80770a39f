from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Accounts and contacts by what they say in custom fields, beside the running system."""

    atomic = False

    dependencies = [("accounts", "0012_custom")]

    operations = [
        ValidateConstraint("account", "account_custom_is_plain"),
        ValidateConstraint("contact", "contact_custom_is_plain"),
        AddIndexConcurrently(
            "account", GinIndex(fields=["custom"], name="account_by_custom", opclasses=["jsonb_path_ops"])
        ),
    ]
