"""Statements that run all day: the server parses and plans them once a connection, not once a call."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


def prepared(statement: str, parameters: Sequence[Any] = ()) -> CursorWrapper:
    """Run the statement on Django's connection with its values sent beside it, and give its cursor.

    Everything else about it is as with `connection.cursor()`: transactions, errors, the log of queries. It needs
    `prepare_threshold` in the settings of the database, and no pooler between that forgets what was prepared.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = connection._prepare_cursor(ServerBindingCursor(connection.connection))  # type: ignore[attr-defined, call-arg]
    cursor.execute(statement, parameters)
    return cursor
