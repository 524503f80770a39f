"""Where a request comes from, said once for lockout, limits and sessions."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address; a proxy that we trust is believed about whom it speaks for."""
    address: str = request.META.get("REMOTE_ADDR", "")
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while told and _is_trusted(address):
        address = told.pop()
    return address[:64]


def _is_trusted(address: str) -> bool:
    try:
        return any(ip_address(address) in network for network in settings.TRUSTED_PROXIES)
    except ValueError:  # a proxy may write what it likes, and what it was told
        return False
