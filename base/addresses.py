"""Where a request comes from, said once for lockout, limits and sessions."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's address; a proxy that we trust is believed about whom it speaks for.

    Each proxy writes whom it heard at the right end of X-Forwarded-For; what stands left of that was told to it. So the
    list is walked from the right, and the first that is no proxy of ours is the caller. Where anybody who calls is
    trusted (`*`), only the right end is believed: the rest may be the caller's own invention.
    """
    caller: str = request.META.get("REMOTE_ADDR", "")
    if not _is_proxy(caller):
        return caller[:64]
    for word in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        address = _read(word.strip())
        if address is None:
            break
        caller = str(address)
        if settings.TRUSTED_PROXIES is None or not _is_proxy(caller):
            break
    return caller[:64]


def _is_proxy(caller: str) -> bool:
    """One of FORWARDED_ALLOW_IPS; as for gunicorn, also who calls through a socket file (no address)."""
    if settings.TRUSTED_PROXIES is None or not caller:
        return True
    address = _read(caller)
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _read(word: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(word)
    except ValueError:
        return None
