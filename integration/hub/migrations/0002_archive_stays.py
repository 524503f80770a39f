from django.db import migrations

from base.sql import append_only


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [append_only("hub_archived", app_inserts=True)]
