from django.db import migrations

from base.sql import append_only


class Migration(migrations.Migration):
    """A price that was set stays: quotes and orders rest on it."""

    dependencies = [("products", "0001_initial")]
    operations = [append_only("products_price", app_inserts=True)]
