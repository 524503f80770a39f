"""What a connection is asked again and again stays prepared there; what a migration did to a table is noticed.

A prepared statement whose columns have changed under it is refused by the server from then on. While a release is being
installed, the processes that are still of the old one make their statements anew.
"""

import time
from typing import Any

from django.db import NotSupportedError, OperationalError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused

KEPT = 250  # statements a connection keeps prepared: a page has some thirty, and a process has many pages
STALE = "cached plan must not change result type"


class BeingUpdated(Refused, OperationalError):
    """A table has changed within this transaction's time; whoever works off a queue takes it for a database away."""

    message = _("This is being updated at the moment. Please try again.")
    status = 503


def keep(connection: Any, **_told: Any) -> None:
    """For the signal `connection_created`."""
    connection.connection.prepared_max = KEPT
    if _anew not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _anew)


def _anew(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Run it; when the server's plan of it is out of date, forget all plans and run it once more."""
    try:
        return execute(sql, params, many, context)
    except NotSupportedError as fault:
        if STALE not in str(fault):
            raise
    connection = context["connection"]
    if connection.in_atomic_block:
        connection.close_at = time.monotonic()  # as soon as nobody is in the middle of anything
        raise BeingUpdated()
    connection.connection.execute("DEALLOCATE ALL")
    return execute(sql, params, many, context)
