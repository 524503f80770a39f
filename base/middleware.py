"""What happens around every request: ids for the log, the user's language, refusals turned into answers."""

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from base import context
from base.ids import uuid7
from base.refusals import Refused
from base.stepup import StepUpRequired, ask_for_proof

Handler = Callable[[HttpRequest], HttpResponse]


class ContextFilter(logging.Filter):
    """Adds the request's and the chain's id to each line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = context.request_id.get() or "-"
        record.correlation_id = context.correlation_id.get() or "-"
        return True


def request_context(get_response: Handler) -> Handler:
    """Give the request an id (the caller's `X-Request-ID`, if sensible) and answer with it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if 8 <= len(given) <= 64 and given.replace("-", "").isalnum() else str(uuid7())
        with context.acting("", request=request_id, correlation="", causation=""):
            response = get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response

    return middleware


def user_preferences(get_response: Handler) -> Handler:
    """The signed-in user's language and time zone; the browser's language for guests."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
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

    The API has its own handler (`base.problems.problem`) and never comes here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
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
