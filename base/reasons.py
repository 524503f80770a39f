"""Why a program changes something: the header `X-Reason` of an unsafe call stands in the history of what it changed.

The words are ASCII; others come percent-encoded as UTF-8, as in an address, because a header has no other alphabet.
"""

import unicodedata
from typing import Any
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from base import context
from base.recording import LENGTH
from base.refusals import Refused

HEADER = "X-Reason"
_UNFIT = ("Cc", "Zl", "Zp")  # control characters and ends of lines


class BadReason(Refused):
    """The reason cannot be kept as it was told."""

    message = _("X-Reason has at most {n} printable characters; those beyond ASCII are percent-encoded as UTF-8.")
    status = 400
    field = HEADER


def understood(told: str) -> str:
    """The words of a header.

    >>> understood("asked by phone"), understood("10%25 off"), understood("%E6%B6%A8%E4%BB%B7")
    ('asked by phone', '10% off', '涨价')
    """
    try:
        words = unquote_to_bytes(told.encode("ascii")).decode().strip()
    except UnicodeError:
        raise BadReason(n=LENGTH) from None
    if len(words) > LENGTH or any(unicodedata.category(sign) in _UNFIT for sign in words):
        raise BadReason(n=LENGTH)
    return words


class ReasonMixin:
    """For API views: what an unsafe call changes remembers the reason it was told."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with context.because(""):  # the frame in which `initial` says the reason, once it is known who calls
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in SAFE_METHODS:
            context.reason.set(understood(request.headers.get(HEADER, "")))
