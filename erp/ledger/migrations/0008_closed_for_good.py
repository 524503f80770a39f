"""A closed period may be opened again by a second person; closed for good is a state of its own."""

from pathlib import Path

from django.db import migrations, models

from base import sql

SQL = Path(__file__).resolve().parent.parent / "sql"
SAFE = {
    "AlterField period.status": "other choices only; the column stays",
    "AlterField periodchange.became": "other choices only; the column stays",
    "AlterField periodchange.was": "other choices only; the column stays",
    "AddConstraint period.period_status_known": "some hundred rows",
}


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_number_index"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="period",
            name="period_status_known",
        ),
        migrations.AlterField(
            model_name="period",
            name="status",
            field=models.CharField(
                choices=[("open", "open"), ("closing", "closing"), ("closed", "closed"), ("hard", "closed for good")],
                default="open",
                max_length=8,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="periodchange",
            name="became",
            field=models.CharField(
                choices=[("open", "open"), ("closing", "closing"), ("closed", "closed"), ("hard", "closed for good")],
                max_length=8,
                verbose_name="to",
            ),
        ),
        migrations.AlterField(
            model_name="periodchange",
            name="was",
            field=models.CharField(
                choices=[("open", "open"), ("closing", "closing"), ("closed", "closed"), ("hard", "closed for good")],
                max_length=8,
                verbose_name="from",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "closing", "closed", "hard"])), name="period_status_known"
            ),
        ),
        sql.sql_file(SQL / "posting.sql"),
        sql.sql_file(SQL / "periods.sql"),
    ]
