"""The hub over REST: the archive, deliveries, cases and pauses, and who is who on both sides."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission, OperandHolder, SingleOperandHolder
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.refusals import MoveRefused
from base.stepup import step_up_required
from integration.hub import observing, pausing, reports, restricted, routing, services
from integration.hub.causes import choices_of
from integration.hub.filters import CaseFilter, DeliveryFilter, EventFilter, MappingFilter, PauseFilter
from integration.hub.lists import CASES, EVENTS, MAPPING
from integration.hub.models import (
    Archived,
    Case,
    CaseState,
    Delivery,
    Mapping,
    Pause,
    Phase,
    Route,
    Scope,
    Silence,
)
from integration.hub.refusals import SideAway
from integration.hub.roles import Operating
from integration.hub.running_lists import DELIVERIES, PAUSES
from integration.lanes import retry_parked
from integration.liaison.asking import NoAnswer

SIDES = ("crm", "erp")
VERDICTS = ("changed", "accepted", "refused")


class HubMixin(ApiMixin):
    """Read by all of the hub's people, written to by those who act; what few may read is masked in the answer."""

    permission_classes: Sequence[type[BasePermission] | OperandHolder | SingleOperandHolder] = [Operating]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """An event on its way to one side."""

    contract = serializers.CharField(source="route.contract", read_only=True)

    class Meta:
        model = Delivery
        fields = [
            "id", "event", "contract", "destination", "mode", "state", "attempts", "answered", "error", "not_before",
            "finished_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class EventRowSerializer(serializers.ModelSerializer[Archived]):
    """An archived event in a list."""

    class Meta:
        model = Archived
        fields = [
            "event_id", "type", "source", "partition_key", "aggregate_seq", "correlation_id", "causation_id", "digest",
            "told_at", "archived_at",
        ]  # fmt: skip
        read_only_fields = fields


class EventSerializer(EventRowSerializer):
    """An archived event with its bytes as text, its signature, and where it went."""

    body = serializers.SerializerMethodField(help_text="The very text that was signed.")
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta(EventRowSerializer.Meta):
        fields = [*EventRowSerializer.Meta.fields, "keyid", "signature", "body", "deliveries"]
        read_only_fields = fields

    def get_body(self, event: Archived) -> str:
        return restricted.words_of(self.context["request"].user, event)


class TrialSerializer(serializers.Serializer[Any]):
    """Where to try it."""

    side = serializers.ChoiceField(SIDES)


class TriedSerializer(serializers.Serializer[Any]):
    """What the side would do with it now: rows written by table, and what it would say."""

    verdict = serializers.ChoiceField(VERDICTS)
    text = serializers.CharField(allow_blank=True)
    changes = serializers.DictField(child=serializers.IntegerField())


class MappingSerializer(serializers.ModelSerializer[Mapping]):
    """The CRM's customer and the ERP's party that are the same."""

    class Meta:
        model = Mapping
        fields = ["customer", "party", "name", "evidence", "written_by", "created_at"]
        read_only_fields = fields


class RouteSerializer(serializers.ModelSerializer[Route]):
    """One contract on its way to one destination."""

    class Meta:
        model = Route
        fields = ["id", "contract", "source", "destination", "phase"]
        read_only_fields = fields


class SwitchSerializer(serializers.Serializer[Any]):
    """How far the route goes; `catch_up` also delivers what was told while it was not on."""

    phase = serializers.ChoiceField(Phase.choices)
    catch_up = serializers.BooleanField(default=False)


class CaseSerializer(serializers.ModelSerializer[Case]):
    """A contradiction and what was decided about it."""

    closed_by = serializers.CharField(source="closed_by.username", read_only=True, default=None, allow_null=True)
    differences = serializers.SerializerMethodField()
    choices = serializers.SerializerMethodField(help_text="What may be decided; nothing once it is closed.")

    class Meta:
        model = Case
        fields = [
            "id", "number", "cause", "state", "source", "contract", "about", "differences", "choices", "event",
            "restricted", "pause", "hits", "opened_at", "last_hit_at", "closed_at", "closed_by", "choice", "reason",
            "erased_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_differences(self, case: Case) -> list[dict[str, str]]:
        return restricted.differences_of(self.context["request"].user, case)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_choices(self, case: Case) -> list[str]:
        return [] if case.state == CaseState.CLOSED else [choice.name for choice in choices_of(case)]


class DecisionSerializer(serializers.Serializer[Any]):
    """One of the case's choices, and why."""

    choice = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=500)
    value = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PauseSerializer(serializers.ModelSerializer[Pause]):
    """What is held, since when and why."""

    ended_by = serializers.CharField(source="ended_by.username", read_only=True, default=None, allow_null=True)
    asked_by = serializers.CharField(source="asked_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Pause
        fields = [
            "id", "scope", "target", "reason", "began_at", "began_by", "asked_at", "asked_by", "asked_reason",
            "ended_at", "ended_by", "ended_reason",
        ]  # fmt: skip
        read_only_fields = [
            "id", "began_at", "began_by", "asked_at", "asked_by", "asked_reason", "ended_at", "ended_by",
            "ended_reason",
        ]  # fmt: skip
        validators: list[Any] = []


class WhySerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=500)


class EventViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Archived]):
    """The archive; nothing in it changes."""

    group = "Events"
    version_lock = None
    listing = EVENTS
    pagination_class = ListingPagination
    ordering = EVENTS.order
    filterset_class = EventFilter
    queryset = Archived.objects.all()

    def get_queryset(self) -> QuerySet[Archived]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows.defer("body", "signature")
        return rows.prefetch_related("deliveries__route")

    def get_serializer_class(self) -> Any:
        return EventRowSerializer if self.action == "list" else EventSerializer

    @extend_schema(request=TrialSerializer, responses=TriedSerializer)
    @action(detail=True, methods=["post"], url_path="try", url_name="try")
    def rehearse(self, request: Request, pk: str) -> Response:
        """What a side would do with it now; nothing stays."""
        given = TrialSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        archived = self.get_object()
        try:
            (told,) = observing.rehearse_at(given.validated_data["side"], [archived])
        except NoAnswer as fault:
            raise SideAway(why=str(fault)) from None
        text = restricted.trial_of(request.user, archived, told.get("text", ""))
        tried = {"verdict": told["verdict"], "text": text, "changes": told.get("changes", {})}
        return Response(TriedSerializer(tried).data)


class DeliveryViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Delivery]):
    """Events on their way; one that is parked can be set going again."""

    group = "Events"
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    listing = DELIVERIES
    pagination_class = ListingPagination
    ordering = DELIVERIES.order
    queryset = Delivery.objects.select_related("route")

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Set a parked delivery going again, and with it all that waits behind it."""
        delivery = self.get_object()
        if not retry_parked(Delivery, delivery.pk):
            raise MoveRefused(what=delivery.event_id, state=delivery.get_state_display(), verb="retried")
        return Response(self.get_serializer(self.get_object()).data)


class MappingViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Mapping]):
    """Who is who on both sides."""

    group = "Mapping"
    listing = MAPPING
    pagination_class = ListingPagination
    ordering = MAPPING.order
    serializer_class = MappingSerializer
    filterset_class = MappingFilter
    queryset = Mapping.objects.all()


class RouteViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Route]):
    """Which contract goes where, and how far its adoption has come."""

    group = "Routes"
    serializer_class = RouteSerializer
    filterset_fields = ["contract", "destination", "phase"]
    queryset = Route.objects.all()

    @extend_schema(request=SwitchSerializer, responses=RouteSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def switch(self, request: Request, pk: str) -> Response:
        """Off, observed or on; a restricted contract needs its grant first."""
        given = SwitchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        routing.switch(self.get_object(), **given.validated_data)
        return Response(self.get_serializer(self.get_object()).data)


class CaseViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Case]):
    """What needs a person's decision, and what was decided."""

    group = "Cases and pauses"
    serializer_class = CaseSerializer
    filterset_class = CaseFilter
    listing = CASES
    pagination_class = ListingPagination
    queryset = Case.objects.select_related("closed_by").defer("refused_body")

    @extend_schema(request=DecisionSerializer, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Take one of the choices."""
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        services.decide(self.get_object(), told["choice"], request.user, told["reason"], told["value"])
        return Response(self.get_serializer(self.get_object()).data)


class PauseViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Pause]):
    """What is held; POST holds something by hand."""

    group = "Cases and pauses"
    serializer_class = PauseSerializer
    filterset_class = PauseFilter
    listing = PAUSES
    pagination_class = ListingPagination
    ordering = PAUSES.order
    queryset = Pause.objects.select_related("asked_by", "ended_by")

    @extend_schema(responses={201: PauseSerializer})
    def create(self, request: Request) -> Response:
        """Hold it; the hub goes on accepting and archiving."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        target = "" if told["scope"] == Scope.ALL else told.get("target", "").strip()
        held = pausing.pause(told["scope"], target, told["reason"], request.user)
        return Response(self.get_serializer(self.get_queryset().get(pk=held.pk)).data, status=201)

    @extend_schema(request=WhySerializer, responses=PauseSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def resume(self, request: Request, pk: str) -> Response:
        """Let go; what is wide needs a second person to say so too."""
        given = WhySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pausing.resume(self.get_object(), request.user, given.validated_data["reason"])
        return Response(self.get_serializer(self.get_object()).data)


class SilenceSerializer(serializers.ModelSerializer[Silence]):
    """What nobody is told of meanwhile; it still stands in the interface."""

    hours = serializers.IntegerField(min_value=1, max_value=24 * 14, write_only=True)
    by = serializers.CharField(source="by.username", read_only=True)

    class Meta:
        model = Silence
        fields = ["id", "kind", "subject", "hours", "reason", "until", "by"]
        read_only_fields = ["id", "until"]


class SilenceViewSet(HubMixin, mixins.CreateModelMixin, viewsets.ReadOnlyModelViewSet[Silence]):
    """Alerts that are silenced for some hours."""

    group = "Watch"
    serializer_class = SilenceSerializer
    filterset_fields = ["kind"]
    queryset = Silence.objects.select_related("by")

    def perform_create(self, serializer: Any) -> None:
        until = timezone.now() + timedelta(hours=serializer.validated_data.pop("hours"))
        serializer.save(until=until, by=self.request.user)


@extend_schema_serializer(many=False)
class MonitorSerializer(serializers.Serializer[Any]):
    """The wall in figures."""

    waiting = serializers.IntegerField()
    parked = serializers.IntegerField()
    oldest_seconds = serializers.IntegerField(allow_null=True)
    revision = serializers.CharField()


class MonitorViewSet(HubMixin, viewsets.ViewSet):
    """How it goes, at a glance."""

    group = "Watch"

    @extend_schema(operation_id="monitor", responses=MonitorSerializer)
    def list(self, request: Request) -> Response:
        """What waits, what is parked, and for how long."""
        return Response(MonitorSerializer(reports.monitor()).data)


router_entries: list[tuple[str, Any, str]] = [
    ("monitor", MonitorViewSet, "monitor"),
    ("events", EventViewSet, "event"),
    ("deliveries", DeliveryViewSet, "delivery"),
    ("mappings", MappingViewSet, "mapping"),
    ("routes", RouteViewSet, "route"),
    ("cases", CaseViewSet, "case"),
    ("pauses", PauseViewSet, "pause"),
    ("silences", SilenceViewSet, "silence"),
]
