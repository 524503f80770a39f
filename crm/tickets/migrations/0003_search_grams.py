from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

from base import grams


class Migration(migrations.Migration):
    """The pieces of what people look for, beside the running system."""

    atomic = False

    dependencies = [("tickets", "0002_line_histories"), ("accounts", "0014_search_grams")]

    operations = [
        AddIndexConcurrently("ticket", grams.index(("number", "subject"), "ticket_by_grams")),
    ]
