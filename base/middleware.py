"""What happens around every request: ids for the log, the user's language, refusals turned into answers."""

import logging
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.middleware import get_user
from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from base import context, metrics
from base.ids import uuid7
from base.refusals import BadInput, Refused
from base.stepup import StepUpRequired, ask_for_proof

Handler = Callable[[HttpRequest], HttpResponse]

QUIET = ("healthz", "readyz", "metrics")  # asked every few seconds, by machines
access_log = logging.getLogger("heming.access")
log = logging.getLogger(__name__)


class _Database:
    """How often and how long a request waited for the database."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began


def request_context(get_response: Handler) -> Handler:
    """Give the request an id (the caller's `X-Request-ID`, if sensible), answer with it, and write it down."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if 8 <= len(given) <= 64 and given.replace("-", "").isalnum() else str(uuid7())
        began, database = time.perf_counter(), _Database()
        with context.acting("", request=request_id, correlation="", causation="", through=""):
            with context.reading_once(), connection.execute_wrapper(database):
                response = get_response(request)
            _note(request, response, time.perf_counter() - began, database)
        response.headers["X-Request-ID"] = request_id
        return response

    return middleware


def _note(request: HttpRequest, response: HttpResponse, seconds: float, database: _Database) -> None:
    """One line of the log and the metrics. The route is the pattern, not the address: no ids, no query, no names."""
    match = request.resolver_match
    route = match.route if match else "-"
    if route in QUIET:
        return
    status = response.status_code
    metrics.REQUESTS.labels(request.method, route, status).observe(seconds)
    metrics.DATABASE.labels(route).observe(database.seconds)
    access_log.info(
        "%s /%s %s",
        request.method,
        route.lstrip("^"),
        status,
        extra={
            "method": request.method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "db_ms": round(database.seconds * 1000, 1),
            "queries": database.queries,
        },
    )


def user_preferences(get_response: Handler) -> Handler:
    """The signed-in user's language and time zone; the browser's language for guests."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # The person themself, not Django's lazy stand-in for them: they are asked for their roles hundreds of times.
        user = request.user = get_user(request)
        if user.is_authenticated:
            context.actor.set(user.get_username())
        language = getattr(user, "language", "") or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        zone = getattr(user, "time_zone", "")
        if zone:
            timezone.activate(ZoneInfo(zone))
        else:
            timezone.deactivate()
        try:
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
            return response
        finally:
            translation.deactivate()
            timezone.deactivate()

    return middleware


def refusals(get_response: Handler) -> Handler:
    """A refusal that a view let through becomes a message on the page the user came from, or a plain page.

    What the database cannot take (NUL in a text, a number out of bounds) was the caller's too, where no form looked.

    The API has its own handler (`base.problems.problem`) and never comes here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DataError):
            log.warning("the database refused: %s", exception)
            exception = BadInput(why=_("A value is out of bounds; nothing was changed."))
        if not isinstance(exception, Refused):
            return None
        if isinstance(exception, StepUpRequired):
            return ask_for_proof(request, exception)
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(exception.problem, status=exception.status, content_type="application/problem+json")
        if request.headers.get("HX-Request"):
            response = render(request, "ui/_refusal.html", {"refusal": exception}, status=exception.status)
            response.headers["HX-Retarget"] = "#toasts"
            response.headers["HX-Reswap"] = "beforeend"
            return response
        back = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(back, {request.get_host()}):
            messages.error(request, str(exception))
            return redirect(back)
        return render(request, "ui/refused.html", {"refusal": exception}, status=exception.status)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
