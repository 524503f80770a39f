from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody's accounts by name, beside the running system."""

    atomic = False

    dependencies = [("accounts", "0007_pool")]

    operations = [
        ValidateConstraint("account", "account_pooled_is_nobodys"),
        AddIndexConcurrently(
            "account",
            models.Index(condition=models.Q(owner=None), fields=["name_key", "id"], name="account_of_nobody"),
        ),
    ]
