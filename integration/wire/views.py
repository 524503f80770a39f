"""Pages of the wire: three lists, and one event with what waits behind it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from base.docs import side_shell
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from integration.lanes import WorkState
from integration.rights import WIRE_READERS
from integration.wire import services
from integration.wire.lists import INCOMING, OUTGOING, REFUSALS, record_of

BEHIND_SHOWN = 20


@role_required(*WIRE_READERS)
def incoming(request: HttpRequest) -> HttpResponse:
    """What the inbox holds."""
    return show(request, INCOMING)


@role_required(*WIRE_READERS)
def outgoing(request: HttpRequest) -> HttpResponse:
    """What the outbox waits with."""
    return show(request, OUTGOING)


@role_required(*WIRE_READERS)
def refusals(request: HttpRequest) -> HttpResponse:
    """What was refused at the door."""
    return show(request, REFUSALS)


@role_required(*WIRE_READERS)
def one_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event that came in: why it waits, and what waits behind it."""
    return _page(request, get_object_or_404(services.incoming(request.user), pk=pk), "in")


@role_required(*WIRE_READERS)
def one_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event that is to go out."""
    return _page(request, get_object_or_404(services.outgoing(request.user), pk=pk), "out")


@role_required(*services.ACTORS)
@require_POST
def try_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the event would do now; nothing of it stays."""
    row = get_object_or_404(services.incoming(request.user), pk=pk)
    return _page(request, row, "in", trial=services.rehearse(row, request.user))


@role_required(*services.ACTORS)
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Apply it anew."""
    row = get_object_or_404(services.incoming(request.user), pk=pk)
    return _taken_up(request, lambda: services.take_up(row, request.user))


@role_required(*services.ACTORS)
@require_POST
def again_like(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Apply anew all that failed in the same way."""
    row = get_object_or_404(services.incoming(request.user), pk=pk)
    return _taken_up(request, lambda: services.take_up_like(row, request.user))


@role_required(*services.ACTORS)
@require_POST
def send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand it over anew."""
    row = get_object_or_404(services.outgoing(request.user), pk=pk)
    try:
        services.send_again(row, request.user)
    except Refused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("It is on its way again."))
    return redirect("wire:outgoing")


def _taken_up(request: HttpRequest, do: Any) -> HttpResponse:
    try:
        count = do()
    except Refused as refusal:
        messages.info(request, str(refusal))
    else:
        told = ngettext("%(count)d event is taken up again.", "%(count)d events are taken up again.", count)
        messages.success(request, told % {"count": count})
    return redirect("wire:incoming")


def _page(request: HttpRequest, row: Any, way: str, trial: dict[str, Any] | None = None) -> HttpResponse:
    rows = services.incoming(request.user) if way == "in" else services.outgoing(request.user)
    same = rows.filter(lane=row.lane, aggregate=row.aggregate).order_by("position")
    facts = {
        "shell": side_shell(),
        "row": row,
        "way": way,
        "about": record_of(row),
        "parked": row.state == WorkState.PARKED,
        "behind": same.filter(position__gt=row.position)[:BEHIND_SHOWN],
        "may_act": has_role(request.user, *services.ACTORS),
        "trial": trial,
    }
    return render(request, "integration/wire/event.html", facts)
