"""Where one is signed in, over REST: seen, and ended as the page ends it."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.account import sessions
from base.api import ApiMixin
from base.scopes import Scoped
from base.stepup import step_up_required


class SessionSerializer(serializers.Serializer[Any]):
    """A browser that somebody is signed in with; `here` marks the one that asks."""

    id = serializers.UUIDField(read_only=True)
    device = serializers.CharField(read_only=True)
    ip_address = serializers.CharField(read_only=True, allow_null=True)
    started_at = serializers.DateTimeField(read_only=True)
    seen_at = serializers.DateTimeField(read_only=True)
    here = serializers.SerializerMethodField()

    def get_here(self, row: Any) -> bool:
        return bool(row.session_key == here_of(self.context["request"]))


class EndedSerializer(serializers.Serializer[Any]):
    """How many browsers were signed out."""

    ended = serializers.IntegerField()


class SessionViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Any]):
    """Where the caller is signed in, last seen first. Ending one asks a browser for a fresh proof; a token ends only
    its own person's, whatever roles they have."""

    permission_classes = [Scoped]
    serializer_class = SessionSerializer
    pagination_class = None
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = apps.get_model("access", "SignIn").objects
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        if self.action == "list":
            return rows.filter(user=self.request.user.pk).alive()
        seen = rows.visible_to(self.request.user)
        return seen.filter(user=self.request.user.pk) if self.request.auth else seen

    @extend_schema(responses={204: None})
    @step_up_required
    def destroy(self, request: Request, pk: str) -> Response:
        """Sign that browser out, now: one's own; as an admin, from a browser, anybody's."""
        sessions.end(self.get_queryset().filter(pk=self.get_object().pk))
        return Response(status=204)

    @extend_schema(request=None, responses=EndedSerializer)
    @action(detail=False, methods=["post"], url_path="end-others")
    @step_up_required
    def end_others(self, request: Request) -> Response:
        """Sign out everywhere but in the browser that asks; a token has none, so everywhere."""
        return Response({"ended": sessions.end_of(request.user, but=here_of(request))})


def here_of(request: Request) -> str | None:
    """The session that asks; a token has none."""
    key: str | None = None if request.auth else request.session.session_key
    return key


router_entries: list[tuple[str, Any, str]] = [("sessions", SessionViewSet, "session")]
