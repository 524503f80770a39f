"""The declaration of a list, and where all lists of a side are known by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404

from base.fragments import Memory
from base.listing.columns import Column
from base.listing.filters import ListFilterSet
from base.refusals import NotAllowed
from base.roles import has_role, rights_of
from base.tiers import hidden_path
from base.ui import url_of

_KNOWN: dict[str, "Listing"] = {}
_KNOWN_BY: Memory[tuple[Column, ...]] = Memory(500)  # the columns that people with certain rights may know of


@dataclass(frozen=True)
class Button:
    """A step that stands over the list; `sheet` opens its page as a sheet."""

    label: Any
    url_name: str
    icon: str = "plus"
    tone: str = "primary"
    roles: tuple[str, ...] = ()
    sheet: bool = False

    @property
    def url(self) -> str:
        return url_of(self.url_name)


@dataclass(frozen=True)
class Tab:
    """A cut of the list that is one click away: words, the filters it sets, and perhaps a number."""

    label: Any
    params: dict[str, str]
    count: int | None = None


@dataclass(frozen=True)
class Empty:
    """What an empty list teaches, and what it says when the filters leave nothing."""

    icon: str
    title: Any
    text: Any
    none_title: Any
    none_text: Any
    button: Button | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Listing:
    """All there is to know about one list."""

    name: str
    model: type[Model]
    title: Any
    url_name: str
    columns: tuple[Column, ...]
    rows: Callable[[Any], QuerySet[Any]]
    """The choke point: what a user may see, with what every row shows."""
    filterset: type[ListFilterSet]
    order: tuple[str, ...]
    """How it stands unless asked otherwise; ends in a unique column."""
    roles: tuple[str, ...]
    count: Callable[[int], str]
    """So many rows, in words: `3 orders`."""
    empty: Empty
    placeholder: Any = ""
    bar: tuple[str, ...] = ()
    """Filters that stand beside the search; the others are a click away."""
    buttons: tuple[Button, ...] = ()
    actions: tuple[Any, ...] = ()
    version: Callable[[Any], str] | None = None
    """Changes whenever the row does: guards a cell against overwriting what somebody else wrote."""
    decorate: Callable[[list[Any]], None] | None = None
    """Reads what a page of rows needs besides, in one query for all of them."""
    row_url: Callable[[Any], str] | None = None
    row_class: Callable[[Any], str] | None = None
    lead: Any = ""
    reads: tuple[str, ...] = ()
    """The fields that rows read besides their columns' own (a computed cell, the link, who may write): only these are
    loaded. One that is forgotten costs a query a row, and the list's budget of queries tells; empty: all are loaded."""
    template: str = "ui/listing/page.html"
    body: str = ""
    """Template of the rows, where a list is not shown as a table."""
    groups: bool = True
    defaults: Callable[[Any], dict[str, str]] | None = None
    """What a user's bare list asks for: a rep's own deals, an agent's own queue."""
    tabs: Callable[[Any], list[Tab]] | None = None
    """`tabs(asked)`: cuts of the list that stand over it."""
    allows: Callable[[Any], bool] | None = None
    """For a list that is for others than those with certain roles: who may see it."""
    live: int = 0
    """Every so many seconds the page looks whether it still shows what there is."""
    trail: tuple[Any, str] | None = None
    """Where it belongs: words and the name of the address above it."""
    more_columns: Callable[[], tuple[Column, ...]] | None = None
    """Columns that people of this side have added; asked for anew by every question."""
    cut_of: "Listing | None" = None
    """The list of all such rows, where this one is the cut of it that waits for a certain work."""
    cut_by: str = ""
    """The query that makes the same cut of that list, on its page and on its resource of the API."""

    def __post_init__(self) -> None:
        assert _KNOWN.get(self.name, self).model is self.model, f"two lists are called {self.name}"
        _KNOWN[self.name] = self

    def may_see(self, user: Any) -> bool:
        """Is the list for this user?"""
        return self.allows(user) if self.allows else has_role(user, *self.roles)

    def require(self, user: Any) -> None:
        """Go on only if it is."""
        if not self.may_see(user):
            raise NotAllowed()

    def columns_for(self, user: Any) -> tuple[Column, ...]:
        """The columns that this user may know of; all others do not exist for them."""
        rights = rights_of(user)
        known = _KNOWN_BY.made(
            (self, rights), lambda: tuple(column for column in self.columns if self._may_know(column, user))
        )
        return (*known, *self.more_columns()) if self.more_columns else known

    def _may_know(self, column: Column, user: Any) -> bool:
        if column.roles and not has_role(user, *column.roles):
            return False
        paths = {*column.tells_of, column.path, column.sort_path} - {""}
        return not any(hidden_path(user, self.model, path) for path in paths)

    def url_of(self, row: Any) -> str:
        """The row's own page."""
        return self.row_url(row) if self.row_url else str(row.get_absolute_url())

    def version_of(self, row: Any) -> str:
        """What the row was when it was shown."""
        return self.version(row) if self.version else ""

    @property
    def url(self) -> str:
        """The list's own page."""
        return url_of(self.url_name)

    @property
    def up(self) -> dict[str, Any]:
        """The page above it, for the trail."""
        return {"label": self.trail[0], "url": url_of(self.trail[1])} if self.trail else {}


def listing_of(name: str) -> Listing:
    """The list of this name on this side."""
    if name not in _KNOWN:
        raise Http404
    return _KNOWN[name]


def all_listings() -> Sequence[Listing]:
    """Every list of this side."""
    return tuple(_KNOWN.values())
