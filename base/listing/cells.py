"""The cells of a list, written straight to HTML: fifty rows of ten are five hundred cells on every page."""

from collections.abc import Callable, Hashable
from html import escape
from typing import Any

from django.conf import settings
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.listing.columns import Column, Kind
from base.templatetags.ui import date, icon, money, percent, qty, status_badge, when

EMPTY = SafeString("")


def choices_of(model: Any, column: Column) -> dict[Any, Any]:
    """The labels of the field that a column shows, if it has any."""
    field: Any = None
    for part in column.path.split("__"):
        names = {known.name: known for known in model._meta.get_fields()}
        if part not in names:
            return {}
        field = names[part]
        model = getattr(field, "related_model", None) or model
    return dict(getattr(field, "flatchoices", None) or ())


class Cells:
    """Writes cells of one list; labels of choices are looked up once."""

    def __init__(self, model: Any, one_currency: str = "") -> None:
        self.model, self.one_currency = model, one_currency
        self._choices: dict[str, dict[Any, Any]] = {}
        self._written: dict[tuple[str, Hashable], SafeString] = {}

    def choices(self, column: Column) -> dict[Any, Any]:
        """The labels of a column's values."""
        if column.name not in self._choices:
            self._choices[column.name] = choices_of(self.model, column)
        return self._choices[column.name]

    def inner(self, column: Column, row: Any) -> SafeString:
        """What stands in the cell."""
        if column.cell is not None:
            return self._own(column, column.cell, row)
        value = column.value_of(row)
        if value is None or value == "":
            return EMPTY
        currency = column.currency_of(row) if column.kind is Kind.MONEY else ""
        told = self.show(column, value, currency, row)
        if column.url is not None and (url := column.url(row)):
            return join(['<a href="', escape(url), '">', told, "</a>"])
        return told

    def _own(self, column: Column, write: Callable[[Any], Any], row: Any) -> SafeString:
        """A cell in the column's own manner."""
        if column.same_by is None:
            return conditional_escape(write(row))
        key = column.name, column.same_by(row)
        if key not in self._written:
            self._written[key] = conditional_escape(write(row))
        return self._written[key]

    def show(self, column: Column, value: Any, currency: str = "", row: Any = None) -> SafeString:
        """A value in its kind's manner."""
        if column.kind is Kind.MONEY:
            return money(value, "" if currency == self.one_currency else currency)
        if column.kind in (Kind.STATUS, Kind.CHOICE):
            words = column.words_of(value, self.choices(column))
            if column.kind is Kind.CHOICE:
                return conditional_escape(words)
            return status_badge(value, capfirst(words), column.tone(row) if column.tone and row is not None else "")
        return _SHOWN[column.kind](value)


def _text(value: Any) -> SafeString:
    return SafeString(escape(value)) if type(value) is str else conditional_escape(value)


def _bool(value: bool) -> SafeString:
    return icon("check", _("yes")) if value else SafeString('<span class="muted">–</span>')


def _percent(value: Any) -> SafeString:
    return SafeString(percent(value))


def _number(value: Any) -> SafeString:
    return SafeString(f"{value:,}") if isinstance(value, int) else qty(value)


_SHOWN: dict[Kind, Callable[[Any], SafeString]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.QUANTITY: qty,
    Kind.PERCENT: _percent,
    Kind.DATE: date,
    Kind.MOMENT: when,
    Kind.BOOL: _bool,
}


def join(parts: list[str]) -> SafeString:
    """Parts that are safe, as one."""
    return mark_safe("".join(parts))  # noqa: S308 -- each part was escaped where it was made


def is_dense() -> bool:
    """The ERP's columns name their currency in the head."""
    return bool(settings.SIDE == "erp")
