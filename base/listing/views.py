"""The page of any list, and its parts."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from base.listing import grouping, table
from base.listing.asking import Asked
from base.listing.bulk import actions_for
from base.listing.listing import Button, Listing
from base.listing.totals import Totals, count_rows, totals_of
from base.roles import has_role

SHELLS = {"crm": "ui/shell_crm.html", "erp": "ui/shell_erp.html"}


def show(
    request: HttpRequest, listing: Listing, *, fixed: dict[str, str] | None = None, template: str = "", **facts: Any
) -> HttpResponse:
    """The list as the address asks for it: the page, or the part that htmx wants.

    A page of one record shows the rows that belong to it: `fixed` are the filters it stands for.
    `facts` go to the page's template, where a list has one of its own.
    """
    listing.require(request.user)
    asked = Asked.of(listing, request, fixed)
    part = _PARTS.get(request.GET.get("part", ""))
    if part is not None:
        return part(request, asked)
    page = asked.page()
    totals = totals_of(asked, page)
    fragment = request.headers.get("HX-Target") == "listing"
    shown = table.Table(asked, page.rows, totals)
    groups = grouping.body_of(asked, shown, asked.group) if asked.group is not None and page.rows else None
    context = {**_facts(asked), **facts, "page": page, "table": shown, "totals": totals, "groups": groups}
    if groups is None:
        context["next_url"] = asked.beside(after=page.next_cursor) if page.next_cursor else ""
        context["previous_url"] = asked.beside(before=page.previous_cursor) if page.previous_cursor else ""
    context["with_bar"] = fragment and request.headers.get("HX-Trigger") != "listing-bar"
    answer = render(request, "ui/listing/_answer.html" if fragment else template or listing.template, context)
    if fragment:
        answer["HX-Push-Url"] = listing_path(request, asked)
    patch_vary_headers(answer, ["HX-Target"])
    return answer


def listing_path(request: HttpRequest, asked: Asked) -> str:
    """This question's own address, in as few words as it takes."""
    place = "".join(f"&{name}={asked.given[name]}" for name in ("after", "before") if asked.given.get(name))
    return f"{request.path}{asked.here}{place}"


def _facts(asked: Asked) -> dict[str, Any]:
    listing, user = asked.listing, asked.user
    return {
        "shell": SHELLS.get(settings.SIDE, "ui/shell_hub.html"),
        "listing": listing,
        "asked": asked,
        "actions": (actions := actions_for(listing, user)),
        "undoes": any(action.undo for action in actions),
        "buttons": [button for button in listing.buttons if _may_press(button, user)],
    }


def _may_press(button: Button, user: Any) -> bool:
    return bool(button.url) and (not button.roles or has_role(user, *button.roles))


# ---- parts -----------------------------------------------------------------------------------------------------------


def _count(request: HttpRequest, asked: Asked) -> HttpResponse:
    """How many would fit, said on the button while the filters are chosen."""
    asked.params.pop("part", None)
    totals = Totals(count_rows(asked.rows))
    return render(request, "ui/listing/_count.html", {"count": table.Table(asked, [], totals).count})


def _totals(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The sums of a very long list, asked for by themselves."""
    totals = totals_of(asked, whatever=True)
    return HttpResponse(table.Table(asked, [], totals).foot)


def _group(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The rows of one group, when it is opened."""
    if asked.group is None:
        return HttpResponse(status=404)
    shown = table.Table(asked, [], Totals(0))
    shown.currency = shown.cells.one_currency = request.GET.get("currency", "")[:3]
    return HttpResponse(grouping.open_rows(asked, shown, asked.group, request.GET.get("open", "")))


def _sheet(name: str) -> Callable[[HttpRequest, Asked], HttpResponse]:
    """A part that opens as a sheet, and as a page where there is no script."""

    def part(request: HttpRequest, asked: Asked) -> HttpResponse:
        context = {**_facts(asked), "sheet": f"ui/listing/_{name}.html", "counted": ""}
        page = f"ui/listing/_{name}.html" if request.headers.get("HX-Request") else "ui/listing/part.html"
        return render(request, page, context)

    return part


_PARTS: dict[str, Callable[[HttpRequest, Asked], HttpResponse]] = {
    "count": _count,
    "totals": _totals,
    "group": _group,
    "filters": _sheet("filters"),
    "columns": _sheet("columns"),
    "save": _sheet("save"),
    "changes": _sheet("changes"),
}
