"""What an entry and its lines point to is asked once per statement, and no more by a foreign key for every row."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
_WHY = "drops a foreign key, which scans nothing; the belt asks the same since this migration's first steps"
SAFE = {
    "AlterField journalentry.company": _WHY,
    "AlterField journalentry.journal": _WHY,
    "AlterField journalentry.period": _WHY,
    "AlterField journalline.account": _WHY,
    "AlterField journalline.entry": _WHY,
}


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_sets"),
    ]

    operations = [
        sql.sql_file(SQL / "belt.sql"),
        sql.sql_file(SQL / "guards.sql"),
        sql.sql_file(SQL / "sets.sql"),
        migrations.AlterField(
            model_name="journalentry",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="ledger.company",
                verbose_name="company",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="journal",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="ledger.journal",
                verbose_name="journal",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="ledger.period",
                verbose_name="period",
            ),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.account",
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="entry",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.journalentry",
                verbose_name="entry",
            ),
        ),
    ]
