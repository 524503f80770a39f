"""How often somebody may call the API: counted per minute and per token, session user or address, in one small table.

The table is unlogged: a count costs one short statement and no disk flush, all processes share it, and a crash of
PostgreSQL merely forgets it. A limit of 0 counts nothing.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from base import context
from base.addresses import client_address
from base.problems import MEDIA_TYPE, body

Handler = Callable[[HttpRequest], HttpResponse]
WINDOW_SECONDS = 60

_COUNT = """INSERT INTO access_ratecount AS held (bucket, window_start, hits) VALUES (%s, %s, 1)
ON CONFLICT (bucket) DO UPDATE SET window_start = excluded.window_start,
  hits = CASE WHEN held.window_start = excluded.window_start THEN held.hits + 1 ELSE 1 END
RETURNING hits"""


@dataclass(frozen=True)
class Count:
    """Where a caller stands in this minute."""

    hits: int
    limit: int
    resets_in: int

    @property
    def exceeded(self) -> bool:
        return self.hits > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's RateLimit header fields say it."""
        return {
            "RateLimit-Policy": f'"minute";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"minute";r={max(self.limit - self.hits, 0)};t={self.resets_in}',
        }


def rate_limit(get_response: Handler) -> Handler:
    """Middleware: the limit of who calls, whatever comes of the call; failed sign-ins also count for their address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return get_response(request)
        bucket, limit = _caller(request)
        if not limit:
            return get_response(request)
        count = hit(bucket, limit)
        if count.exceeded:
            return _too_many(count)
        response = get_response(request)
        if response.status_code == 401 and not bucket.startswith("ip:"):
            count = hit(f"ip:{client_address(request)}", settings.API_RATE_ANONYMOUS)
            if count.exceeded:
                return _too_many(count)
        for name, value in count.headers.items():
            response.headers[name] = value
        return response

    return middleware


def hit(bucket: str, limit: int) -> Count:
    """Count one more call of this minute."""
    now = int(time.time())
    start = now - now % WINDOW_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [bucket, start])
        (hits,) = cursor.fetchone()
    return Count(hits, limit, start + WINDOW_SECONDS - now)


def _caller(request: HttpRequest) -> tuple[str, int]:
    """Whose count it is: a token's by its digest, a signed-in user's, else the address'."""
    if credential := request.headers.get("Authorization", ""):
        digest = hashlib.sha256(credential.encode(errors="replace")).hexdigest()
        return f"token:{digest[:32]}", settings.API_RATE_USER
    if request.user.is_authenticated:
        return f"user:{request.user.pk}", settings.API_RATE_USER
    return f"ip:{client_address(request)}", settings.API_RATE_ANONYMOUS


def _too_many(count: Count) -> HttpResponse:
    detail = _("That was more than {n} calls in a minute. Wait {s} seconds.").format(n=count.limit, s=count.resets_in)
    told = {**body("too-many-requests", 429, detail), "instance": context.request_id.get()}
    headers = {**count.headers, "Retry-After": str(max(count.resets_in, 1))}
    return JsonResponse(told, status=429, content_type=MEDIA_TYPE, headers=headers)


def forget() -> int:
    """Drop the counts of past minutes; how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM access_ratecount WHERE window_start < %s", [int(time.time()) - 2 * WINDOW_SECONDS])
        return cursor.rowcount
