"""What a domain says of a resource, and the register of all resources of this side."""

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from import_export.resources import Resource

from base.exchange.columns import Choice, Column, Text, Words
from base.refusals import NotFound, Refused
from base.roles import has_role
from base.spreadsheets import Sheet, open_sheet
from base.tiers import hidden_fields, sees

Key = tuple[Any, ...]


@dataclass
class Item:
    """What one row of the file says, or the rows of one document; and what becomes of it."""

    number: int
    rows: list[Any]
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str, str]] = field(default_factory=list)
    outcome: str = ""
    target: Any = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)

    def refuse(self, name: str, text: Any) -> None:
        """The row cannot be imported; `name` is the column it is about, or empty."""
        self.outcome = "error"
        self.reasons.append((name, str(text)))

    def note(self, name: str, text: Any) -> None:
        """How something was understood that the file leaves open: counted for whoever imports, no reason to refuse."""
        self.notes.append((name, str(text)))

    def wonder(self, name: str, word: str, near: str = "") -> None:
        """A word that nobody here uses; whoever imports may say as what it is read, perhaps as `near`."""
        self.unknown.append((name, word, near))

    @property
    def last(self) -> int:
        """The number of the item's last row."""
        number: int = self.rows[-1].number
        return number


class ImportResource(Resource):
    """A kind of record that files can be made into. Subclasses speak through their domain's services only."""

    key: ClassVar[str] = ""
    label: ClassVar[Words] = ""
    about: ClassVar[Words] = ""
    icon: ClassVar[str] = "table-import"
    model: ClassVar[type[models.Model]]
    roles: ClassVar[tuple[str, ...]] = ("admin",)
    # By which columns an existing record is recognised unless the user says so: the first set that the file has.
    match_on: ClassVar[tuple[tuple[str, ...], ...]] = ()
    document: ClassVar[str] = ""  # the column that holds the rows of one document together
    document_of: ClassVar[tuple[str, ...]] = ()  # and those that tell documents with the same word there apart
    updatable: ClassVar[bool] = True
    has_lookalikes: ClassVar[bool] = False
    parts: ClassVar[tuple[str, ...]] = ()  # relations that are the record's own and go with it
    # Words that forms write where nothing was chosen: read as an empty cell, and counted for whoever imports.
    placeholders: ClassVar[tuple[str, ...]] = ()
    at_once: ClassVar[bool] = False  # rows refer to rows before them: a dry run keeps them till its end
    # Which files may be chosen, and whether they are tables (and have templates, then).
    accept: ClassVar[str] = ".csv,.tsv,.txt,.xlsx"
    is_table: ClassVar[bool] = True
    # Columns that are the same in every row: said once on the page where the file has none for them.
    said_once: ClassVar[tuple[str, ...]] = ()
    # Columns whose answer for all rows holds for one file only, and is asked anew for the next.
    asked_anew: ClassVar[tuple[str, ...]] = ()
    # Columns whose values a page asks a fresh proof for: an import that sets one asks before it starts.
    guarded: ClassVar[tuple[str, ...]] = ()

    user: Any = None

    @classmethod
    def for_user(cls, user: Any) -> "ImportResource":
        """The resource with the columns this user may see and set."""
        resource = cls()
        resource.user = user
        hidden = hidden_fields(user, cls.model)
        resource.fields = {
            name: _own(one)
            for name, one in cls.all_columns().items()
            if name not in hidden and (not one.tier or sees(user, one.tier))
        }
        return resource

    @classmethod
    def all_columns(cls) -> dict[str, Column]:
        """Every column, whoever asks."""
        columns: dict[str, Column] = cls.fields
        return columns

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of this user."""
        columns: dict[str, Column] = self.fields
        return columns

    def column(self, name: str) -> Column:
        return self.columns[name]

    @property
    def document_names(self) -> tuple[str, ...]:
        """The columns that together name a document, that of its number first."""
        return (self.document, *self.document_of)

    @property
    def matchable(self) -> list[str]:
        """Columns by which rows may be recognised: those meant for it, then whatever a record simply has.

        Whether a value is one record's alone is seen row by row: where several fit, none is changed.
        """
        meant = [name for name, one in self.columns.items() if one.match]
        return [*meant, *(name for name in self.columns if name not in meant and self._is_plain(name))]

    def _is_plain(self, name: str) -> bool:
        """Is it a column of the record's own table that can be looked up as it is written?"""
        if type(self).find is not ImportResource.find:
            return False
        one = self.column(name)
        kinds = (models.CharField, models.IntegerField, models.DateField)
        field = next((field for field in self.model._meta.fields if field.name == (one.attribute or name)), None)
        return not one.line and not one.tier and not one.lookup and isinstance(field, kinds) and not field.choices

    # What a domain writes

    def open(self, path: Path, encoding: str) -> Sheet:
        """The file as rows under headers; languages that are no tables have a reader of their own."""
        return open_sheet(path, encoding)

    def written(self, items: Sequence[Item]) -> None:
        """These items were made or changed, or would be in a dry run: remember what `checked` needs."""

    def checked(self) -> dict[str, Any]:
        """What the file itself says must hold at the end: how much of it does, and what does not.

        `{"held": 12, "failed": [{"row": 45, "text": "…"}], "left_out": [{"what": "note", "count": 3}]}`,
        and where figures of two files must meet, `"ties": [{"what": …, "told": "1.00", "came": "1.00", "difference": "0.00"}]`.
        """
        return {}

    def rows(self) -> models.QuerySet[Any]:
        """The records this user may see."""
        raise NotImplementedError

    def prepare(self, items: Sequence[Item]) -> None:
        """Turn names of other records into these records; what is not found refuses its item."""

    def current(self, record: Any) -> dict[str, Any]:
        """The record's values, as `prepare` would give them."""
        return {name: getattr(record, one.attribute or name, None) for name, one in self.columns.items()}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        """What the item says otherwise than the record."""
        now = self.current(record)
        return {name: value for name, value in item.values.items() if now.get(name) != value}

    def may_change(self, record: Any) -> bool:
        """Seeing is not changing."""
        return True

    def lookalikes(self, items: Sequence[Item]) -> None:
        """Mark new items that look like what is there (`outcome = "duplicate"` and a reason)."""

    def create(self, items: Sequence[Item]) -> list[Any]:
        """Make the records, one for each item and in this order; a refusal leaves none."""
        raise NotImplementedError

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        """Change the record."""
        raise NotImplementedError

    def remove(self, record: Any) -> None:
        """Take back what `create` made and nobody used; a refusal says why not."""
        raise Refused()

    def named(self, record: Any) -> str:
        """How people call the record."""
        return str(record)

    # What all have in common

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        """By what the row is recognised; None when a part is missing."""
        parts = []
        for name in match_on:
            value = values.get(name)
            if value is None or value == "":
                return None
            value = getattr(value, "pk", value)
            parts.append(value.casefold() if isinstance(value, str) and self.column(name).fold else value)
        return tuple(parts)

    def find(self, keys: Iterable[Key], match_on: Sequence[str]) -> dict[Key, list[Any]]:
        """The records with these keys."""
        wanted = set(keys)
        found: dict[Key, list[Any]] = defaultdict(list)
        if not wanted:
            return found
        one = self.column(match_on[0])
        path = one.lookup or match_on[0]
        rows, values = self.rows(), {key[0] for key in wanted}
        if one.fold and not one.lookup:
            rows, path = rows.alias(folded_key=Lower(path)), "folded_key"
        for record in rows.filter(**{f"{path}__in": values}):
            key = self.key_of(self.current(record), match_on)
            if key in wanted:
                found[key].append(record)
        return found

    def render(self, name: str, value: Any) -> str:
        """A value as text, for the preview, for what is kept, and for files."""
        return str(self.column(name).widget.render(value))

    def blank(self, name: str) -> Any:
        """What an empty cell means where a value is put back."""
        return "" if isinstance(self.column(name).widget, Text | Choice) else None

    def resolve(self, items: Sequence[Item], name: str, found: dict[str, list[Any]], *, line: bool = False) -> None:
        """Replace the text in column `name` by the one record that `found` has under it (in lower case)."""
        for item in items:
            for values in item.lines if line else [item.values]:
                text = values.get(name)
                if not isinstance(text, str) or not text:
                    continue
                records = found.get(text.casefold(), [])
                if len(records) == 1:
                    values[name] = records[0]
                elif records:
                    item.refuse(name, _("“{text}” fits several; use a code that fits one.").format(text=text))
                else:
                    item.wonder(name, text, nearest(text, found))
                    item.refuse(name, _("“{text}” is not known here.").format(text=text))


