"""How an API says no: every refusal, fault of a caller and lost address is a problem body (RFC 9457)."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation, ValidationError
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from base import context
from base.refusals import Refused

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class BodyTooLarge(exceptions.APIException):
    """More bytes than a call may bring."""

    status_code = 413
    default_code = "body_too_large"


def problem(exception: Exception, details: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets a programmer's error crash."""
    if isinstance(exception, Refused):
        return answer(exception.problem, exception.headers)
    if isinstance(exception, Http404):
        return answer(body("not-found", 404, _("There is nothing at this address that you may see.")))
    if isinstance(exception, PermissionDenied):
        return answer(body("not-allowed", 403, _("You are not allowed to do this.")))
    if isinstance(exception, BadRequest | SuspiciousOperation):
        return answer(body("bad-request", 400, _("The request cannot be understood.")))
    if isinstance(exception, ValidationError):
        exception = exceptions.ValidationError(
            exception.message_dict if hasattr(exception, "error_dict") else exception.messages
        )
    if isinstance(exception, exceptions.ValidationError):
        told = body("bad-input", 422, _("Some fields need another look."))
        told["errors"] = list(_flatten(exception.detail))
        return answer(told)
    if isinstance(exception, exceptions.APIException):
        return _of_the_framework(exception)
    if isinstance(exception, DatabaseError):
        return _of_the_database(exception)
    return None


def _of_the_framework(exception: exceptions.APIException) -> Response:
    code = str(getattr(exception, "default_code", "error")).replace("_", "-")
    headers = {}
    if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Bearer"
    return answer(body(code, exception.status_code, str(exception.detail)), headers)


def _of_the_database(exception: DatabaseError) -> Response | None:
    """The database's own belt held: a refusal, not a fault, when the SQLSTATE is one of a rule or a race."""
    state = str(getattr(exception.__cause__, "sqlstate", "") or "")
    if state.startswith(("HM", "23", "40")):
        log.warning("the database refused: %s", exception)
        return answer(body("conflict", 409, _("This contradicts what is already recorded; nothing was changed.")))
    if state == "55P03":
        return answer(body("busy", 409, _("Somebody is working on this right now. Repeat the call in a moment.")))
    if state.startswith("22") or isinstance(exception, DataError):
        return answer(body("bad-input", 422, _("A value is out of bounds; nothing was changed.")))
    return None


def body(code: str, status: int, detail: str) -> dict[str, Any]:
    """The members every problem has."""
    return {"type": f"/problems/{code}", "title": detail, "status": status, "detail": detail, "code": code}


def answer(told: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """The problem as DRF sends it; `instance` is the id under which the log knows the request."""
    told["instance"] = context.request_id.get()
    return Response(told, status=told["status"], content_type=MEDIA_TYPE, headers=headers)


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list of {field, message}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flatten(inner, f"{path}.{index}" if nested else path)
    else:
        yield {"field": path, "message": str(detail)}


def _page_or_problem(request: HttpRequest, code: str, status: int, detail: str, template: str) -> HttpResponse:
    """Programs get a problem, people a page."""
    if request.path.startswith("/api/"):
        told = {**body(code, status, detail), "instance": context.request_id.get()}
        return JsonResponse(told, status=status, content_type=MEDIA_TYPE)
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 outside of any view."""
    return _page_or_problem(request, "bad-request", 400, _("The request cannot be understood."), "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside of the API's own handler."""
    return _page_or_problem(request, "not-allowed", 403, _("You are not allowed to do this."), "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address nobody knows."""
    detail = _("There is nothing at this address that you may see.")
    return _page_or_problem(request, "not-found", 404, detail, "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """500: ours to mend; the id tells us where to look."""
    detail = _("Something broke on our side; nothing was changed. Tell us the request id and try again later.")
    if request.path.startswith("/api/"):
        return _page_or_problem(request, "server-error", 500, detail, "500.html")
    # Without the request: who is signed in, and what waits for them, may be the very thing that broke.
    return HttpResponse(render_to_string("500.html"), status=500)
