"""My tokens over REST."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.scopes import Scoped, every_scope
from base.stepup import step_up_required
from base.tokens import services


class TokenSerializer(serializers.Serializer[Any]):
    """A token, without its secret."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(services.STATES)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewTokenSerializer(serializers.Serializer[Any]):
    """What for and how long; `*:write` is everything the user may do."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=60), min_length=1, max_length=60, help_text="Such as `orders:read`."
    )
    days = serializers.IntegerField(min_value=1, max_value=services.DAYS_MAX)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        """Only what there is on this side."""
        if unknown := sorted(set(scopes) - set(every_scope())):
            raise serializers.ValidationError(f"{', '.join(unknown)}?")
        return scopes


class TokenWithSecretSerializer(TokenSerializer):
    """A new token; `secret` is shown this once, and is null when the call is repeated."""

    secret = serializers.CharField(allow_null=True)


class TokenViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Any]):
    """The caller's own tokens: made with POST, ended with DELETE."""

    permission_classes = [Scoped]
    serializer_class = TokenSerializer
    queryset: Any = None
    told_once = ("secret",)

    def get_queryset(self) -> QuerySet[Any]:
        model = apps.get_model("access", "ApiToken")
        if getattr(self, "swagger_fake_view", False):
            return model.objects.none()
        return services.tokens_of(self.request.user)

    @extend_schema(request=NewTokenSerializer, responses={201: TokenWithSecretSerializer})
    @step_up_required
    def create(self, request: Request) -> Response:
        """A new token. With a token, only one that may do no more and ends no later."""
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        token, secret = services.create_token(request.user, **given.validated_data, by=request.auth)
        token.secret = secret
        return Response(TokenWithSecretSerializer(token).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End it now, for good."""
        services.revoke_token(self.get_object())
        return Response(status=204)


router_entries: list[tuple[str, Any, str]] = [("tokens", TokenViewSet, "token")]
