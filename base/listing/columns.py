"""What a column of a list is."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django import forms
from django.db.models import Model
from django.db.models.expressions import Combinable

from base.lists import value_at


class Kind(StrEnum):
    """How a value is shown, exported and grouped."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"
    STATUS = "status"
    CHOICE = "choice"
    BOOL = "bool"

    @property
    def is_number(self) -> bool:
        """Right-aligned, and a number in a spreadsheet."""
        return self in (Kind.NUMBER, Kind.MONEY, Kind.QUANTITY, Kind.PERCENT)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """How a cell is changed in place: by which form field, and by which service."""

    field: Callable[[], forms.Field]
    save: Callable[[Any, Any, Any], Any]
    """`save(row, value, user)`; the row is locked and read anew, a refusal is shown in the cell."""
    roles: tuple[str, ...] = ()
    may: Callable[[Any, Any], bool] | None = None
    """`may(row, user)`: the rule of the object, beyond the roles."""
    may_by: Callable[[Any, Any], Hashable] | None = None
    """`may_by(row, user)`: what of the row that rule looks at; rows that agree in it are asked once for the page."""
    initial: Callable[[Any], Any] | None = None
    step_up: bool = False
    """A page asks for a fresh proof before it changes this: so does the cell, before anything is typed."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: where its value stands, how it is shown, and what may be asked of it."""

    name: str
    label: Any
    kind: Kind = Kind.TEXT
    source: str = ""
    """Path of the ORM (`party__name`); the column's name when left out."""
    value: Callable[[Any], Any] | None = None
    """Where the value is no path: a function of the row."""
    cell: Callable[[Any], Any] | None = None
    """Where it is shown in a manner of its own: the HTML of a row's cell."""
    same_by: Callable[[Any], Hashable] | None = None
    """What that HTML depends on; rows that agree in it have the cell written once for the page."""
    text: Callable[[Any], str] | None = None
    """The words of the value, for choices that are no field's."""
    sort: str | bool = True
    """May be sorted by its source, by another path, or not at all."""
    total: bool | Combinable = False
    """Summed up over all rows that fit: the source, or an expression."""
    currency: str | Callable[[], str] = ""
    """For money: the path of its currency, or who says the one that all rows have."""
    group: bool = False
    shown: bool = True
    """Stands in the list without being chosen."""
    roles: tuple[str, ...] = ()
    """Who may see it at all; empty: whoever sees the list."""
    fields: tuple[str, ...] = ()
    """The model's fields it tells of, for the tiers; its source's first step when left out."""
    url: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    edit: Edit | None = None
    wide: bool = False
    """Long words: cut in the cell, whole on hover."""
    needs: tuple[str, ...] = field(default=())
    """Relations that only this column reads; joined only when it is shown."""

    @property
    def path(self) -> str:
        """Where the value stands."""
        return self.source or self.name

    @property
    def sort_path(self) -> str:
        """What `ordering` by this column sorts by; empty when it cannot."""
        if self.sort is True:
            return "" if self.value and not self.source else self.path
        return self.sort or ""

    @property
    def tells_of(self) -> tuple[str, ...]:
        """The fields whose tier decides whether somebody may know this."""
        return self.fields or (self.path.split("__")[0],)

    @property
    def currency_path(self) -> str:
        """Where a row says its currency; empty where all rows have one, or none."""
        return self.currency if isinstance(self.currency, str) else ""

    @property
    def one_currency(self) -> str:
        """The currency that all rows have; empty where each says its own."""
        return "" if isinstance(self.currency, str) else self.currency()

    def value_of(self, row: Model) -> Any:
        """The plain value, as sorted, summed and exported."""
        return self.value(row) if self.value else value_at(row, self.path)

    def currency_of(self, row: Model) -> str:
        """The currency of the row's amount."""
        if self.currency_path:
            return str(value_at(row, self.currency_path) or "")
        return self.one_currency

    def words_of(self, value: Any, choices: dict[Any, Any]) -> str:
        """A choice as people say it."""
        return str(self.text(value) if self.text else choices.get(value, value if value is not None else ""))
