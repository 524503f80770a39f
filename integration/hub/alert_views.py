"""Alerts on a page: what stands, what was told, what one wants to hear no more of."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.roles import role_required
from integration.hub import watching
from integration.hub.forms import SilenceForm
from integration.hub.models import Alert, Pulse, Silence

OPERATORS = ("operator", "admin")


@role_required(*OPERATORS)
def alerts(request: HttpRequest) -> HttpResponse:
    """What stands now, what stood before, and whether the watch itself lives."""
    return _page(request, SilenceForm())


def _page(request: HttpRequest, form: SilenceForm, status: int = 200) -> HttpResponse:
    context = {
        "standing": Alert.objects.standing().order_by("-began_at")[:200],
        "over": Alert.objects.exclude(ended_at=None).order_by("-ended_at")[:50],
        "silences": Silence.objects.filter(until__gt=timezone.now()).select_related("by").order_by("until"),
        "pulses": Pulse.objects.order_by("name"),
        "late": watching.late_parts(),
        "form": form,
    }
    return render(request, "integration/hub/alerts.html", context, status=status)


@role_required(*OPERATORS)
@require_POST
def silence(request: HttpRequest) -> HttpResponse:
    """Be told no more of something for some hours; it still stands in the interface."""
    form = SilenceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
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
