"""The unique index of numbers begins with the series, so that all entries behind a number are found at once.

Built beside the old one while the books are in use; the constraint changes hands in a moment.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_BUILD = """CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS entry_number_next
            ON public.ledger_journalentry (series, year, sequence, company_id)"""
_SWAP = """ALTER TABLE public.ledger_journalentry DROP CONSTRAINT entry_number_once,
           ADD CONSTRAINT entry_number_once UNIQUE USING INDEX entry_number_next"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0006_sums_and_seals")]

    operations = [
        AddIndexConcurrently("journalentry", BrinIndex(fields=["posted_at"], name="entry_by_posted")),
        migrations.RunSQL(_BUILD, migrations.RunSQL.noop),
        migrations.RunSQL(
            _SWAP,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.RemoveConstraint("journalentry", "entry_number_once"),
                migrations.AddConstraint(
                    "journalentry",
                    models.UniqueConstraint(fields=("series", "year", "sequence", "company"), name="entry_number_once"),
                ),
            ],
        ),
    ]
