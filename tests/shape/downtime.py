"""What a migration may not do to a table that is in use while code of the release before still runs on it."""

import re
from collections.abc import Iterable, Iterator

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
UNIQUE_AT_ONCE = (migrations.AlterUniqueTogether, migrations.AlterOrderWithRespectTo)
SHAPES = (migrations.AddField, migrations.AlterField, migrations.AddConstraint)  # hold their table to the end

# The same in plain SQL; comments, texts and the bodies of functions are taken out before it is read.
_TABLE = r'(?:ONLY\s+)?(?:public\.)?"?(?P<table>\w+)"?'
_ALTER = rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE}\s"
_SCANS = r"(?![^;]*\b(?:NOT\s+VALID|USING\s+INDEX)\b)"
_PLAIN = {
    rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE}": "DROP TABLE",
    rf"TRUNCATE\s+(?:TABLE\s+)?(?!ON\b){_TABLE}": "TRUNCATE",
    rf"LOCK\s+TABLE\s+{_TABLE}": "LOCK TABLE",
    rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\sON\s+{_TABLE}": "CREATE INDEX",
    _ALTER + r"[^;]*?\bDROP\s+(?:COLUMN\b|(?!(?:CONSTRAINT|NOT|DEFAULT|IDENTITY|EXPRESSION)\b))": "DROP COLUMN",
    _ALTER + r"[^;]*?\bRENAME\b": "RENAME",
    _ALTER + r"[^;]*?\bSET\s+NOT\s+NULL\b": "SET NOT NULL",
    _ALTER + r"[^;]*?\bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b": "TYPE",
    _ALTER + _SCANS + r"[^;]*?\bADD\s+(?:CONSTRAINT|UNIQUE|CHECK|FOREIGN|PRIMARY)\b": "ADD CONSTRAINT",
    _ALTER + r"(?![^;]*\bDEFAULT\b)[^;]*?\bADD\s+(?:COLUMN\s+)?[^;]*?\bNOT\s+NULL\b": "ADD COLUMN NOT NULL",
}
_HOLDS = re.compile(r"\bALTER\s+TABLE\b", re.I)
_WRITES = re.compile(r"^\s*(?:UPDATE\s|DELETE\s+FROM\s|INSERT\s[^;]*\bSELECT\b)", re.I | re.M)
_NOT_READ = re.compile(r"--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1|'(?:[^']|'')*'", re.S)


def dangers(operation: Operation, made_here: set[str]) -> Iterator[str]:
    """What makes the operation unsafe on a table in use; `made_here` are tables of the same migration, empty yet."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for one in operation.database_operations:
            yield from dangers(one, made_here)
    if isinstance(operation, migrations.RunSQL):
        yield from _in_plain_sql(statements(operation), made_here)
    kind = type(operation).__name__
    table = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
    if table in made_here:
        return
    if isinstance(operation, TAKES_AWAY):
        what = getattr(operation, "old_name", getattr(operation, "name", ""))
        yield f"{kind} {table}.{what}: the running code still uses it; leave it to the release after"
    if isinstance(operation, migrations.AddField):
        yield from _of_a_new_field(operation, table)
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield f"AddIndex {table}.{operation.index.name}: locks writes; use AddIndexConcurrently with atomic = False"
    if isinstance(operation, migrations.RemoveIndex) and not isinstance(operation, RemoveIndexConcurrently):
        yield f"RemoveIndex {table}.{operation.name}: waits under a lock; use RemoveIndexConcurrently"
    if isinstance(operation, migrations.AlterField):
        yield f"AlterField {table}.{operation.name}: may rewrite or scan the table under a lock"
    if isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield f"AddConstraint {table}.{operation.constraint.name}: scans under a lock; add it NOT VALID, then validate"
    if isinstance(operation, UNIQUE_AT_ONCE):
        yield f"{kind} {table}: builds a unique index or fills a column under a lock"


def held_together(operations: Iterable[Operation], atomic: bool, made_here: set[str]) -> Iterator[str]:
    """What is harmless by itself, and not in one transaction with what locks the table until its end."""
    if not atomic:
        return
    shaped: set[str] = set()
    for operation in operations:
        table = str(getattr(operation, "model_name", "")).lower()
        if isinstance(operation, SHAPES) and table not in made_here:
            shaped.add(table)
        text = statements(operation) if isinstance(operation, migrations.RunSQL) else ""
        if _HOLDS.search(text):
            shaped.add("a table")
        if isinstance(operation, ValidateConstraint) and table in shaped:
            yield f"ValidateConstraint {table}.{operation.name}: scans while this one locks; leave it to the next"
        fills = isinstance(operation, migrations.RunPython) or _WRITES.search(text)
        if fills and shaped:
            what = f"{type(operation).__name__} after {', '.join(sorted(shaped))}"
            yield f"{what}: writes rows while this one locks; set atomic = False"


def statements(operation: migrations.RunSQL) -> str:
    """Its SQL as the server reads it, without comments, texts and what stands inside functions."""
    parts = [operation.sql] if isinstance(operation.sql, str) else list(operation.sql)
    told = [part if isinstance(part, str) else part[0] for part in parts]
    return ";\n".join(_NOT_READ.sub(" ", str(one)) for one in told)


def _of_a_new_field(operation: migrations.AddField, table: str) -> Iterator[str]:
    field = operation.field
    filled_by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
    many = isinstance(field, models.ManyToManyField)
    if not (field.null or many or filled_by_database):
        how = "the running code does not fill it" if field.has_default() else "rows exist already"
        yield f"AddField {table}.{operation.name}: NOT NULL without db_default, {how}"
    if field.unique and not field.primary_key:
        yield f"AddField {table}.{operation.name}: builds a unique index under a lock"
    elif field.db_index and not many:
        yield f"AddField {table}.{operation.name}: builds an index under a lock; add it without, then concurrently"


def _in_plain_sql(text: str, made_here: set[str]) -> Iterator[str]:
    for pattern, what in _PLAIN.items():
        for found in re.finditer(pattern, text, re.I):
            table = found["table"].lower()
            if not any(table.endswith(f"_{made}") for made in made_here):
                yield f"RunSQL {table}.{what}: in use by the running code, or locks what it uses"
