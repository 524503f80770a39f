"""What the framework asks for before there is any view: who calls, how a body is read, how lists page."""

import codecs
import json
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from base import context
from base.problems import BodyTooLarge
from base.refusals import BadInput

DEPTH_MAX = 64


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
            raise exceptions.AuthenticationFailed(_("This token is unknown, revoked or expired."))
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            model.objects.filter(pk=token.pk).update(last_used_at=now)
        context.actor.set(token.user.get_username())
        context.via.set(_("API token “{name}”").format(name=token.name))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AlwaysJson(BaseContentNegotiation):
    """We speak JSON, whatever a browser's Accept says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class JsonBody(JSONParser):
    """JSON of a bounded size; what cannot be read is the caller's fault, however it is broken."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.API_BODY_BYTES_MAX
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(_("The body is larger than {n} bytes.").format(n=limit))
        try:
            told = json.loads(body.removeprefix(codecs.BOM_UTF8).decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as fault:
            raise exceptions.ParseError(_("The body is not JSON: {why}").format(why=fault)) from None
        if body.count(b"[") + body.count(b"{") > DEPTH_MAX and _deeper_than(DEPTH_MAX, told):
            raise exceptions.ParseError(_("The body is nested too deeply."))
        return told


def _deeper_than(depth: int, told: Any) -> bool:
    level = [told]
    for _level in range(depth):
        branches = [one.values() if isinstance(one, dict) else one for one in level]
        level = [inner for branch in branches for inner in branch if isinstance(inner, dict | list)]
    return bool(level)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class KeysetPagination(CursorPagination):
    """Pages by key, newest first: page 1,000 costs what page 1 costs."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering: str | tuple[str, ...] = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, ValidationError, ValueError, DataError):
            raise BadInput(why=_("This cursor is damaged or of another list."), field="cursor") from None
