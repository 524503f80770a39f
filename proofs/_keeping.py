"""What became of a text that was sent: kept as it was, refused by name, kept otherwise, or nothing at all."""

import contextlib
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from proofs._naughty import Naughty, same

COMPOSED = " · "  # between the parts of a text that the house writes itself: "invoice · goods · customer"
# A page takes several tags in one field, with commas or line ends between; each is a record of its own.
SEVERAL, BETWEEN = ("accounts_tag", "accounts_historicaltag"), re.compile(r"[,，;；\n]")
KEPT, REFUSED, CHANGED, NOTHING = "kept", "refused", "changed", "nothing"


@dataclass
class Tally:
    """Of one process: how many cases, what failed, which fields were reached and which not."""

    cases: int = 0
    failed: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    silent: dict[str, str] = field(default_factory=dict)  # fields whose text went nowhere, with the last answer

    def that(self, holds: object, otherwise: str) -> None:
        """Count one case."""
        self.cases += 1
        if not holds:
            self.failed.append(otherwise)

    def judge(self, place: str, text: Naughty, status: int, fate: str, said: str = "") -> None:
        """One text in one field: no 5xx, and neither kept otherwise nor silently lost."""
        told = f"{place} with {text.name}: {status} {fate} {said}".rstrip()
        self.that(status < 500 and fate != CHANGED, told)
        if fate in (KEPT, REFUSED):
            self.reached.add(place)
            self.silent.pop(place, None)
        elif place not in self.reached:
            self.silent[place] = f"{status} {said}"

    @property
    def told(self) -> dict[str, Any]:
        """For whoever started this process."""
        return {"cases": self.cases, "failed": self.failed, "reached": len(self.reached), "silent": self.silent}


class Keeping:
    """Looks where a text went: notes which tables a request writes, and reads them."""

    def __init__(self, but: Collection[str] = ()) -> None:
        """`but`: models that only tell of what was sent."""
        from django.apps import apps

        self.models = {
            model._meta.db_table: model
            for model in apps.get_models()
            if model._meta.managed
            and model.__name__ not in but
            and model._meta.app_label not in ("sessions", "contenttypes", "auth", "admin")
        }
        self.tables: set[str] = set()

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside is taken back, so that the next text finds the same record in the same state."""
        from django.db import connection, transaction

        self.tables = set()
        with transaction.atomic(), connection.execute_wrapper(self._note), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
            transaction.set_rollback(True)

    def fate(self, text: Naughty) -> tuple[str, str]:
        """Is the text in one of the tables written to, as it was sent?"""
        found: list[tuple[str, str]] = []
        for table in sorted(self.tables):
            for name, kept in self._texts(self.models[table], text.mark):
                if same(text.text, kept):
                    return KEPT, ""
                if table in SEVERAL and any(same(one, kept) for one in BETWEEN.split(text.text)):
                    return KEPT, "as one of several"
                found.append((f"{table}.{name}", kept))
        if any(same(text.text, kept.split(COMPOSED)[0]) for _name, kept in found):
            return KEPT, "inside"
        # A text inside another (an audit line) is no copy of it; a field that begins as the text does is one.
        for name, kept in found:
            if kept.strip()[:3] == text.text.strip()[:3]:
                return CHANGED, f"{name} has {kept[:80]!r}"
        return (KEPT, "inside") if any(text.text.strip() in kept for _name, kept in found) else (NOTHING, "")

    def _texts(self, model: Any, mark: str) -> Iterator[tuple[str, str]]:
        from django.db import models

        names = [
            one.attname for one in model._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField | models.JSONField)
        ]  # fmt: skip
        asked = models.Q()
        for name in names:
            asked |= models.Q(**{f"{name}__icontains": mark})
        if not names:
            return
        for row in model._base_manager.filter(asked).values(*names):
            for name, value in row.items():
                yield from ((name, one) for one in _strings(value) if mark.lower() in one.lower())

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written = re.match(r'\s*(?:INSERT INTO|UPDATE) "?(\w+)"?', sql)
        if written and written[1] in self.models:
            self.tables.add(written[1])
        elif re.search(r"\bpublic\.\w+\(", sql):  # a function that writes for us
            self.tables.update(self.models)
        return execute(sql, params, many, context)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def refused_by_name(errors: Any, *names: str) -> bool:
    """Does a problem body's `errors` name one of these fields?"""
    if not isinstance(errors, list):
        return False
    said = {str(one.get("field", "")) for one in errors if isinstance(one, dict)}
    return any(
        name == field or field.endswith(f".{name}") or field.startswith(f"{name}.") for name in names for field in said
    )
