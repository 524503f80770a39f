"""Lists over REST: the filters of the page, `ordering` by the same columns, pages by key in any of these orders."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from base.api import KeysetPagination
from base.listing.asking import SORTS_MAX
from base.listing.listing import Listing
from base.lists import Page, fits, page_of
from base.refusals import BadInput
from base.tiers import HiddenField


class ListingPagination(KeysetPagination):
    """For viewsets that name their `listing`: `?ordering=-net,number`, and cursors that fit it.

    Unasked the last row comes first, or as the viewset's `ordering` says.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """One page; the cursor says from which row on, and in which direction."""
        asked = request.query_params.get("ordering", "")
        usual: tuple[str, ...] = getattr(view, "ordering", ("-pk",))
        order = order_of(view.listing, request.user, asked) if asked else usual
        cursor = request.query_params.get(self.cursor_query_param, "")
        if cursor and not (cursor[:2] in ("n.", "p.") and fits(cursor[2:], order)):
            raise BadInput(why=_("This cursor is damaged or of another list."), field="cursor")
        place = {"before" if cursor.startswith("p.") else "after": cursor[2:]} if cursor else {}
        self.base_url = request.build_absolute_uri()
        self.found: Page = page_of(queryset, order, size=self.get_page_size(request) or self.page_size, **place)
        return self.found.rows

    def get_next_link(self) -> str | None:
        return self._link("n", self.found.next_cursor)

    def get_previous_link(self) -> str | None:
        return self._link("p", self.found.previous_cursor)

    def _link(self, direction: str, cursor: str | None) -> str | None:
        if cursor is None or self.base_url is None:
            return None
        url: str = replace_query_param(self.base_url, self.cursor_query_param, f"{direction}.{cursor}")
        return url

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Cursor and page size, and what the list can be ordered by."""
        names = [column.name for column in view.listing.columns if column.sort_path]
        told: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        description = f"Up to {SORTS_MAX} of: {', '.join(names)}; a minus before a name turns it round."
        schema = {"type": "string", "example": f"-{names[0]}"}
        return [*told, {"name": "ordering", "in": "query", "required": False, "description": description,
                        "schema": schema}]  # fmt: skip


def order_of(listing: Listing, user: Any, asked: str) -> tuple[str, ...]:
    """The order that was asked for, down to a unique column; what the user may not know cannot be ordered by."""
    names = [name for name in asked.split(",") if name]
    known = {column.name: column for column in listing.columns_for(user)}
    order: list[str] = []
    for name in names[:SORTS_MAX]:
        column = known.get(name.lstrip("-"))
        if column is None and any(name.lstrip("-") == one.name for one in listing.columns):
            raise HiddenField(name=name.lstrip("-"), field="ordering")
        if column is None or not column.sort_path:
            raise ValidationError({"ordering": [_("The list cannot be ordered by “{name}”.").format(name=name)]})
        order.append(f"-{column.sort_path}" if name.startswith("-") else column.sort_path)
    taken = {name.lstrip("-") for name in order}
    return (*order, *(name for name in listing.order if name.lstrip("-") not in taken))
