"""Which party is one customer with another; the link is direct, by the database's own rule."""

from pathlib import Path

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from base.sql import sql_file

HELP = "The customer it is one with in the CRM; its documents stay its own."


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0018_papers"),
        ("parties", "0005_holds_hold"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalparty",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                help_text=HELP,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="parties.party",
                verbose_name="merged into",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text=HELP,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="parties.party",
                verbose_name="merged into",
            ),
        ),
        AddConstraintNotValid(
            model_name="party",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("kind", "customer"), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="party_merged_into_another",
            ),
        ),
        sql_file(Path(__file__).resolve().parent.parent / "sql" / "links.sql"),
    ]
