"""Many new rows in one statement with one parameter.

Django names every value of a multi-row INSERT by a placeholder of its own as soon as one column is an array; putting
such a statement together and taking it apart again costs more than the server needs for the rows. So the rows go as one
JSON document, which the server reads as rows of the table.
"""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils.functional import Promise

_INSERT = """INSERT INTO {table} ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"""
# Kinds of column whose values the server reads from JSON as Python says them.
_READ = (
    models.CharField,
    models.TextField,
    models.UUIDField,
    models.BooleanField,
    models.IntegerField,
    models.DecimalField,
    models.DateField,
    models.JSONField,
    models.ForeignKey,
    ArrayField,
)


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, whose keys are known before; what the database refuses it refuses for all of them.

    As with `bulk_create` no signal tells of it: the history is the caller's (`base.recording.keep_made`).
    """
    alike: dict[tuple[Any, ...], list[dict[str | None, Any]]] = {}
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
        said = {}
        for field in _fields(type(row)):
            value = field.pre_save(row, True)
            if hasattr(value, "as_sql"):  # nobody has said it, and the database has a default for it
                del row.__dict__[field.attname]  # read when somebody asks for it
            else:
                said[field] = value
        values = {field.column: value for field, value in said.items()}
        alike.setdefault(tuple(said), []).append(values)
    quote = connection.ops.quote_name
    for fields, some in alike.items():
        columns = ", ".join(quote(field.column) for field in fields)
        statement = _INSERT.format(table=quote(fields[0].model._meta.db_table), columns=columns)
        with connection.cursor() as cursor:
            cursor.execute(statement, [json.dumps(some, default=_plain)])


@cache
def _fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    for field in fields:
        if not isinstance(field, _READ) or isinstance(field, models.AutoField | models.BigAutoField):
            raise TypeError(f"{field} cannot be inserted this way")
    return fields


def _plain(value: Any) -> str:
    """What JSON has no word for, as the server reads it."""
    if isinstance(value, date):  # or a moment
        return value.isoformat()
    if isinstance(value, Decimal | UUID | Promise):
        return str(value)
    raise TypeError(f"{value!r} cannot be inserted this way")
