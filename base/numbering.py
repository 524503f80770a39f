"""Readable numbers for documents where a gap does no harm (deals, tickets, shipments): a PostgreSQL sequence each."""

from django.db import connection, migrations


def sequence(name: str) -> migrations.RunSQL:
    """The migration step that makes the sequence."""
    return migrations.RunSQL(f"CREATE SEQUENCE IF NOT EXISTS public.{name}", f"DROP SEQUENCE IF EXISTS public.{name}")


def next_number(sequence_name: str, prefix: str) -> str:
    """`D-000001`, then on; rolled-back work leaves a gap (invoices and entries are numbered elsewhere, without one)."""
    return next_numbers(sequence_name, prefix, 1)[0]


def next_numbers(sequence_name: str, prefix: str, count: int) -> list[str]:
    """Many of them at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"public.{sequence_name}", count])
        return [f"{prefix}-{value:06d}" for (value,) in cursor.fetchall()]
