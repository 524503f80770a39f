"""The wire over REST: what this side's inbox and outbox hold, and what was refused at its door."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from integration.inbox.models import Incoming, Refusal
from integration.outbox.models import Message
from integration.wire import services
from integration.wire.filters import IncomingFilter, OutgoingFilter, RefusalFilter
from integration.wire.lists import INCOMING, OUTGOING, REFUSALS, record_of

VERDICTS = ("changed", "accepted", "refused")
AdminsActAuditorsRead = RolePermission.of(*services.ACTORS, read=("auditor",))


class IncomingSerializer(serializers.ModelSerializer[Incoming]):
    """An event that came in and is not applied."""

    about = serializers.SerializerMethodField(help_text="The record it is about.")
    failure = serializers.CharField(read_only=True, help_text="The class of its failure.")
    behind = serializers.IntegerField(read_only=True, help_text="So many of its record wait behind it.")

    class Meta:
        model = Incoming
        fields = [
            "id", "event_id", "type", "source", "about", "position", "state", "failure", "error", "attempts", "behind",
            "not_before", "received_at", "correlation_id",
        ]  # fmt: skip
        read_only_fields = fields

    def get_about(self, row: Incoming) -> str:
        return record_of(row)


class OutgoingSerializer(serializers.ModelSerializer[Message]):
    """An event that the hub has not taken yet; its id is the event's."""

    about = serializers.SerializerMethodField(help_text="The record it is about.")
    behind = serializers.IntegerField(read_only=True, help_text="So many of its record wait behind it.")

    class Meta:
        model = Message
        fields = [
            "id", "type", "about", "position", "state", "error", "attempts", "behind", "not_before", "created_at",
            "correlation_id",
        ]  # fmt: skip
        read_only_fields = fields

    def get_about(self, row: Message) -> str:
        return record_of(row)


class RefusalSerializer(serializers.ModelSerializer[Refusal]):
    """What was refused at the door, the same within a minute in one row."""

    class Meta:
        model = Refusal
        fields = [
            "id", "minute", "last_at", "door", "code", "status", "signed_by", "address", "contract", "event", "reason",
            "times",
        ]  # fmt: skip
        read_only_fields = fields


class TakenUpSerializer(serializers.Serializer[Any]):
    """How many events are taken up again."""

    count = serializers.IntegerField()


class DryRunSerializer(serializers.Serializer[Any]):
    """What the event would do here now: rows written by table, and what this side would tell, or why it refuses."""

    verdict = serializers.ChoiceField(VERDICTS)
    text = serializers.CharField(allow_blank=True)
    changes = serializers.DictField(child=serializers.IntegerField(), default=dict)


class IncomingViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Incoming]):
    """What the hub handed over and is not applied here; a parked event waits for an admin."""

    group = "Wire"
    permission_classes = [AdminsActAuditorsRead]
    serializer_class = IncomingSerializer
    filterset_class = IncomingFilter
    listing = INCOMING
    pagination_class = ListingPagination
    ordering = INCOMING.order
    queryset = Incoming.objects.all()

    def get_queryset(self) -> Any:
        return services.incoming(self.request.user)

    @extend_schema(request=None, responses=TakenUpSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Apply a parked event anew; what waits behind it follows."""
        return Response({"count": services.take_up(self.get_object(), request.user)})

    @extend_schema(request=None, responses=TakenUpSerializer)
    @action(detail=True, methods=["post"], url_path="again-like")
    def again_like(self, request: Request, pk: str) -> Response:
        """Apply anew all that is parked for the same class of failure, oldest first."""
        return Response({"count": services.take_up_like(self.get_object(), request.user)})

    @extend_schema(request=None, responses=DryRunSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def rehearse(self, request: Request, pk: str) -> Response:
        """What the event would do here now; nothing of it stays."""
        return Response(DryRunSerializer(services.rehearse(self.get_object(), request.user)).data)


class OutgoingViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Message]):
    """What was told here and the hub has not taken yet."""

    group = "Wire"
    permission_classes = [AdminsActAuditorsRead]
    serializer_class = OutgoingSerializer
    filterset_class = OutgoingFilter
    listing = OUTGOING
    pagination_class = ListingPagination
    ordering = OUTGOING.order
    queryset = Message.objects.all()

    def get_queryset(self) -> Any:
        return services.outgoing(self.request.user)

    @extend_schema(request=None, responses=OutgoingSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Hand a parked event over anew, from the first attempt."""
        row = self.get_object()
        services.send_again(row, request.user)
        row.refresh_from_db(fields=["state", "attempts", "error", "not_before"])  # it may have left the list by now
        return Response(self.get_serializer(row).data)


class RefusalViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Refusal]):
    """What somebody handed over and this side did not take; never a word of it."""

    group = "Wire"
    permission_classes = [AdminsActAuditorsRead]
    serializer_class = RefusalSerializer
    filterset_class = RefusalFilter
    listing = REFUSALS
    pagination_class = ListingPagination
    ordering = REFUSALS.order
    queryset = Refusal.objects.all()


router_entries: list[tuple[str, Any, str]] = [
    ("incoming-events", IncomingViewSet, "incoming-event"),
    ("outgoing-events", OutgoingViewSet, "outgoing-event"),
    ("refusals", RefusalViewSet, "refusal"),
]
