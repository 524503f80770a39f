"""The side's only door for events."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integration.inbox import door, intake
from integration.inbox.receiving import store
from integration.receive import DeliveryRefused, receive

_looked = [float("-inf"), False]


@csrf_exempt  # the caller proves itself by signature, not by cookie
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take one event, or a batch, that the hub delivers."""
    return receive(request, store, witness=door.note, busy=_busy)


def _busy() -> DeliveryRefused | None:
    """So much waits that the sender should come later; looked at now and then, for it changes slowly."""
    now = time.monotonic()
    if now - _looked[0] > settings.INTAKE_LOOK_SECONDS:
        _looked[:] = now, intake.too_many_wait()
    return DeliveryRefused(429, "too-many-waiting", "come later") if _looked[1] else None
