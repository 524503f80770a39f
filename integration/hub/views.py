import hashlib
import json
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.lists import keyset_page
from base.roles import role_required
from integration.contracts import all_contracts
from integration.hub import figures, reports, restricted
from integration.hub.forms import EventFilter
from integration.hub.models import Archived, Delivery, Mapping
from integration.keys import pinned_keys
from integration.lanes import retry_parked

LIST = ("event_id", "type", "source", "partition_key", "aggregate_seq", "archived_at", "told_at", "correlation_id")


@role_required("operator", "admin")
def monitor(request: HttpRequest) -> HttpResponse:
    """The wall: what travels, what waits, what needs a person."""
    return render(
        request, "integration/hub/monitor.html", {"throughput": figures.throughput(), "monitor": reports.monitor()}
    )


@role_required("operator", "admin")
def monitor_live(request: HttpRequest) -> HttpResponse:
    """The wall's inside, or nothing when it shows what it showed."""
    state = reports.monitor()
    if state.revision == request.GET.get("revision"):
        return HttpResponse(status=204)
    return render(request, "integration/hub/_monitor.html", {"monitor": state})


@role_required("operator", "admin")
def events(request: HttpRequest) -> HttpResponse:
    """All events, newest first; `q` is an aggregate, a correlation or an event's id."""
    form = EventFilter(request.GET)
    form.is_valid()
    rows = Archived.objects.only(*LIST).prefetch_related("deliveries")
    for name in ("source", "type"):
        if value := form.cleaned_data.get(name):
            rows = rows.filter(**{name: value})
    if state := form.cleaned_data.get("state"):
        rows = rows.filter(pk__in=Delivery.objects.filter(state=state).values("event_id"))
    if words := request.GET.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(named(words))
    page = keyset_page(rows, request, ("-archived_at", "-event_id"))
    return render(request, "integration/hub/events.html", {"page": page, "form": form, "q": words})


def named(words: str) -> Q:
    """An id of any kind, or the end of an aggregate's name."""
    found = Q(partition_key=words) | Q(correlation_id=words)
    try:
        event = UUID(words)
    except ValueError:
        return found | Q(partition_key__endswith=f":{words}")
    names = {f"{contract.aggregate.partition(':')[0]}:{event}" for contract in all_contracts()}
    return found | Q(event_id=event) | Q(partition_key__in=names)


@role_required("operator", "admin")
def event(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One event's whole journey."""
    archived = get_object_or_404(Archived, pk=pk)
    words = restricted.words_of(request.user, archived)
    document = json.dumps(json.loads(words), indent=2, ensure_ascii=False) if words.startswith("{") else words
    return render(
        request,
        "integration/hub/event.html",
        {"journey": reports.journey(archived), "event": archived, "body": document},
    )


@role_required("operator", "admin")
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a parked delivery going again, and with it all that waits behind it."""
    delivery = get_object_or_404(Delivery, pk=pk)
    if retry_parked(Delivery, pk):
        messages.success(request, _("It is on its way again."))
    else:
        messages.info(request, _("It was not parked any more."))
    return redirect("hub:event", delivery.event_id)


@role_required("operator", "admin")
def mapping(request: HttpRequest) -> HttpResponse:
    """Which customer is which party, and the event that says so."""
    rows = Mapping.objects.all()
    if words := request.GET.get("q", "").strip().replace("\x00", ""):
        rows = rows.filter(Q(name__icontains=words) | Q(party__istartswith=words))
    page = keyset_page(rows, request, ("-created_at", "-customer"))
    return render(request, "integration/hub/mapping.html", {"page": page, "q": words})


@role_required("operator", "admin")
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys that signatures are checked with; the private halves are on their sides."""
    rows = [
        {"key": key, "fingerprint": hashlib.sha256(key.public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()}
        for key in sorted(pinned_keys(settings.JWKS_FILE), key=lambda key: (key.side, key.purpose, key.kid))
    ]
    return render(request, "integration/hub/keys.html", {"rows": rows})
