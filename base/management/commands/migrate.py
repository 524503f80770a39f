"""Django's `migrate`, which waits for no lock for long.

A change of a table needs it for itself for a moment. While it waits behind somebody's long transaction, everybody who
comes after waits behind it: a migration of a millisecond stops the side. So it gives up after `MIGRATION_LOCK_SECONDS`,
lets the others through, and tries again; what was migrated before stays.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from base.migrating import rendering_little

LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """As Django's, with a limit on waiting and some patience."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--lock-attempts", type=int, default=20, help="how often it tries for a table in use")
        parser.add_argument("--lock-pause", type=float, default=3.0, help="seconds in which it lets the others through")

    def handle(self, *args: Any, **options: Any) -> None:
        database, pause = connections[options["database"]], options["lock_pause"]
        for left in reversed(range(options["lock_attempts"])):
            with database.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{settings.MIGRATION_LOCK_SECONDS}s"])
            try:
                with rendering_little():
                    super().handle(*args, **options)
            except OperationalError as fault:
                if not left or getattr(fault.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                self.stderr.write(f"A table is in use; trying again in {pause:g} s ({left} times more).")
                time.sleep(pause)
            else:
                break
        with database.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
