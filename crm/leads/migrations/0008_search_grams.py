from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from base import grams


class Migration(migrations.Migration):
    """The pieces of what people look for, beside the running system."""

    atomic = False

    dependencies = [("leads", "0007_custom_index"), ("accounts", "0014_search_grams")]

    operations = [
        AddIndexConcurrently(
            "lead",
            grams.index(
                ("person", "company", "email", "phone", "city", "campaign", "external_ref", "industry"), "lead_by_grams"
            ),
        ),
    ]
