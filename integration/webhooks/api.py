"""Webhooks over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.scopes import Scoped
from base.stepup import step_up_required
from integration.webhooks import services
from integration.webhooks.filters import DeliveryFilter
from integration.webhooks.lists import DELIVERIES
from integration.webhooks.models import Delivery, Endpoint

STATES = ("active", "paused")


class Managers(Scoped):
    """Admins, and whoever was given the permission."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and services.may_manage(request.user)


class WebhookSerializer(serializers.ModelSerializer[Endpoint]):
    """An endpoint, without its secret."""

    state = serializers.ChoiceField(STATES, read_only=True)
    events = serializers.ListField(child=serializers.CharField(max_length=100), max_length=200)

    class Meta:
        model = Endpoint
        fields = ["id", "url", "description", "events", "state", "disabled_at", "disabled_reason", "created_at"]
        read_only_fields = ["id", "disabled_at", "disabled_reason", "created_at"]


class WebhookWithSecretSerializer(WebhookSerializer):
    """A new endpoint or a new secret; shown this once, null when the call is repeated."""

    secret = serializers.CharField(read_only=True, allow_null=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """How telling one fact went."""

    class Meta:
        model = Delivery
        fields = [
            "id", "endpoint", "event_id", "type", "state", "attempts", "not_before", "answered", "error", "created_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class WebhookViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Endpoint]):
    """Who outside of the house is told what."""

    permission_classes = [Managers]
    serializer_class = WebhookSerializer
    queryset = Endpoint.objects.filter(removed_at=None)
    told_once = ("secret",)

    @extend_schema(request=WebhookSerializer, responses={201: WebhookWithSecretSerializer})
    @step_up_required
    def create(self, request: Request) -> Response:
        """A new endpoint and its secret."""
        given = WebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._with_secret(*services.add_endpoint(request.user, **given.validated_data), status=201)

    @extend_schema(request=WebhookSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another address, other events."""
        endpoint = self.get_object()
        given = WebhookSerializer(endpoint, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self._told(services.change_endpoint(endpoint, request.user, **given.validated_data))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Tell it nothing any more, and forget it."""
        services.remove_endpoint(self.get_object(), request.user)
        return Response(status=204)

    @extend_schema(request=None, responses=WebhookWithSecretSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def rotate(self, request: Request, pk: str) -> Response:
        """A new secret; for a day what is sent is signed with both."""
        return self._with_secret(*services.rotate_secret(self.get_object(), request.user))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Tell it nothing for now."""
        return self._told(services.pause_endpoint(self.get_object(), request.user))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Tell it again."""
        return self._told(services.resume_endpoint(self.get_object(), request.user))

    @extend_schema(request=None, responses={201: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        """A first word to try the address with."""
        delivery = services.ping(self.get_object(), request.user)
        return Response(WebhookDeliverySerializer(delivery).data, status=201)

    def _told(self, endpoint: Endpoint) -> Response:
        return Response(WebhookSerializer(endpoint).data)

    def _with_secret(self, endpoint: Endpoint, secret: str, status: int = 200) -> Response:
        return Response({**WebhookSerializer(endpoint).data, "secret": secret}, status=status)


class WebhookDeliveryViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Delivery]):
    """What was told to whom, and how it went."""

    permission_classes = [Managers]
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter
    listing = DELIVERIES
    pagination_class = ListingPagination
    queryset = Delivery.objects.defer("body")

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, pk: str) -> Response:
        """Once more, now."""
        return Response(self.get_serializer(services.redeliver(self.get_object(), request.user)).data)


router_entries: list[tuple[str, Any, str]] = [
    ("webhooks", WebhookViewSet, "webhook"),
    ("webhook-deliveries", WebhookDeliveryViewSet, "webhook-delivery"),
]
