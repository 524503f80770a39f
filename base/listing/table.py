"""A list's table: head, rows and sums as HTML, written without the template engine because every page pays for it."""

from collections.abc import Hashable
from html import escape
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.listing.asking import Asked
from base.listing.bulk import actions_for
from base.listing.cells import Cells, is_dense, join
from base.listing.columns import Column, Kind
from base.listing.editing import may_edit
from base.listing.totals import COUNT_MAX, Totals
from base.roles import has_role
from base.templatetags.ui import icon, money, qty


class Table:
    """Everything about one answer's table; its parts are named in `ui/listing/_table.html`."""

    def __init__(self, asked: Asked, rows: list[Any], totals: Totals) -> None:
        self.asked, self.rows, self.totals = asked, rows, totals
        self.listing = asked.listing
        self.currency = self._one_currency()
        self.cells = Cells(self.listing.model, self.currency)
        self.selects = bool(actions_for(self.listing, asked.user))
        self._openings: dict[tuple[str, bool, bool], tuple[str, str]] = {}
        self._may: dict[Hashable, bool] = {}
        self._tick = _TICK.format(pk=_PK, label=escape(_("Select")))
        self._first_class = _class("num" if asked.columns[0].kind.is_number else "")
        # Whether a cell may be changed is asked of the role once, of the object for each row.
        self._editable = {
            column.name
            for column in asked.columns
            if column.edit is not None and (not column.edit.roles or has_role(asked.user, *column.edit.roles))
        }

    @property
    def head(self) -> SafeString:
        """The names of the columns; a click sorts."""
        cells: list[str] = []
        for place, column in enumerate(self.asked.columns):
            tick = _TICK_ALL.format(label=_("Select all of this page")) if self.selects and not place else ""
            cells.append(self._head_cell(column, tick))
        return join(["<tr>", *cells, "</tr>"])

    def _head_cell(self, column: Column, tick: str) -> str:
        number = ' class="num"' if column.kind.is_number else ""
        label = capfirst(column.label)
        if not column.sort_path:
            return format_html("<th{}>{}{}</th>", SafeString(number), SafeString(tick), label)
        down = next((down for by, down in self.asked.sorts if by is column), None)
        mark, sorted_ = SafeString(""), SafeString("")
        if down is not None:
            mark = icon("arrow-down" if down else "arrow-up")
            sorted_ = SafeString(f' aria-sort="{"descending" if down else "ascending"}"')
        return format_html(
            '<th{}{} data-col="{}">{}<a class="sort" href="{url}" hx-get="{url}" hx-target="#listing" '
            'hx-push-url="true">{}{}</a></th>',
            SafeString(number), sorted_, column.name, SafeString(tick), label, mark, url=self.asked.sort_url(column),
        )  # fmt: skip

    @property
    def body(self) -> SafeString:
        """The rows."""
        return join([self.row(row) for row in self.rows])

    def row(self, row: Any) -> str:
        """One row; its first cell is the link."""
        listing, first = self.listing, self.asked.columns[0]
        version = escape(str(listing.version_of(row))) if self._editable else ""
        kind = _class(listing.row_class(row)) if listing.row_class else ""
        pk = escape(str(row.pk))
        tick = self._tick.replace(_PK, pk) if self.selects else ""
        url, inner = listing.url_of(row), self.cells.inner(first, row)
        link = f'<a href="{escape(url)}">{inner or "–"}</a>' if url else inner
        cells = "".join([self.cell(column, row) for column in self.asked.columns[1:]])
        return (
            f'<tr data-pk="{pk}" data-version="{version}"{kind}>'
            f'<th scope="row"{self._first_class}>{tick}{link}</th>{cells}</tr>'
        )

    def cell(self, column: Column, row: Any) -> str:
        """One cell; a button where it may be changed in place."""
        inner = self.cells.inner(column, row)
        title = f' title="{escape(str(column.value_of(row) or ""))}"' if column.wide and inner else ""
        editable = column.name in self._editable and self._may_edit(column, row)
        opening = self._opening(column, editable, bool(inner))
        if editable:
            return f"{opening[0]}{title}{opening[1]}{inner or NOTHING}</button></td>"
        return f"{opening[0]}{title}{opening[1]}{inner}</td>"

    def _may_edit(self, column: Column, row: Any) -> bool:
        """The rule of the object, asked once for rows that are the same to it."""
        if column.edit is None or column.edit.may_by is None:
            return may_edit(column, row, self.asked.user)
        key = column.name, column.edit.may_by(row, self.asked.user)
        if key not in self._may:
            self._may[key] = may_edit(column, row, self.asked.user)
        return self._may[key]

    def _opening(self, column: Column, editable: bool, filled: bool) -> tuple[str, str]:
        """What stands before a cell's content and after its title; the same in every row."""
        key = column.name, editable, filled
        if key not in self._openings:
            kind = "num" if column.kind.is_number else "clip" if column.wide else ""
            kind = f"{kind} cell".strip() if editable else kind
            label = f' data-label="{escape(capfirst(str(column.label)))}"' if _needs_label(column) and filled else ""
            self._openings[key] = f"<td{_class(kind)}{label}", ">" + (_edit_opening(column) if editable else "")
        return self._openings[key]

    @property
    def foot(self) -> SafeString:
        """How many they are and what they come to; always of all that fit, not of the page."""
        columns = self.asked.columns
        first = next((place for place, column in enumerate(columns) if place and column.total), len(columns))
        count = self.count
        if not self.totals.is_summed:
            button = (
                '<button type="button" class="button button--ghost button--small" hx-get="{}" '
                'hx-target="closest tfoot" hx-swap="innerHTML">{}</button>'
            )
            ask = format_html(button, f"{self.asked.url()}&part=totals", _("Sum them up"))
            return format_html('<tr><th scope="row" colspan="{}">{} {}</th></tr>', len(columns), count, ask)
        cells: list[str] = [format_html('<tr><th scope="row" colspan="{}">{}</th>', first, count)]
        cells += [self._total_cell(column, self.totals.sums.get(column.name)) for column in columns[first:]]
        return join([*cells, "</tr>"])

    @property
    def count(self) -> str:
        """So many rows, in words."""
        if self.totals.is_huge:
            return _("{count}+").format(count=self.listing.count(COUNT_MAX))
        return self.listing.count(self.totals.count)

    def _total_cell(self, column: Column, sums: dict[str, Any] | None) -> str:
        if not column.total:
            return "<td></td>"
        return format_html(
            '<td class="num" data-label="{}">{}</td>', capfirst(column.label), self.sums(column, sums or {})
        )

    def sums(self, column: Column, sums: dict[str, Any]) -> SafeString:
        """A column's sum, one for each currency."""
        if column.kind is not Kind.MONEY:
            return join([qty(amount) for amount in sums.values()])
        shown = {currency: amount for currency, amount in sorted(sums.items()) if amount or len(sums) == 1}
        told = [money(amount, "" if currency == self.currency else currency) for currency, amount in shown.items()]
        return join(["<br>".join(told)])

    def _one_currency(self) -> str:
        """The currency that a dense table names once in its head, if all amounts have the same."""
        if not is_dense():
            return ""
        found = {
            currency
            for column in self.asked.columns
            if column.kind is Kind.MONEY
            for currency in (
                [column.currency_of(row) for row in self.rows] if column.currency_path else [column.one_currency]
            )
        }
        found.update(self.totals.currencies)
        return found.pop() if len(found) == 1 else ""


NOTHING = '<span class="muted">–</span>'
_TICK_ALL = '<label class="tick"><input type="checkbox" data-tick-all aria-label="{label}"></label>'
_PK = "\0pk\0"
_TICK = (
    '<label class="tick"><input type="checkbox" name="ids" value="{pk}" data-tick form="listing-bulk" '
    'aria-label="{label}"></label>'
)


def edit_button(column: Column, inner: Any) -> SafeString:
    """What a cell holds that can be changed in place."""
    return join([_edit_opening(column), conditional_escape(inner) or NOTHING, "</button>"])


def _edit_opening(column: Column) -> str:
    label = _("Change {field}").format(field=column.label)
    return f'<button type="button" class="cell__open" data-edit="{escape(column.name)}" title="{escape(label)}">'


def _class(names: str) -> str:
    return f' class="{escape(names)}"' if names else ""


def _needs_label(column: Column) -> bool:
    """On a phone a number or a day does not say what it is."""
    return not is_dense() and (column.kind.is_number or column.kind in (Kind.DATE, Kind.MOMENT, Kind.BOOL))
