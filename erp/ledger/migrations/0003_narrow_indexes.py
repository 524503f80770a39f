"""Fewer indexes to write, and none that a plan could take for the key's while the books are young."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"


def key(to, related_name, verbose_name):
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=f"ledger.{to}",
        verbose_name=verbose_name,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_posting")]

    operations = [
        migrations.RemoveConstraint("journalentry", "entry_key_once"),
        migrations.AddConstraint(
            "journalentry", models.UniqueConstraint(fields=("key", "company"), name="entry_key_once")
        ),
        migrations.RemoveConstraint("journalentry", "entry_number_once"),
        migrations.AddConstraint(
            "journalentry",
            models.UniqueConstraint(fields=("sequence", "year", "series", "company"), name="entry_number_once"),
        ),
        migrations.AlterField("journalentry", "company", key("company", "entries", "company")),
        migrations.AlterField("journalline", "entry", key("journalentry", "lines", "entry")),
        migrations.AlterField("journalline", "account", key("account", "lines", "account")),
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "series.sql"),
    ]
