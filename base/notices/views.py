"""Pages of notices: all one was told, the bell, and where a notice leads."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.notices.lists import NOTICES
from base.notices.services import mine, read


@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    """All one was told, the newest first."""
    return show(request, NOTICES)


@login_required
def open_notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go where it leads; who has gone there has read it."""
    notice = get_object_or_404(mine(request.user), pk=pk)
    read(mine(request.user).filter(pk=pk))
    return redirect(notice.url or "notices:list")


@require_POST
@login_required
def mark_read(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """One, or all that wait."""
    told = mine(request.user)
    read(told if pk is None else told.filter(pk=pk))
    return redirect("notices:list")


def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its count; nothing when the page already shows this number, or when one has signed out."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    count = mine(request.user).unread().count()
    if request.GET.get("shown") == str(count):
        return HttpResponse(status=204)
    return render(request, "ui/_bell.html", {"unread_notices": count})
