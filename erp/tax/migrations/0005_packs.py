"""What is filed stays and takes no tax; the packs bring in what the law says."""

from pathlib import Path

from django.db import migrations

from base import sql
from erp.tax import packs

SQL = Path(__file__).resolve().parent.parent / "sql"


def carry(apps, schema_editor):
    apps.get_model("tax", "TaxPointRule").objects.all().delete()  # those before told of deposits alone
    for country in packs.names():
        packs.load(country, apps.get_model)


class Migration(migrations.Migration):
    dependencies = [("tax", "0004_returns"), ("ledger", "0009_let_go_early")]

    operations = [
        sql.append_only("tax_returnversion"),
        sql.read_only_for_app("tax_vatreturn"),
        sql.sql_file(SQL / "returns.sql"),
        migrations.RunPython(carry, migrations.RunPython.noop),
    ]
