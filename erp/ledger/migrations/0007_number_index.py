"""The unique index of numbers begins with the series, so that all entries behind a number are found at once.

Built beside the old one while the books are in use; the constraint changes hands in a moment. Each step may be done
again: what a try that was cut short left behind is taken away first.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

_POSTED = [
    "DROP INDEX CONCURRENTLY IF EXISTS public.entry_by_posted",
    "CREATE INDEX CONCURRENTLY entry_by_posted ON public.ledger_journalentry USING brin (posted_at)",
]
_NUMBERS = [
    "DROP INDEX CONCURRENTLY IF EXISTS public.entry_number_next",
    """CREATE UNIQUE INDEX CONCURRENTLY entry_number_next
       ON public.ledger_journalentry (series, year, sequence, company_id)""",
    """ALTER TABLE public.ledger_journalentry DROP CONSTRAINT entry_number_once,
       ADD CONSTRAINT entry_number_once UNIQUE USING INDEX entry_number_next""",
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ledger", "0006_sums_and_seals")]

    operations = [
        migrations.RunSQL(
            _POSTED,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AddIndex("journalentry", BrinIndex(fields=["posted_at"], name="entry_by_posted"))
            ],
        ),
        migrations.RunSQL(
            _NUMBERS,
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
