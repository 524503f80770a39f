"""This side's own signing keys over REST, to read: each step of a key's life is a person's, who has just proved who
they are on the page, or the machine's at its own terminal (`./manage.py <side> keys`)."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from base.stepup import ADMINS
from integration.keys import PURPOSES
from integration.outbox.key_views import STATES, key_rows

KID = OpenApiParameter("kid", {"type": "string", "pattern": r"^[\w-]{1,64}$"}, OpenApiParameter.PATH)


class SigningKeySerializer(serializers.Serializer[Any]):
    """The public half of a key: what it proves, how far its life has come, and what two people compare."""

    kid = serializers.CharField()
    purpose = serializers.ChoiceField(PURPOSES)
    status = serializers.ChoiceField(list(STATES))
    since = serializers.DateTimeField(allow_null=True)
    fingerprint = serializers.CharField()


class SigningKeyViewSet(ApiMixin, viewsets.ViewSet):
    """Every key that this side ever signed with; for its admins."""

    group = "Signing keys"
    permission_classes = [RolePermission.of(*ADMINS)]
    lookup_field = "kid"
    lookup_value_regex = r"[\w-]{1,64}"

    @extend_schema(responses=SigningKeySerializer(many=True))
    def list(self, request: Request) -> Response:
        """All, the newest first."""
        return Response(SigningKeySerializer(key_rows(), many=True).data)

    @extend_schema(parameters=[KID], responses=SigningKeySerializer)
    def retrieve(self, request: Request, kid: str) -> Response:
        """One."""
        found = next((row for row in key_rows() if row["kid"] == kid), None)
        if found is None:
            raise NotFound()
        return Response(SigningKeySerializer(found).data)


router_entries: list[tuple[str, Any, str]] = [("signing-keys", SigningKeyViewSet, "signing-key")]
