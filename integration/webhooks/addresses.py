"""Where a webhook may go: to public https addresses, so that nobody makes our server knock at doors inside the house.

The name is resolved once, every address it has is judged, and the connection is made to the judged address: a name
that changes its mind between the look and the call gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput

PORTS_OF = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Address:
    """A judged destination: connect to `ip`, speak to `host`."""

    scheme: str
    host: str
    ip: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """With the judged address in place of the name."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """As the receiver knows itself."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS_OF[self.scheme] else f"{host}:{self.port}"


def judged(url: str) -> Address:
    """The address to connect to, or a refusal that says why not."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS_OF.get(parts.scheme, 0)
    except ValueError:
        raise _refused(_("This is not an address.")) from None
    if parts.scheme not in PORTS_OF or not host or parts.username or parts.password or not url.isprintable():
        raise _refused(_("Give a plain https:// address, without a user name or password."))
    private = settings.WEBHOOK_ALLOW_PRIVATE
    if parts.scheme == "http" and not private:
        raise _refused(_("Only https:// addresses can be told anything."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(_("Nobody knows a host by the name {host}.").format(host=host)) from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not private and not all(_is_public(one) for one in addresses):
        raise _refused(_("{host} leads into a private network.").format(host=host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, addresses[0], port, path)


def _is_public(text: str) -> bool:
    """Neither inside the house nor special; an IPv4 address in an IPv6 coat is judged as what it is."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)


def _refused(why: object) -> BadInput:
    return BadInput(why=why, field="url")
