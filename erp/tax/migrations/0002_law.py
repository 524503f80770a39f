"""What the law says came in here; it stands in packs now, which 0005 brings in."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tax", "0001_initial")]

    operations = []
