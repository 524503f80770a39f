"""Running the hub over REST: steps, grants of restricted contracts, what is parked, and how the sides compare."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import KeysetPagination
from base.listing.api import ListingPagination
from base.stepup import require_step_up, step_up_required
from integration.hub import erasing, observing, restricted, routing, services
from integration.hub.api import SIDES, VERDICTS, HubMixin
from integration.hub.filters import AlertFilter, ComparisonFilter, ObservationFilter
from integration.hub.models import Alert, AlertKind, Comparison, Delivery, Erasure, Grant, Observation, Phase, Route
from integration.hub.reconciling import SUBJECTS, reconcile
from integration.hub.refusals import WhichMissing
from integration.hub.roles import Granting
from integration.hub.running_lists import ALERTS, COMPARISONS, OBSERVED
from integration.hub.sides import ask_for_a_person
from integration.liaison.asking import SECONDS, NoAnswer, ask

PLACES = ("hub", *SIDES)
STEP_PHASES = [choice for choice in Phase.choices if choice[0] != Phase.OFF]
SUBJECT_NAMES = tuple(SUBJECTS)
SIDE_SECONDS = 5.0
SECOND_LOOK_S = 2.0


class StepSerializer(serializers.Serializer[Any]):
    """A step of cooperation: its contracts, whether the company stands there, how many of its routes only look."""

    name = serializers.ChoiceField(observing.STEP_NAMES)
    contracts = serializers.ListField(child=serializers.CharField())
    current = serializers.BooleanField()
    observed = serializers.IntegerField()


class TakeStepSerializer(serializers.Serializer[Any]):
    """Which step, how far, and whether what was told meanwhile is delivered now."""

    step = serializers.ChoiceField(observing.STEP_NAMES)
    phase = serializers.ChoiceField(STEP_PHASES)
    catch_up = serializers.BooleanField(default=False)


class SwitchedSerializer(serializers.Serializer[Any]):
    """How many routes were switched."""

    switched = serializers.IntegerField()


class GrantSerializer(serializers.ModelSerializer[Grant]):
    """A restricted contract that may go to a side, who allowed it and why."""

    destination = serializers.ChoiceField(SIDES)
    by = serializers.CharField(source="by.username", read_only=True)

    class Meta:
        model = Grant
        fields = ["id", "contract", "destination", "reason", "by", "at"]
        read_only_fields = ["id", "at"]
        validators: list[Any] = []


class ErasureSerializer(serializers.ModelSerializer[Erasure]):
    """An event whose words were erased, by whom and why."""

    contract = serializers.CharField(source="event.type", read_only=True)
    about = serializers.CharField(source="event.partition_key", read_only=True)

    class Meta:
        model = Erasure
        fields = ["event", "contract", "about", "reason", "by", "at"]
        read_only_fields = fields


class EraseSerializer(serializers.Serializer[Any]):
    """Whose words: all of a record (`customer:…`), or one event by its id."""

    what = serializers.CharField(max_length=300)
    reason = serializers.CharField(max_length=500)


class ErasedSerializer(serializers.Serializer[Any]):
    """How many events have lost their words."""

    erased = serializers.IntegerField()


class ParkedClassSerializer(serializers.Serializer[Any]):
    """Events of one contract that failed alike; `failure` is the word to take them up again by."""

    contract = serializers.CharField()
    failure = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()


class ParkedSerializer(serializers.Serializer[Any]):
    """What is parked in one place, by class of failure; `error` says why a side could not be asked."""

    place = serializers.ChoiceField(PLACES)
    error = serializers.CharField(allow_blank=True)
    classes = ParkedClassSerializer(many=True)


class AgainSerializer(serializers.Serializer[Any]):
    """Which to take up again: exactly one of event, aggregate and failure."""

    place = serializers.ChoiceField(PLACES)
    event = serializers.UUIDField(required=False)
    aggregate = serializers.CharField(max_length=340, required=False)
    failure = serializers.CharField(max_length=100, required=False)


class TakenUpSerializer(serializers.Serializer[Any]):
    """How many were taken up again."""

    count = serializers.IntegerField()


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """One reconciliation of one subject."""

    subject = serializers.ChoiceField(SUBJECT_NAMES, read_only=True)

    class Meta:
        model = Comparison
        fields = ["id", "subject", "began_at", "ended_at", "compared", "differing", "error"]
        read_only_fields = fields


class ObservationSerializer(serializers.ModelSerializer[Observation]):
    """What an event would have done on a route that only observes; `text` is why not, or what would be said."""

    contract = serializers.CharField(source="route.contract", read_only=True)
    destination = serializers.CharField(source="route.destination", read_only=True)
    about = serializers.CharField(source="event.partition_key", read_only=True)
    verdict = serializers.ChoiceField(VERDICTS, read_only=True)
    text = serializers.SerializerMethodField()
    changes = serializers.DictField(child=serializers.IntegerField(), read_only=True, help_text="Rows, by table.")

    class Meta:
        model = Observation
        fields = ["id", "event", "contract", "destination", "about", "verdict", "text", "changes", "tried_at"]
        read_only_fields = fields

    def get_text(self, seen: Observation) -> str:
        return restricted.trial_of(self.context["request"].user, seen.event, seen.text)


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """Something that needs a person; `ended_at` is empty while it stands."""

    kind = serializers.ChoiceField(AlertKind.choices, read_only=True)

    class Meta:
        model = Alert
        fields = ["id", "kind", "subject", "text", "url", "began_at", "ended_at", "told_at"]
        read_only_fields = fields


class RunSerializer(serializers.Serializer[Any]):
    """What to compare."""

    subject = serializers.ChoiceField(SUBJECT_NAMES)


class StepViewSet(HubMixin, viewsets.GenericViewSet[Route]):
    """From independent over key points to deep."""

    group = "Routes"
    serializer_class = StepSerializer
    pagination_class = None
    filter_backends: list[Any] = []
    queryset = Route.objects.all()

    @extend_schema(responses=StepSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All steps in their order, and where the company stands."""
        return Response(self.get_serializer(observing.steps(), many=True).data)

    @extend_schema(request=TakeStepSerializer, responses=SwitchedSerializer)
    @action(detail=False, methods=["post"])
    @step_up_required
    def take(self, request: Request) -> Response:
        """Switch the step's routes to observed or on, and what lies beyond it off."""
        given = TakeStepSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        count = observing.take_step(told["step"], told["phase"], catch_up=told["catch_up"])
        return Response(SwitchedSerializer({"switched": count}).data)


class GrantViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Grant]):
    """Which side may get which restricted contract; read by all of the hub, granted by admins."""

    group = "Routes"
    permission_classes = [Granting]
    serializer_class = GrantSerializer
    filterset_fields = ["contract", "destination"]
    queryset = Grant.objects.select_related("by")

    @extend_schema(responses={201: GrantSerializer})
    @step_up_required
    def create(self, request: Request) -> Response:
        """Allow it; the route is still switched on by a person."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        made = routing.grant(told["contract"], told["destination"], request.user, told["reason"])
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(parameters=[OpenApiParameter("reason", str, required=True, description="Why; kept for good.")])
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """No more of it: the route goes off with the grant. `?reason=` says why."""
        require_step_up(request)
        routing.withdraw_grant(self.get_object(), request.user, request.query_params.get("reason", ""))
        return Response(status=204)


class ByEvent(KeysetPagination):
    """An erasure goes by the id of its event."""

    ordering = "-event_id"


class ErasureViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Erasure]):
    """Words of archived events that were erased on demand; read by all of the hub, erased by admins."""

    group = "Events"
    permission_classes = [Granting]
    serializer_class = ErasureSerializer
    filterset_fields = ["by"]
    lookup_field = "event"
    pagination_class = ByEvent
    queryset = Erasure.objects.select_related("event").defer("event__body")

    @extend_schema(request=EraseSerializer, responses={201: ErasedSerializer})
    @step_up_required
    def create(self, request: Request) -> Response:
        """Erase for good; what is in dispute or on its way keeps its words."""
        given = EraseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        count = erasing.erase(given.validated_data["what"], request.user, given.validated_data["reason"])
        return Response(ErasedSerializer({"erased": count}).data, status=201)


class ParkedViewSet(HubMixin, viewsets.GenericViewSet[Delivery]):
    """What receivers would not take, at the hub and in the sides' inboxes."""

    group = "Events"
    serializer_class = ParkedSerializer
    pagination_class = None
    filter_backends: list[Any] = []
    queryset = Delivery.objects.all()

    @extend_schema(responses=ParkedSerializer(many=True))
    def list(self, request: Request) -> Response:
        """By place and class of failure."""
        classes = [
            {"contract": row["route__contract"], "failure": str(row["answered"] or ""), "count": row["count"]}
            for row in services.parked_classes()
        ]
        places = [{"place": "hub", "error": "", "classes": classes}, *(_parked_at(side) for side in SIDES)]
        return Response(self.get_serializer(places, many=True).data)

    @extend_schema(request=AgainSerializer, responses=TakenUpSerializer)
    @action(detail=False, methods=["post"])
    def again(self, request: Request) -> Response:
        """Take them up again, in their order: one event, all of a record, or all that failed alike."""
        given = AgainSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        which = {name: str(value) for name, value in given.validated_data.items() if name != "place"}
        if len(which) != 1:
            raise WhichMissing()
        return Response(TakenUpSerializer({"count": _again(given.validated_data["place"], which)}).data)


