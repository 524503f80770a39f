"""What a token is for: `orders:read`, `orders:write`, or `*:read` and `*:write` for every area.

A scope only narrows: whatever it says, the token can never do what its user may not. `write` includes `read`.
"""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from base.refusals import Refused

ALL = "*:write"
VERBS = ("read", "write")


class ScopeMissing(Refused):
    """The token was made for less than this."""

    message = _("This token is not made for that; it needs the scope {scope}.")
    status = 403

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.facts["scope"]}"'}


@cache
def areas() -> tuple[str, ...]:
    """The areas of this side's API, as its domains are called."""
    entries = import_module(settings.ROOT_URLCONF).ENTRIES
    return tuple(dict.fromkeys(area_of(viewset) for _prefix, viewset, _name in entries))


def area_of(viewset: Any) -> str:
    """The domain a viewset, a model or a function stands in: `erp.orders.api` is `orders`.

    >>> area_of(type("View", (), {"__module__": "erp.orders.api"}))
    'orders'
    """
    return viewset.__module__.split(".")[1]


def every_scope() -> list[str]:
    """All that can be written into a token."""
    return [f"{area}:{verb}" for area in ("*", *areas()) for verb in VERBS]


def covers(held: list[str], wanted: str) -> bool:
    """Do the held scopes allow the wanted one?

    >>> covers(["orders:write"], "orders:read"), covers(["*:read"], "orders:write"), covers(["*:write"], "tax:read")
    (True, False, True)
    """
    area, _colon, verb = wanted.partition(":")
    verbs = VERBS if verb == "read" else ("write",)
    return any(f"{name}:{v}" in held for name in ("*", area) for v in verbs)


class Scoped(BasePermission):
    """Signed in and, with a token, one whose scopes cover the call. Every API permission stands on this one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        held = getattr(request.auth, "scopes", None)
        if held is not None:
            wanted = f"{area_of(type(view))}:{'read' if request.method in SAFE_METHODS else 'write'}"
            if not covers(held, wanted):
                raise ScopeMissing(scope=wanted)
        return True
