"""The moment in which a backup may look at all three databases at once.

Two sides agree about an event unless its whole hop happens between looking at one and looking at the other: then the
receiver has what the sender has not told, or the sender is done with what the receiver never got. So every delivery
passes here, shared, before it is stored; a backup holds all three doors for the milliseconds that it takes to open one
snapshot in each database (docs/adr/0008). People work on meanwhile: only deliveries wait.
"""

from django.db import connection

LOCK = 7110  # advisory, in each side's own database


def pass_barrier() -> None:
    """Call first in the transaction that stores a delivery."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def hold_barrier() -> None:
    """Call first in a transaction that must not miss one that is being stored: it waits for them, and they for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
