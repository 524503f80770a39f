from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from base.roles import require, role_required
from erp.desk import reports
from erp.desk.queues import QUEUES, SEE_ALL


@role_required()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is due for this user."""
    return render(request, "erp/desk/home.html", {"desk": reports.desk(request.user)})


@role_required()
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The desk's inside, or nothing when it shows what it showed."""
    desk = reports.desk(request.user)
    if desk.revision == request.GET.get("revision"):
        return HttpResponse(status=204)
    return render(request, "erp/desk/_desk.html", {"desk": desk})


@role_required()
@require_safe
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """All that waits in one queue: its list."""
    found = next((known for known in QUEUES if known.name == name), None)
    if found is None:
        raise Http404
    require(request.user, *found.roles, *SEE_ALL)
    return redirect(found.url)
