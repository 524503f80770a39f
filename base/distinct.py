"""The different values of a column of a long table: one step of its index for each value, not one for each row."""

from typing import Any

from django.db import connection


def different(model: Any, field: str) -> list[str]:
    """The texts of a column in order, each once and no empty one; an index of the table begins with the column."""
    table, column = map(connection.ops.quote_name, (model._meta.db_table, model._meta.get_field(field).column))
    # PostgreSQL has no loose index scan of its own (https://wiki.postgresql.org/wiki/Loose_indexscan).
    sql = f"""WITH RECURSIVE seen AS (
  SELECT min({column}) AS value FROM {table} WHERE {column} > ''
  UNION ALL
  SELECT (SELECT min({column}) FROM {table} WHERE {column} > seen.value) FROM seen WHERE seen.value IS NOT NULL)
SELECT value FROM seen WHERE value IS NOT NULL"""  # noqa: S608 -- names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]
