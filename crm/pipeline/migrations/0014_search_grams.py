from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from base import grams


class Migration(migrations.Migration):
    """The pieces of what people look for, beside the running system."""

    atomic = False

    dependencies = [("pipeline", "0013_promotions_index"), ("accounts", "0014_search_grams")]

    operations = [
        AddIndexConcurrently("deal", grams.index(("number", "title"), "deal_by_grams")),
    ]
