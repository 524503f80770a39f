"""What phones talk to: the pack they take along, the one door for what they bring back, and the clashes."""

import json
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, JsonBody
from base.refusals import BadInput
from base.roles import RolePermission
from crm.accounts.models import READERS
from crm.activities import pictures, sounds
from crm.offline import reports, services
from crm.offline.deeds import Deeds
from crm.offline.models import Choice, Clash, Operation

MOST_AT_ONCE = 50
MOST = {"photo": pictures.MOST_BYTES, "recording": sounds.MOST_BYTES}


@extend_schema_serializer(many=False)
class PackSerializer(serializers.Serializer[Any]):
    """Records to take along; after `expires_at` they are not shown any more."""

    version = serializers.CharField(help_text="Changes with the content.")
    user = serializers.IntegerField()
    name = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    lasts_seconds = serializers.IntegerField(help_text="For devices whose clock is wrong.")
    accounts = serializers.ListField(child=serializers.DictField())
    contacts = serializers.ListField(child=serializers.DictField())
    deals = serializers.ListField(child=serializers.DictField(), help_text="Open ones, with their stage.")
    tickets = serializers.ListField(child=serializers.DictField(), help_text="Those not solved.")
    leads = serializers.ListField(child=serializers.DictField(), help_text="Open ones.")
    stops = serializers.ListField(child=serializers.DictField(), help_text="What is due today.")
    stages = serializers.ListField(child=serializers.DictField())
    left_behind = serializers.DictField(help_text="How many of what did not fit.")


class PackViewSet(ApiMixin, viewsets.ViewSet):
    """What the caller may take along."""

    permission_classes = [RolePermission.of(*READERS)]

    @extend_schema(operation_id="offline_pack", responses=PackSerializer)
    def list(self, request: Request) -> Response:
        """The caller's accounts, contacts, open deals, stops, tickets and leads: what they may see, their own first."""
        return Response(reports.pack(request.user), headers={"Cache-Control": "no-store"})


class SentSerializer(serializers.Serializer[Any]):
    """One operation of a device."""

    key = serializers.UUIDField(help_text="Made by the device; the same key is one operation.")
    number = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="Its place on the device.")
    kind = serializers.CharField(max_length=20)
    fields = serializers.DictField(help_text="As in the form of this kind.")  # type: ignore[assignment]
    base = serializers.DictField(required=False, help_text="The values, and the version, that the device started from.")
    target = serializers.UUIDField(required=False, allow_null=True, help_text="The record that is edited.")
    made_at = serializers.DateTimeField(help_text="By the device's clock; only the time since then counts.")
    replaces = serializers.UUIDField(required=False, allow_null=True, help_text="The refused one that this corrects.")


class ParcelSerializer(serializers.Serializer[Any]):
    """Operations in the order they were made."""

    device = serializers.UUIDField()
    user = serializers.IntegerField(help_text="Who made them; refused when it is not the caller.")
    sent_at = serializers.DateTimeField(help_text="By the device's clock.")
    operations = SentSerializer(many=True, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]
    dropped = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=500, help_text="Refused ones that were given up."
    )


class PhotoParcelSerializer(serializers.Serializer[Any]):
    """One operation with its photo, its recording, or both."""

    parcel = serializers.CharField(help_text="The JSON of the parcel, with one operation.")
    photo = serializers.FileField(max_length=200, required=False)
    recording = serializers.FileField(max_length=200, required=False)


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """What became of one: applied, clash or refused, with the record, the clashes or the words."""

    class Meta:
        model = Operation
        fields = ["key", "kind", "fate", "answer", "made_at", "received_at", "replaces", "dropped_at"]
        read_only_fields = fields


class OperationsSerializer(serializers.Serializer[Any]):
    """In the order they were sent."""

    results = OperationSerializer(many=True)


class OperationViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Operation]):
    """What devices of the caller brought back."""

    queryset = Operation.objects.none()
    serializer_class = OperationSerializer
    permission_classes = [RolePermission.of(*READERS)]
    parser_classes = [JsonBody, MultiPartParser]

    def get_queryset(self) -> Any:
        return Operation.objects.visible_to(self.request.user)

    @extend_schema(
        request={"application/json": ParcelSerializer, "multipart/form-data": PhotoParcelSerializer},
        responses={200: OperationsSerializer},
    )
    def create(self, request: Request) -> Response:
        """Carry out each operation once, in order, each by itself; a refused one stops none of the others."""
        parcel, files = _opened(request)
        if parcel["user"] != request.user.pk:
            raise services.OfSomebodyElse()
        deeds = Deeds(request.user)
        services.drop(request.user, parcel.get("dropped", []))
        results = [services.receive(request.user, _sent(parcel, one, files), deeds) for one in parcel["operations"]]
        return Response(OperationsSerializer({"results": results}).data)


def _opened(request: Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The parcel, and the files of its only operation."""
    told: Any = request.data
    files: dict[str, bytes] = {}
    if "multipart" in str(request.content_type):
        try:
            told = json.loads(str(told.get("parcel", "")))
        except ValueError:
            raise BadInput(why=_("The parcel is not JSON."), field="parcel") from None
        files = {name: file.read(most + 1) for name, most in MOST.items() if (file := request.FILES.get(name))}
        if not files:
            raise BadInput(why=_("The photo is missing."), field="photo")
    parcel = ParcelSerializer(data=told)
    parcel.is_valid(raise_exception=True)
    if files and len(parcel.validated_data["operations"]) != 1:
        raise BadInput(why=_("A photo comes with exactly one operation."), field="parcel")
    return parcel.validated_data, files


def _sent(parcel: dict[str, Any], one: dict[str, Any], files: dict[str, bytes]) -> services.Sent:
    """The device's clock may be wrong by years; how long ago it was, it knows."""
    told: dict[str, Any] = {**one, **files}
    age = (_utc(parcel["sent_at"]) - _utc(told.pop("made_at"))).total_seconds()
    for name in ("fields", "base"):
        told[name] = json.loads(json.dumps(told.get(name, {}), ensure_ascii=False).encode("utf-8", "replace"))
    return services.Sent(device=parcel["device"], age_seconds=age, **told)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


class ClashSerializer(serializers.ModelSerializer[Clash]):
    """Two values of one field."""

    class Meta:
        model = Clash
        fields = [
            "id", "record_kind", "record", "about", "field", "base", "mine", "theirs", "created_at", "chosen",
            "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class ChoiceSerializer(serializers.Serializer[Any]):
    """Which value stands."""

    choice = serializers.ChoiceField(choices=Choice.choices)


class ClashViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Clash]):
    """Fields that were changed in two places at once; the record keeps what stood there until somebody chooses."""

    queryset = Clash.objects.none()
    serializer_class = ClashSerializer
    permission_classes = [RolePermission.of(*READERS)]

    def get_queryset(self) -> Any:
        return Clash.objects.visible_to(self.request.user)

    @extend_schema(request=ChoiceSerializer, responses=ClashSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **_kwargs: Any) -> Response:
        """Let one of the two values stand; whoever may change the record may take the one written offline."""
        told = ChoiceSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        clash = services.decide(
            self.get_object(), told.validated_data["choice"], by=request.user, write=Deeds(request.user).write
        )
        return Response(self.get_serializer(clash).data)


router_entries: list[tuple[str, Any, str]] = [
    ("offline/pack", PackViewSet, "offline-pack"),
    ("offline/operations", OperationViewSet, "offline-operation"),
    ("offline/clashes", ClashViewSet, "clash"),
]
