"""Alerts on a page: what stands, what was told, what one wants to hear no more of."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from base.listing.views import show
from integration.hub import watching
from integration.hub.forms import SilenceForm
from integration.hub.models import Pulse, Silence
from integration.hub.pages import page
from integration.hub.roles import operators_only, readers_only
from integration.hub.running_lists import ALERTS


@readers_only
def alerts(request: HttpRequest) -> HttpResponse:
    """What stands now, what stood before, and whether the watch itself lives."""
    return show(
        request,
        ALERTS,
        silences=Silence.objects.filter(until__gt=timezone.now()).select_related("by").order_by("until"),
        pulses=Pulse.objects.order_by("name"),
        late=watching.late_parts(),
    )


@operators_only
def silence(request: HttpRequest) -> HttpResponse:
    """Be told no more of something for some hours; it still stands in the interface."""
    form = SilenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        assert request.user.is_authenticated
        Silence.objects.create(
            kind=told["kind"],
            subject=told["subject"].strip(),
            until=timezone.now() + timedelta(hours=told["hours"]),
            reason=told["reason"],
            by=request.user,
        )
        messages.success(request, _("You will not be told of it meanwhile."))
        return redirect("hub:alerts")
    return page(request, "silence", {"form": form}, 422 if form.errors else 200)
