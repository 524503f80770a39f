"""The law of one country more, for books that were begun before its pack came."""

from django.db import migrations

from erp.tax import packs


def carry(apps, schema_editor):
    packs.load("GB", apps.get_model)


class Migration(migrations.Migration):
    dependencies = [("tax", "0005_packs")]

    operations = [migrations.RunPython(carry, migrations.RunPython.noop)]
