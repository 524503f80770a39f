"""What a reader asks of a list: read from the address, completed by their saved views, cut to what they may know."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.listing.columns import Column
from base.listing.filters import ListFilterSet
from base.listing.listing import Listing
from base.listing.viewing import PLACE, WithViews
from base.lists import Page, ordered, page_of
from base.roles import rights_of

ARRANGING = ("ordering", "columns", "group")
RESERVED = (*ARRANGING, *PLACE, "view", "from")
SORTS_MAX = 3
CHOICES_SECONDS = 30


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    name: str
    label: str
    value: str
    url: str


class Asked(WithViews):
    """One reader's question to one list."""

    def __init__(
        self,
        listing: Listing,
        user: Any,
        given: QueryDict,
        request: HttpRequest | None = None,
        fixed: dict[str, str] | None = None,
    ) -> None:
        self.listing, self.user, self.given, self.request = listing, user, given, request
        self.fixed = fixed or {}

    @classmethod
    def of(cls, listing: Listing, request: HttpRequest, fixed: dict[str, str] | None = None) -> "Asked":
        """What the page's address asks for; `fixed` are filters that the page itself stands for."""
        if not fixed:
            return cls(listing, request.user, request.GET, request)
        given = request.GET.copy()
        for name, value in fixed.items():
            given[name] = value
        return cls(listing, request.user, given, request, fixed)

    @classmethod
    def told(cls, listing: Listing, user: Any, state: str) -> "Asked":
        """A question kept as a query string; nothing is added to it."""
        given = QueryDict(state, mutable=True)
        given.setdefault("view", "all")
        return cls(listing, user, given)

    # ---- the question ------------------------------------------------------------------------------------------------

    @cached_property
    def params(self) -> QueryDict:
        """Filters, order, columns and grouping that count."""
        if self.view is not None:
            params = QueryDict(self.view.state, mutable=True)
        else:
            params = QueryDict(mutable=True)
            bare = not any(name not in PLACE for name in self.given)
            if bare and self.listing.defaults:
                params.update(self.listing.defaults(self.user))
            for name in self.given:
                if name not in (*PLACE, "view", "from", "csrfmiddlewaretoken"):
                    params.setlist(name, [value for value in self.given.getlist(name) if value])
        for name in [name for name in params if not params.getlist(name)]:
            del params[name]
        for name, value in self.fixed.items():
            params[name] = value
        return params

    # ---- columns and order -------------------------------------------------------------------------------------------

    @cached_property
    def known(self) -> dict[str, Column]:
        """What this reader may ask about."""
        return {column.name: column for column in self.listing.columns_for(self.user)}

    @cached_property
    def columns(self) -> list[Column]:
        """What is shown, in the reader's order; the first column, which opens the row, always is."""
        wanted = self.params.get("columns", "") or self.arrangement.get("columns", "")
        chosen = [self.known[name] for name in dict.fromkeys(wanted.split(",")) if name in self.known]
        if not chosen:
            return [column for column in self.known.values() if column.shown]
        first = self.listing.columns[0]
        return [first, *(column for column in chosen if column is not first)]

    @property
    def columns_key(self) -> tuple[tuple[str, str], ...]:
        """Which columns are shown, and the names that people gave: a key of the piece that is their head."""
        fixed = self.listing.columns
        return tuple((column.name, "" if column in fixed else str(column.label)) for column in self.columns)

    @property
    def others(self) -> list[Column]:
        """What could be shown too."""
        return [column for column in self.known.values() if column not in self.columns]

    @cached_property
    def sorts(self) -> list[tuple[Column, bool]]:
        """Columns to sort by, each with whether from high to low."""
        found: list[tuple[Column, bool]] = []
        for name in self.params.get("ordering", "").split(",")[:SORTS_MAX]:
            column = self.known.get(name.lstrip("-"))
            if column is not None and column.sort_path:
                found.append((column, name.startswith("-")))
        return found

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The order of the rows, down to a unique column."""
        if not self.sorts:
            return self.listing.order
        asked = [f"-{column.sort_path}" if down else column.sort_path for column, down in self.sorts]
        taken = {name.lstrip("-") for name in asked}
        return (*asked, *(name for name in self.listing.order if name.lstrip("-") not in taken))

    @cached_property
    def group(self) -> Column | None:
        """The column the rows are grouped by."""
        column = self.known.get(self.params.get("group", ""))
        return column if column is not None and column.group and self.listing.groups else None

    # ---- rows --------------------------------------------------------------------------------------------------------

    @cached_property
    def filterset(self) -> ListFilterSet:
        """The filters that are asked or stand beside the search, filled with what was asked."""
        names = self.listing.filterset.known()
        return self._filterset([name for name in names if name in self.listing.bar or name in self.filters_asked])

    @cached_property
    def filters_asked(self) -> list[str]:
        """The filters that a parameter may be for; one's parameters begin with its name: `due_min` is for `due`."""
        return [name for name in self.listing.filterset.known() if _asks(self.params, name)]

    @cached_property
    def every_filter(self) -> ListFilterSet:
        """All filters there are, for the sheet that shows them."""
        return self._filterset(list(self.listing.filterset.known()))

    def _filterset(self, only: list[str]) -> ListFilterSet:
        request = self.request or _Reader(self.user)
        return self.listing.filterset(self.params, self.listing.rows(self.user), request=request, only=only)

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """All rows that fit, unsorted; a filter that is not understood narrows nothing and is among `mistakes`."""
        if not self.filters_asked:
            return self.listing.rows(self.user)
        self.filterset.form.is_valid()
        found: QuerySet[Any] = self.filterset.filter_queryset(self.filterset.queryset)
        return found

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """Filters that could not be understood, each with why."""
        if not self.filters_asked:
            return []
        return [
            (str(self.filterset.form.fields[name].label or name), " ".join(map(str, errors)))
            for name, errors in self.filterset.form.errors.items()
            if name in self.filterset.form.fields
        ]

    def page(self, rows: QuerySet[Any] | None = None) -> Page:
        """One page of them."""
        rows = self.rows if rows is None else rows
        needs = {name for column in self.columns for name in column.needs}
        if needs:
            rows = rows.select_related(*needs)
        if self.listing.reads:
            rows = rows.only(*self.listing.reads, *needs, *self._own_paths)
        found = page_of(rows, self.order, self.given.get("after", ""), self.given.get("before", ""))
        self.prepare(found.rows)
        return found

    @property
    def _own_paths(self) -> set[str]:
        """The fields that the shown columns, the order and the key are read from."""
        found = {name.lstrip("-") for name in self.order} | {"pk"}
        for column in self.columns:
            if column.source or column.value is None:
                found.add(column.path)
            if column.currency_path:
                found.add(column.currency_path)
        return found

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """These rows as the pages show them one after the other."""
        return ordered(rows, self.order)

    def prepare(self, rows: list[Any]) -> None:
        """Read what the rows need besides."""
        if self.listing.decorate and rows:
            self.listing.decorate(rows)

    @property
    def sort_choices(self) -> list[tuple[str, str]]:
        """Every way to sort by one column, in words."""
        found = []
        for column in self.known.values():
            if column.sort_path:
                label = capfirst(column.label)
                found += [(column.name, f"{label} ↑"), (f"-{column.name}", f"{label} ↓")]
        return found

    @property
    def group_choices(self) -> list[Column]:
        """What the rows can be grouped by."""
        return [column for column in self.known.values() if column.group and self.listing.groups]

    # ---- addresses ---------------------------------------------------------------------------------------------------

    @cached_property
    def state(self) -> QueryDict:
        """The whole question in as few words as it takes."""
        return self.params.copy()

    def url(self, **changes: Any) -> str:
        """The list with something changed; None drops a parameter."""
        return self._url(changes) if changes else self._own_url

    @cached_property
    def _own_url(self) -> str:
        return self._url({})

    def _url(self, changes: dict[str, Any]) -> str:
        state = self.state.copy()
        for name, value in changes.items():
            if value is None:
                state.pop(name, None)
            else:
                state[name] = str(value)
        if self.base_view is not None:
            state["from"] = str(self.base_view.pk)
        told = state.urlencode(safe=",")
        # A bare address would show the default view again.
        return f"?{told or 'view=all'}"

    @property
    def here(self) -> str:
        """This very list's shortest address."""
        if self.view is not None:
            return f"?view={self.view.pk}"
        return self.url()

    def sort_url(self, column: Column) -> str:
        """Sorted by the column; a second time the other way round."""
        down = next((down for by, down in self.sorts if by is column), None)
        # Numbers and days are first wanted from the highest and latest on.
        down = column.kind.is_number or column.kind in ("date", "moment") if down is None else not down
        return self.url(ordering=f"-{column.name}" if down else column.name)

    @property
    def changes(self) -> list[Any]:
        """The reader's changes of many rows that can still be taken back."""
        undoable = [action.name for action in self.listing.actions if action.undo]
        return apps.get_model("access", "BulkChange").objects.undoable(self.user, self.listing.name, undoable)

    # ---- filters -----------------------------------------------------------------------------------------------------

    @cached_property
    def bar(self) -> list[BoundField]:
        """The filters beside the search."""
        form = self.filterset.form
        return [form[name] for name in self.listing.bar if name in form.fields and self.filterset.offers(name)]

    @property
    def bar_key(self) -> tuple[Any, ...]:
        """What the bar shows besides its list's name: the key of the piece it is kept as.

        What can be chosen (owners, countries) is read anew after `CHOICES_SECONDS`; a filter that is asked for is
        always checked against what there is now.
        """
        return self.user.pk, rights_of(self.user), self.url(), int(time.time() / CHOICES_SECONDS)

    @cached_property
    def more(self) -> list[BoundField]:
        """All filters that people choose from."""
        filters, form = self.every_filter, self.every_filter.form
        names = (name for name in filters.filters if name not in ("q", "search", *self.fixed))
        return [form[name] for name in names if not form[name].is_hidden and filters.offers(name)]

    @property
    def bar_names(self) -> tuple[str, ...]:
        """What the bar itself asks."""
        return ("q", "search", *(field.name for field in self.bar))

    @property
    def more_names(self) -> tuple[str, ...]:
        """What the sheet of filters itself asks."""
        return ("q", "search", *(field.name for field in self.more))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """All that is asked, for forms that ask for a part anew."""
        told = [(name, value) for name, values in self.state.lists() for value in values]
        return [*told, ("from", str(self.base_view.pk))] if self.base_view is not None else told

    @property
    def bare_url(self) -> str:
        """The list without filters, but in its order and with its columns."""
        cut = self._standing
        return self.url(**{name: None for name in self.state if name not in ARRANGING and name not in cut})

    def beside(self, **place: str | None) -> str:
        """This very list's address at another place: the next page, an opened group."""
        told = urlencode([(name, value) for name, value in place.items() if value])
        return f"{self.here}&{told}" if told else self.here

    @property
    def chips(self) -> list[Chip]:
        """The filters that are on, but for the search and those that stand beside it."""
        if not self.filters_asked:
            return []
        form = self.filterset.form
        found = []
        cut = self._standing
        for name in self.state:
            if name in ("q", "search") or name in cut or name not in form.fields or name in form.errors:
                continue
            label = str(form.fields[name].label or name)
            found.append(Chip(name, label, _words(form, name), self.url(**{name: None})))
        return found

    @property
    def _standing(self) -> set[str]:
        """Filters that are no choice of the reader's: the page's own and those of its tabs."""
        return {*self.fixed, *(name for tab, _url, _on in self.tabs for name in tab.params)}

    @property
    def is_narrowed(self) -> bool:
        """Is there any filter?"""
        usual = {**(self.listing.defaults(self.user) if self.listing.defaults else {}), **self.fixed}
        return any(
            name in self.listing.filterset.known() and usual.get(name) != self.state[name] for name in self.state
        )

    @cached_property
    def tabs(self) -> list[tuple[Any, str, bool]]:
        """The list's cuts, each with its address and whether it is the one that is shown."""
        cuts = self.listing.tabs(self) if self.listing.tabs else []
        names = {name for cut in cuts for name in cut.params}
        changes: dict[str, Any] = dict.fromkeys(names)
        now = {name: self.state[name] for name in names if name in self.state}
        return [(cut, self.url(**{**changes, **cut.params}), now == cut.params) for cut in cuts]

    @property
    def search(self) -> str:
        """The words searched for."""
        return self.params.get("q", "") or self.params.get("search", "")


def _asks(params: QueryDict, name: str) -> bool:
    return any(param.startswith(name) for param in params)


@dataclass(frozen=True)
class _Reader:
    """Stands for a request where there is none: in a task."""

    user: Any


def _words(form: Any, name: str) -> str:
    """A filter's value as people say it."""
    value = form.cleaned_data.get(name)
    field = form.fields[name]
    if hasattr(field, "label_from_instance") and value is not None and not hasattr(value, "__iter__"):
        return str(field.label_from_instance(value))
    offered = getattr(field, "choices", None)
    choices = dict(list(getattr(field.widget, "choices", ()) if offered is None else offered))
    raw = form.data.get(name, "")
    if raw in choices:
        return str(choices[raw])
    if hasattr(value, "isoformat"):
        return date_format(value, "Y-m-d")
    return _("yes") if value is True else _("no") if value is False else str(raw)
