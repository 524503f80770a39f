"""Where a request comes from, said once for lockout, limits and sessions."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address; a proxy that we trust is believed about whom it speaks for."""
    address: str = request.META.get("REMOTE_ADDR", "")
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while address in settings.TRUSTED_PROXIES and told:
        address = told.pop()
    return address[:64]
