from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

from base import grams


class Migration(migrations.Migration):
    """The pieces of what people look for, beside the running system."""

    atomic = False

    dependencies = [("pipeline", "0013_promotions_index"), ("accounts", "0014_search_grams")]

    operations = [
        AddIndexConcurrently("deal", grams.index(("number", "title"), "deal_by_grams")),
        AddIndexConcurrently("dealorder", models.Index(Upper("number"), name="dealorder_by_number")),
    ]
