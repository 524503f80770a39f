from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from base import grams


class Migration(migrations.Migration):
    """The pieces of what people look for, beside the running system."""

    atomic = False

    dependencies = [("accounts", "0013_custom_index")]

    operations = [
        grams.function(),
        AddIndexConcurrently(
            "account",
            grams.index(
                ("name", "city", "email", "phone", "party_code", "external_ref", "industry"), "account_by_grams"
            ),
        ),
        AddIndexConcurrently("contact", grams.index(("name", "email", "phone"), "contact_by_grams")),
        AddIndexConcurrently(
            "account", models.Index(fields=["id"], include=["owner", "pooled_at"], name="account_whose")
        ),
    ]
