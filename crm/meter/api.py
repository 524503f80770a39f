"""The meter over REST: what a browser tells of a save, and what all of them say together."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from crm.accounts.models import READERS as WRITERS
from crm.meter import reports, services
from crm.meter.known import NAMES
from crm.meter.models import READERS, Measure, Screen, Way

SECONDS_MAX, COUNT_MAX, FIELDS_MAX = 36_000, 32_767, 60


def _seconds() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=6, decimal_places=1, min_value=0, max_value=SECONDS_MAX)


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=COUNT_MAX)


class FieldMeasureSerializer(serializers.Serializer[Any]):
    """What one field took; never what was written in it."""

    name = serializers.CharField(max_length=40, help_text="A field of the form, or `other`.")
    seconds = _seconds()
    taps = _count()
    keys = _count()
    filled = serializers.BooleanField()


class MeasureSerializer(serializers.Serializer[Any]):
    """One save of a form."""

    key = serializers.UUIDField(help_text="By chance, and of nothing else; told twice, it counts once.")
    form = serializers.ChoiceField(choices=list(NAMES))
    way = serializers.ChoiceField(choices=Way.choices)
    screen = serializers.ChoiceField(choices=Screen.choices)
    age_days = serializers.IntegerField(min_value=0, max_value=36_500, default=0, help_text="How long ago it was.")
    seconds = _seconds()
    taps = _count()
    keys = _count()
    mistakes = serializers.IntegerField(min_value=0, max_value=COUNT_MAX, default=0, help_text="How often sent back.")
    fields = FieldMeasureSerializer(many=True, max_length=FIELDS_MAX)  # type: ignore[assignment, call-arg]


class KeptSerializer(serializers.Serializer[Any]):
    """Whether it counts."""

    kept = serializers.BooleanField(help_text="False when it was told before.")


class MeasureViewSet(ApiMixin, viewsets.GenericViewSet[Measure]):
    """What filling in a form took, told by the browser beside the save."""

    queryset = Measure.objects.none()
    serializer_class = MeasureSerializer
    permission_classes = [RolePermission.of(*WRITERS)]
    group = "Entry times"

    @extend_schema(operation_id="measure_create", request=MeasureSerializer, responses={200: KeptSerializer})
    def create(self, request: Request) -> Response:
        """Keep seconds, taps and keys of one save; of the caller only role and team are kept."""
        told = MeasureSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(KeptSerializer({"kept": services.keep(request.user, **told.validated_data)}).data)


class EntryTimesAskedSerializer(serializers.Serializer[Any]):
    """Of which saves; the most used form, if left out."""

    weeks = serializers.IntegerField(min_value=1, max_value=104, default=12)
    form = serializers.ChoiceField(choices=list(NAMES), default="")
    screen = serializers.ChoiceField(choices=Screen.choices, default="")
    role = serializers.ChoiceField(choices=services.ROLES, default="")
    team = serializers.UUIDField(default=None)


class CostSerializer(serializers.Serializer[Any]):
    """Half of the saves stayed below `…_half`, nine of ten below `…_most`."""

    name = serializers.CharField(help_text="The form, or the Monday of the week.")
    saves = serializers.IntegerField()
    seconds_half = serializers.DecimalField(max_digits=7, decimal_places=1)
    seconds_most = serializers.DecimalField(max_digits=7, decimal_places=1)
    taps_half = serializers.DecimalField(max_digits=7, decimal_places=1)
    taps_most = serializers.DecimalField(max_digits=7, decimal_places=1)
    keys_half = serializers.DecimalField(max_digits=7, decimal_places=1)
    keys_most = serializers.DecimalField(max_digits=7, decimal_places=1)
    mistakes = serializers.IntegerField(help_text="How often saves were sent back with a mistake.")


class FieldCostSerializer(serializers.Serializer[Any]):
    """What a field of the form takes."""

    name = serializers.CharField()
    filled = serializers.IntegerField(help_text="In how many saves.")
    filled_share = serializers.DecimalField(max_digits=5, decimal_places=3)
    seconds_half = serializers.DecimalField(max_digits=7, decimal_places=1, allow_null=True)
    seconds_most = serializers.DecimalField(max_digits=7, decimal_places=1, allow_null=True)
    seconds_each = serializers.DecimalField(max_digits=7, decimal_places=1, help_text="Per save of the form.")
    time_share = serializers.DecimalField(max_digits=5, decimal_places=3, help_text="Of the form's time.")
    taps = serializers.IntegerField()
    keys = serializers.IntegerField()


class EntryTimesSerializer(serializers.Serializer[Any]):
    """Each form, and of one form its weeks and fields."""

    since = serializers.DateField(help_text="A Monday.")
    form = serializers.CharField(allow_blank=True)
    forms = CostSerializer(many=True)
    weeks = CostSerializer(many=True)
    fields = FieldCostSerializer(many=True)  # type: ignore[assignment]


class EntryTimesViewSet(ApiMixin, viewsets.ViewSet):
    """How long writing things down takes, by form, field and week."""

    permission_classes = [RolePermission.of(read=READERS)]
    group = "Entry times"

    @extend_schema(
        operation_id="entry_times",
        parameters=[EntryTimesAskedSerializer],
        responses=forced_singular_serializer(EntryTimesSerializer),
    )
    def list(self, request: Request) -> Response:
        """Seconds, taps and keys; whom they belong to is not known."""
        asked = EntryTimesAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told = reports.figures(request.user, **asked.validated_data)
        told["weeks"] = [cost for _week, cost in told["weeks"]]
        return Response(EntryTimesSerializer(told).data)


router_entries: list[tuple[str, Any, str]] = [
    ("measures", MeasureViewSet, "measure"),
    ("entry-times", EntryTimesViewSet, "entry-times"),
]