_RESOURCES: dict[str, type[ImportResource]] = {}


def _own(column: Column) -> Column:
    """A copy whose widget may remember what it looked up, as long as the copy lives."""
    own = copy.copy(column)
    own.widget = copy.copy(column.widget)
    return own


def register(resource: type[ImportResource]) -> type[ImportResource]:
    """Decorator: files can become such records from now on."""
    assert resource.key not in _RESOURCES, f"two resources are called {resource.key}"
    for name, one in resource.all_columns().items():
        one.attribute = one.attribute or name
        one.column_name = name
    _RESOURCES[resource.key] = resource
    return resource


def resources_for(user: Any) -> list[type[ImportResource]]:
    """What this user may import, in the order of the domains."""
    return [resource for resource in _RESOURCES.values() if has_role(user, *resource.roles)]


def all_resources() -> list[type[ImportResource]]:
    return list(_RESOURCES.values())


def resource_for(key: str, user: Any) -> ImportResource:
    """The resource, if the user may import it."""
    for resource in resources_for(user):
        if resource.key == key:
            return resource.for_user(user)
    raise NotFound(what=_("This kind of import"))


def nearest(text: str, words: Iterable[str]) -> str:
    """The word that it may be a slip of, or nothing.

    >>> nearest("technolgy", ["medical", "technology"]), nearest("retail", ["medical"])
    ('technology', '')
    """
    return next(iter(get_close_matches(text.casefold(), words, 1, 0.75)), "")


def words_by(rows: Iterable[Any], *fields: str) -> dict[str, list[Any]]:
    """Records under each of their names, in lower case, for `resolve`."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for word in {str(getattr(row, name) or "").casefold() for name in fields} - {""}:
            found[word].append(row)
    return found