def _parked_at(side: str) -> dict[str, Any]:
    try:
        told = ask(side, "parked", timeout=SIDE_SECONDS)
    except NoAnswer as fault:
        return {"place": side, "error": str(fault), "classes": []}
    classes = [{"contract": row["type"], "failure": row["class"], "count": row["count"]} for row in told["classes"]]
    return {"place": side, "error": "", "classes": classes}


def _again(place: str, which: dict[str, Any]) -> int:
    if place == "hub":
        return services.send_again(**which)
    return int(ask_for_a_person(place, "again", timeout=SECONDS, **which)["count"])


class ComparisonViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Comparison]):
    """How the sides compared; what differs has a case."""

    group = "Watch"
    listing = COMPARISONS
    pagination_class = ListingPagination
    ordering = COMPARISONS.order
    serializer_class = ComparisonSerializer
    filterset_class = ComparisonFilter
    queryset = Comparison.objects.all()

    @extend_schema(request=RunSerializer, responses={201: ComparisonSerializer})
    @action(detail=False, methods=["post"])
    def run(self, request: Request) -> Response:
        """Compare one subject now; `error` says why it could not be compared."""
        given = RunSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        done = reconcile(given.validated_data["subject"], second_look_s=SECOND_LOOK_S)
        return Response(self.get_serializer(done).data, status=201)


class ObservationViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Observation]):
    """What events would have done on routes that only observe."""

    group = "Routes"
    listing = OBSERVED
    pagination_class = ListingPagination
    ordering = OBSERVED.order
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter
    queryset = Observation.objects.exclude(tried_at=None).select_related("event", "route").defer("event__body")


class AlertViewSet(HubMixin, viewsets.ReadOnlyModelViewSet[Alert]):
    """What needs a person, or needed one."""

    group = "Watch"
    listing = ALERTS
    pagination_class = ListingPagination
    ordering = ALERTS.order
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    queryset = Alert.objects.all()


router_entries: list[tuple[str, Any, str]] = [
    ("steps", StepViewSet, "step"),
    ("grants", GrantViewSet, "grant"),
    ("erasures", ErasureViewSet, "erasure"),
    ("parked", ParkedViewSet, "parked"),
    ("comparisons", ComparisonViewSet, "comparison"),
    ("alerts", AlertViewSet, "alert"),
    ("observations", ObservationViewSet, "observation"),
]
