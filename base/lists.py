"""Pages of a list by key: the next page starts after the last row seen, however long the list is.

Any order that ends in a unique column will do. Rows without a value stand last, whichever way the column is sorted.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

PAGE_SIZE = 50
_SEAL = 16


@dataclass(frozen=True)
class Page:
    """One page of rows with the cursors of its neighbours (None at an end)."""

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None

    @property
    def is_whole(self) -> bool:
        """Everything there is stands on this page."""
        return self.next_cursor is None and self.previous_cursor is None


@dataclass(frozen=True)
class _Key:
    """One column of the order; `backwards` reads the list from its end."""

    path: str
    descending: bool
    nullable: bool
    backwards: bool = False

    @property
    def ordering(self) -> OrderBy:
        descending = self.descending != self.backwards
        if not self.nullable:
            return OrderBy(F(self.path), descending=descending)
        # Empty values are the last ones; read from the end they come first.
        where: dict[str, Any] = {"nulls_first": True} if self.backwards else {"nulls_last": True}
        return OrderBy(F(self.path), descending=descending, **where)

    def beyond(self, value: Any) -> Q | None:
        """What comes after a row with this value by this column alone; None when nothing can."""
        sign = "lt" if self.descending != self.backwards else "gt"
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.backwards else None
        found = Q(**{f"{self.path}__{sign}": value})
        return found | Q(**{f"{self.path}__isnull": True}) if self.nullable and not self.backwards else found

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


def page_of(
    rows: QuerySet[Any], order: tuple[str, ...], after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page:
    """The page after or before a cursor; the first one without. A cursor that was not made for this order is none."""
    cursor, backwards = (before, True) if before else (after, False)
    values = _decode(cursor, order)
    if values is None:
        backwards = False
    keys = _keys(rows, order, backwards=backwards)
    if values is not None:
        try:
            rows = rows.filter(_beyond(keys, values))
        except (ValidationError, ValueError, TypeError, FieldError):  # the model has changed since
            return page_of(rows, order, size=size)
    found = list(rows.order_by(*(key.ordering for key in keys))[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_next = more if not backwards else True
    has_previous = more if backwards else values is not None
    return Page(
        rows=found,
        next_cursor=_encode(found[-1], order) if found and has_next else None,
        previous_cursor=_encode(found[0], order) if found and has_previous else None,
    )


def fits(cursor: str, order: tuple[str, ...]) -> bool:
    """Was the cursor made by us, for a list in this order?"""
    return _decode(cursor, order) is not None


def ordered(rows: QuerySet[Any], order: tuple[str, ...]) -> QuerySet[Any]:
    """All rows in an order, as the pages show them one after the other."""
    return rows.order_by(*(key.ordering for key in _keys(rows, order)))


def _keys(rows: QuerySet[Any], order: tuple[str, ...], *, backwards: bool = False) -> list[_Key]:
    names = [(name.lstrip("-"), name.startswith("-")) for name in order]
    return [_Key(path, descending, is_nullable(rows, path), backwards) for path, descending in names]


def is_nullable(rows: QuerySet[Any], path: str) -> bool:
    """May this column be empty in some row? A computed one is taken to be."""
    if path in rows.query.annotations:
        return True
    model: Any = rows.model
    for part in path.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if field.null or (field.is_relation and not field.concrete):
            return True
        model = field.related_model or model
    return False


def value_at(row: Any, path: str) -> Any:
    """What stands at a path of the ORM, `party__name`; None where a step of it is empty."""
    for part in path.split("__"):
        if row is None:
            return None
        try:
            row = getattr(row, part)
        except AttributeError:
            # The other end of a one-to-one that has no row raises a kind of AttributeError.
            if isinstance(row, Model) and part in {field.name for field in row._meta.get_fields()}:
                return None
            raise
    return row


def _beyond(keys: list[_Key], values: list[Any]) -> Q:
    """Rows that come after `values` in the order: (a, b) > (x, y), spelled out so that directions may differ."""
    condition, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        after = key.beyond(value)
        if after is not None:
            condition |= equal & after
        equal &= key.same(value)
    return condition


def _encode(row: Model, order: tuple[str, ...]) -> str:
    values = [_plain(value_at(row, name.lstrip("-"))) for name in order]
    told = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_seal(told, order) + told).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _decode(cursor: str, order: tuple[str, ...]) -> list[Any] | None:
    """The cursor's values; a damaged cursor, or one of another order, starts from the beginning.

    The seal means that only values we wrote are ever compared with: none out of range, none guessed.
    """
    if not cursor:
        return None
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if not constant_time_compare(told[:_SEAL], _seal(told[_SEAL:], order)):
            return None
        values = json.loads(told[_SEAL:])
    except (ValueError, binascii.Error):
        return None
    return values if isinstance(values, list) and len(values) == len(order) else None


def _seal(told: bytes, order: tuple[str, ...]) -> bytes:
    return salted_hmac(f"base.lists:{','.join(order)}", told, algorithm="sha256").digest()[:_SEAL]
