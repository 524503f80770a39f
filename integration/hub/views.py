import json
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.live import is_asked
from integration.hub import figures, reports, restricted, sides
from integration.hub.lists import EVENTS, MAPPING
from integration.hub.models import Archived, Delivery
from integration.hub.pages import page
from integration.hub.roles import operators_only, readers_only
from integration.keys import pinned_keys
from integration.lanes import retry_parked

SIDES_ANSWER_S = 2.0


@readers_only
def monitor(request: HttpRequest) -> HttpResponse:
    """The wall: what travels, what waits, what needs a person."""
    state = reports.monitor()
    told = sides.ask_all("outbox", timeout=SIDES_ANSWER_S)
    facts = {"monitor": state, "flows": reports.to_the_hub(state, told)}
    if not is_asked(request):  # the chart of the day stands below the part that keeps itself current
        facts["throughput"] = figures.throughput()
    return page(request, "monitor", facts)


@readers_only
def events(request: HttpRequest) -> HttpResponse:
    """All events, newest first; `q` is an aggregate, a correlation or an event's id."""
    return show(request, EVENTS)


@readers_only
def event(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event's whole journey."""
    archived = get_object_or_404(Archived, pk=pk)
    words = restricted.words_of(request.user, archived)
    document = json.dumps(json.loads(words), indent=2, ensure_ascii=False) if words.startswith("{") else words
    return page(request, "event", {"journey": reports.journey(archived), "event": archived, "body": document})


@operators_only
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a parked delivery going again, and with it all that waits behind it."""
    delivery = get_object_or_404(Delivery, pk=pk)
    if retry_parked(Delivery, pk):
        messages.success(request, _("It is on its way again."))
    else:
        messages.info(request, _("It was not parked any more."))
    return redirect("hub:event", delivery.event_id)


@readers_only
def mapping(request: HttpRequest) -> HttpResponse:
    """Which customer is which party, and the event that says so."""
    return show(request, MAPPING)


@readers_only
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys that signatures are checked with; the private halves are on their sides."""
    rows = sorted(pinned_keys(settings.JWKS_FILE), key=lambda key: (key.side, key.purpose, key.kid))
    return page(request, "keys", {"rows": rows})
