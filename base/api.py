"""Manners of the REST APIs: who calls, how lists page, how a repeated call is recognised, how a no sounds."""

import hashlib
import json
import logging
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from base import context
from base.refusals import Refused

log = logging.getLogger(__name__)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed(_("The authorization header must be “Bearer <token>”."))
        model = apps.get_model("access", "ApiToken")
        digest = model.digest_of(parts[1].decode("ascii", "replace"))
        token = model.objects.alive().select_related("user").filter(digest=digest).first()
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown or has expired."))
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            model.objects.filter(pk=token.pk).update(last_used_at=now)
        context.actor.set(token.user.get_username())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeysetPagination(CursorPagination):
    """Pages by key, newest first: page 1,000 costs what page 1 costs."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering: str | tuple[str, ...] = "-id"


class RepeatedKey(Refused):
    """The same Idempotency-Key came with another request."""

    message = "{why}"
    status = 409


class IdempotencyMixin:
    """A POST with an `Idempotency-Key` is done once; the same call again gets the first answer.

    The key's row is written first and in the same transaction as the effect, so that of two rivals one waits for the
    other. Only successes are remembered: after a refusal the caller may mend the request and use the key again.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        self._key = key[:255]
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if getattr(self, "_key", ""):
            self._call = self._remember(request)
            if self._call.status is not None:
                raise _Answered(self._call)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        call = getattr(self, "_call", None)
        if call is not None and call.status is None and response.status_code < 400:
            connection.check_constraints()
            call.status = response.status_code
            call.body = json.loads(json.dumps(response.data, default=str))
            call.save(update_fields=["status", "body"])
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    def _remember(self, request: Request) -> Any:
        model = apps.get_model("access", "RememberedCall")
        digest = hashlib.sha256(json.dumps(request.data, sort_keys=True, default=str).encode()).hexdigest()
        told = {"method": request.method, "path": request.path[:500], "digest": digest}
        call, created = model.objects.get_or_create(user_id=request.user.pk or 0, key=self._key, defaults=told)
        if not created:
            for name, value in told.items():
                if getattr(call, name) != value:
                    what = {"method": _("method"), "path": _("path"), "digest": _("body")}[name]
                    raise RepeatedKey(
                        why=_("This Idempotency-Key was used for another call: the {what} differs.").format(what=what)
                    )
        return call


class _Answered(Exception):
    """Leaves the view with the remembered answer."""

    def __init__(self, call: Any) -> None:
        self.call = call


def problem(exception: Exception, details: dict[str, Any]) -> Response | None:
    """Every no of an API is a problem body (RFC 9457)."""
    if isinstance(exception, _Answered):
        response = Response(exception.call.body, status=exception.call.status)
        response["Idempotent-Replay"] = "true"
        return response
    if isinstance(exception, Refused):
        return _answer(exception.problem)
    if isinstance(exception, Http404):
        return _answer(_body("not-found", 404, _("There is nothing at this address that you may see.")))
    if isinstance(exception, PermissionDenied):
        return _answer(_body("not-allowed", 403, _("You are not allowed to do this.")))
    if isinstance(exception, ValidationError):
        exception = exceptions.ValidationError(
            exception.message_dict if hasattr(exception, "error_dict") else exception.messages
        )
    if isinstance(exception, exceptions.ValidationError):
        body = _body("bad-input", 422, _("Some fields need another look."))
        body["errors"] = list(_flatten(exception.detail))
        return _answer(body)
    if isinstance(exception, exceptions.APIException):
        code = str(getattr(exception, "default_code", "error")).replace("_", "-")
        response = _answer(_body(code, exception.status_code, str(exception.detail)))
        if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            response["WWW-Authenticate"] = "Bearer"
        return response
    if isinstance(exception, IntegrityError | DatabaseError):
        return _database_problem(exception)
    return None


def _database_problem(exception: DatabaseError) -> Response | None:
    """The database's own belt held: a refusal, not a fault, when the SQLSTATE is one of a rule or a race."""
    state = str(getattr(exception.__cause__, "sqlstate", "") or "")
    if state.startswith(("HM", "23", "40")):
        log.warning("the database refused: %s", exception)
        return _answer(_body("conflict", 409, _("This contradicts what is already recorded; nothing was changed.")))
    if state.startswith("22"):
        return _answer(_body("bad-input", 422, _("A value is out of bounds; nothing was changed.")))
    return None


def _body(code: str, status: int, detail: str) -> dict[str, Any]:
    return {"type": f"/problems/{code}", "title": detail, "status": status, "detail": detail, "code": code}


def _answer(body: dict[str, Any]) -> Response:
    body["instance"] = context.request_id.get()
    return Response(body, status=body["status"], content_type="application/problem+json")


def _flatten(detail: Any, path: str = "") -> Any:
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


class ProblemSerializer(serializers.Serializer[Any]):
    """The shape of a no, for the OpenAPI document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    instance = serializers.CharField()
