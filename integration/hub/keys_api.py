"""The public keys of every side over REST: what the hub checks signatures with."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from integration.hub.roles import Operating
from integration.keys import pinned_keys


class TrustedKeySerializer(serializers.Serializer[Any]):
    """The public half of a side's key, by what two people compare."""

    kid = serializers.CharField()
    side = serializers.CharField()
    purpose = serializers.CharField()
    status = serializers.CharField()
    fingerprint = serializers.CharField()


class TrustedKeyViewSet(ApiMixin, viewsets.ViewSet):
    """Whose signatures count here, and whose no longer."""

    group = "Signing keys"
    permission_classes = [Operating]

    @extend_schema(responses=TrustedKeySerializer(many=True))
    def list(self, request: Request) -> Response:
        """All of them, side by side."""
        rows = sorted(pinned_keys(settings.JWKS_FILE), key=lambda key: (key.side, key.purpose, key.kid))
        return Response(TrustedKeySerializer(rows, many=True).data)


router_entries: list[tuple[str, Any, str]] = [("trusted-keys", TrustedKeyViewSet, "trusted-key")]
