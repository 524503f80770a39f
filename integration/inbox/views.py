"""The side's only door for events."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integration.inbox.receiving import store
from integration.receive import receive


@csrf_exempt  # the caller proves itself by signature, not by cookie
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take one event, or a batch, that the hub delivers."""
    return receive(request, store)
