"""What readers change about a list: their columns and their views."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.listing import services
from base.listing.asking import Asked
from base.listing.listing import Listing, listing_of


@require_GET
@login_required
def home(request: HttpRequest, name: str) -> HttpResponse:
    """The list of this name, asked what the address asks."""
    listing = listing_for(request, name)
    return redirect(f"{listing.url}?{request.GET.urlencode()}")


@require_POST
@login_required
def arrange(request: HttpRequest, name: str) -> HttpResponse:
    """Columns, order and grouping as chosen; the columns are remembered for the user."""
    listing = listing_for(request, name)
    asked = Asked.told(listing, request.user, request.POST.get("state", "").lstrip("?"))
    columns = [] if request.POST.get("reset") else request.POST.getlist("columns")
    changes: dict[str, str | None] = {
        "ordering": request.POST.get("ordering") or None,
        "group": request.POST.get("group") or None,
    }
    if asked.base_view is not None:
        changes["columns"] = ",".join(columns) or None
    else:
        services.arrange(asked, columns)
        changes["columns"] = None
    return redirect(f"{listing.url}{asked.url(**changes)}")


@require_POST
@login_required
def save_view(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what is asked under a name."""
    listing = listing_for(request, name)
    view = services.save_view(
        listing,
        request.user,
        request.POST.get("name", ""),
        request.POST.get("state", ""),
        team=bool(request.POST.get("team")),
        default=bool(request.POST.get("default")),
    )
    messages.success(request, _("“{name}” is saved.").format(name=view.name))
    return redirect(f"{listing.url}?view={view.pk}")


@require_POST
@login_required
def change_view(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Change or remove a view."""
    listing, told = listing_for(request, name), request.POST
    if told.get("do") == "remove":
        services.remove_view(listing, request.user, pk)
        messages.success(request, _("The view is gone; the rows are not."))
        return redirect(f"{listing.url}?view=all")
    changes: dict[str, object] = {}
    if told.get("do") == "state":
        changes = {"state": told.get("state", "")}
    elif told.get("do") == "words":
        changes = {
            "name": told.get("name", ""),
            "team": bool(told.get("team")),
            "default": bool(told.get("default")),
        }
    view = services.change_view(listing, request.user, pk, **changes)
    messages.success(request, _("“{name}” is saved.").format(name=view.name))
    return redirect(f"{listing.url}?view={view.pk}")


def listing_for(request: HttpRequest, name: str) -> Listing:
    """The list, if the user may see it."""
    listing = listing_of(name)
    listing.require(request.user)
    return listing
