"""Django's `migrate`, which waits for no lock for long.

A change of a table needs it for itself for a moment. While it waits behind somebody's long transaction, everybody who
comes after waits behind it: a migration of a millisecond stops the side. So it gives up after `MIGRATION_LOCK_SECONDS`,
lets the others through, and tries again; what was migrated before stays.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import OperationalError, connections

LOCK_NOT_AVAILABLE = "55P03"
ATTEMPTS = 20
PAUSE_SECONDS = 3.0


class Command(migrate.Command):
    """As Django's, with a limit on waiting and some patience."""

    def handle(self, *args: Any, **options: Any) -> None:
        database = connections[options["database"]]
        for left in reversed(range(ATTEMPTS)):
            with database.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{settings.MIGRATION_LOCK_SECONDS}s"])
            try:
                super().handle(*args, **options)
            except OperationalError as fault:
                if not left or getattr(fault.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                self.stderr.write(f"A table is in use; trying again in {PAUSE_SECONDS:g} s ({left} times more).")
                time.sleep(PAUSE_SECONDS)
            else:
                break
        with database.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
