"""Pages of a list by key: the next page starts after the last row seen, however long the list is."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page of rows with the cursors of its neighbours (None at an end)."""

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None


def keyset_page(
    rows: QuerySet[Any], request: HttpRequest, order: tuple[str, ...] = ("-pk",), size: int = PAGE_SIZE
) -> Page:
    """The page that `?after=` or `?before=` asks for; `order` must end in a unique column and hold no nulls."""
    cursor, backwards = request.GET.get("after", ""), False
    if before := request.GET.get("before", ""):
        cursor, backwards = before, True
    direction = _flip(order) if backwards else order
    values = _decode(cursor, len(order))
    if values is not None:
        try:
            rows = rows.filter(_beyond(direction, values))
        except (ValidationError, ValueError, TypeError):  # a cursor of another list, or made up
            values, direction, backwards = None, order, False
    found = list(rows.order_by(*direction)[: size + 1])
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


def _flip(order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    """Rows that come after `values` in `order`: (a, b) > (x, y), spelled out so that directions may differ."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column, sign = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        condition |= equal & Q(**{f"{column}__{sign}": value})
        equal &= Q(**{column: value})
    return condition


def _encode(row: Model, order: tuple[str, ...]) -> str:
    values = []
    for name in order:
        value: Any = row
        for part in name.lstrip("-").split("__"):
            value = getattr(value, part)
        values.append(value.isoformat() if isinstance(value, date | datetime) else _plain(value))
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | Decimal) else value


def _decode(cursor: str, width: int) -> list[Any] | None:
    """The cursor's values; a damaged cursor starts from the beginning."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return None
    return values if isinstance(values, list) and len(values) == width else None
