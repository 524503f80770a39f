"""What came stays as it came."""

from django.db import migrations

from base import sql


class Migration(migrations.Migration):
    dependencies = [("einvoice", "0001_initial")]

    operations = [sql.append_only("einvoice_received", app_inserts=True)]
