"""Rows under heads: each group with its count and sums by SQL, opened when somebody wants to see its rows."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.listing.asking import Asked
from base.listing.cells import join
from base.listing.columns import Column, Kind
from base.listing.table import Table
from base.listing.totals import term_of
from base.templatetags.ui import icon, status_badge

LINES_MAX = 400  # of a group in one currency
_GROUP = '<a class="group-open" href="{}" aria-expanded="{}" data-group-url="{}">{}{} <span class="count">{}</span></a>'
_MORE = (
    '<tr class="group-more"><td colspan="{}"><button type="button" class="button button--ghost button--small" '
    'data-more-url="{}">{}</button></td></tr>'
)
_CUT = '<tbody><tr class="group-cut"><td class="muted" colspan="{}">{}</td></tr></tbody>'


@dataclass
class Group:
    """Rows that share a value; `key` stands in the address."""

    key: str
    value: Any
    count: int = 0
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, line: dict[str, Any], summed: list[Column]) -> None:
        """What one currency of the group comes to."""
        self.count += line["row_count"]
        for column in summed:
            currency = column.one_currency or line.get("the_currency") or ""
            sums = self.sums.setdefault(column.name, {})
            sums[currency] = sums.get(currency, Decimal(0)) + (line[f"sum_{column.name}"] or 0)


def groups_of(asked: Asked, column: Column) -> tuple[list[Group], bool]:
    """The groups with their sums in one query: the latest days first, else in the order of the value.

    Also whether there are more: a group is whole, in all its currencies, or not among them.
    """
    summed = [one for one in asked.columns if one.total]
    currency = next((one.currency_path for one in summed if one.currency_path), "")
    by = F("group_key").desc(nulls_last=True) if _is_day(column) else F("group_key").asc(nulls_last=True)
    rows = _keyed(asked.rows, column).order_by()
    names = ["group_key"]
    if currency:
        rows, names = rows.annotate(the_currency=F(currency)), ["group_key", "the_currency"]
    terms: dict[str, Any] = {f"sum_{one.name}": Sum(term_of(one)) for one in summed}
    lines = list(rows.values(*names).annotate(row_count=Count("pk"), **terms).order_by(by)[: LINES_MAX + 1])
    found: dict[str, Group] = {}
    for line in lines:
        key = _key(line["group_key"])
        found.setdefault(key, Group(key, line["group_key"])).add(line, summed)
    has_more = len(lines) > LINES_MAX
    return list(found.values())[: -1 if has_more else None], has_more


def rows_of(asked: Asked, column: Column, key: str) -> QuerySet[Any]:
    """The rows of one group."""
    value = json.loads(key) if key else None
    if value is not None and _is_day(column):
        value = parse_date(value)
    rows = _keyed(asked.rows, column)
    return rows.filter(Q(group_key__isnull=True) if value is None else Q(group_key=value))


def body_of(asked: Asked, table: Table, column: Column) -> SafeString:
    """A table body for each group; the one that the address names is open."""
    opened = asked.given.getlist("open")
    parts: list[str] = []
    groups, has_more = groups_of(asked, column)
    for group in groups:
        is_open = group.key in opened
        parts.append(head_of(asked, table, column, group, is_open=is_open))
        if is_open:
            parts.append(open_rows(asked, table, column, group.key))
        parts.append("</tbody>")
    if has_more:
        parts.append(format_html(_CUT, len(asked.columns), _("There are more groups; narrow the list")))
    return join(parts)


def head_of(asked: Asked, table: Table, column: Column, group: Group, *, is_open: bool) -> str:
    """The group's name, count and sums; pressing it shows its rows."""
    columns = asked.columns
    first = next((place for place, one in enumerate(columns) if place and one.total), len(columns))
    url = asked.beside(open=None if is_open else group.key)
    button = format_html(
        _GROUP,
        url,
        "true" if is_open else "false",
        asked.beside(part="group", open=group.key),
        icon("chevron-right"),
        label_of(table, column, group.value),
        f"{group.count:,}",
    )
    start = '<tbody class="group"><tr class="table__group"><th scope="rowgroup" colspan="{}">{}</th>'
    cells: list[str] = [format_html(start, first, button)]
    for one in columns[first:]:
        shown = table.sums(one, group.sums.get(one.name, {})) if one.total else ""
        cells.append(format_html('<td class="num">{}</td>', shown) if one.total else SafeString("<td></td>"))
    return "".join([*cells, "</tr>"])


def open_rows(asked: Asked, table: Table, column: Column, key: str) -> str:
    """The first rows of a group, and the way to the others."""
    page = asked.page(rows_of(asked, column, key))
    rows = "".join(table.row(row) for row in page.rows)
    if page.next_cursor:
        url = asked.beside(part="group", open=key, after=page.next_cursor)
        rows += format_html(_MORE, len(asked.columns), url, _("More of these"))
    return rows


def label_of(table: Table, column: Column, value: Any) -> Any:
    """The group's value as people say it; days stand by their month."""
    if value is None or value == "":
        return _("none")
    if _is_day(column):
        return date_format(value, "F Y")
    if column.kind is Kind.STATUS:
        words = column.words_of(value, table.cells.choices(column))
        return status_badge(value, capfirst(words))
    if column.kind is Kind.CHOICE:
        return capfirst(column.words_of(value, table.cells.choices(column)))
    if column.kind is Kind.BOOL:
        return _("yes") if value else _("no")
    return value


def _keyed(rows: QuerySet[Any], column: Column) -> QuerySet[Any]:
    if _is_day(column):
        return rows.annotate(group_key=TruncMonth(column.path, output_field=DateField()))
    return rows.annotate(group_key=F(column.path))


def _is_day(column: Column) -> bool:
    return column.kind in (Kind.DATE, Kind.MOMENT)


def _key(value: Any) -> str:
    """A value as it stands in an address."""
    if isinstance(value, date | datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal) or (value is not None and not isinstance(value, str | int | bool)):
        value = str(value)
    return json.dumps(value)
