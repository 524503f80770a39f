"""Parts of a page that keep themselves current: one way for all pages.

`{% live %}…{% endlive %}` (base/templatetags/ui.py) puts a mark on the part: what it shows, as a digest. The browser
(static/js/ui.js) asks for the same page again and names the mark; it gets the part, or nothing when it shows the same.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

HEADER = "X-Live"
# New on every page, and nothing that a reader sees.
_TOKENS = re.compile(r'name="(?:csrfmiddlewaretoken|idempotency_key)" value="[^"]*"')


@dataclass(frozen=True, slots=True)
class Part:
    """What the page shows, and its mark."""

    html: str
    mark: str


def mark_of(html: str) -> str:
    """Changes when anything that is shown changes.

    >>> mark_of('<input name="idempotency_key" value="1">') == mark_of('<input name="idempotency_key" value="2">')
    True
    """
    return hashlib.sha256(_TOKENS.sub("", html).encode()).hexdigest()[:16]


def is_asked(request: Any) -> bool:
    """Is only the live part of the page wanted?"""
    return HEADER in request.headers


def live_parts(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Of a page whose part is asked for again, answer with that part, or with nothing."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        part: Part | None = getattr(request, "live_part", None)
        if not is_asked(request) or response.status_code != 200:
            return response
        if part is None or part.mark == request.headers[HEADER]:
            return HttpResponse(status=204)
        return HttpResponse(part.html)

    return middleware
