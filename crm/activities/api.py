"""The timeline over REST: read with filters, write notes, calls, visits, meetings and tasks."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from base.api import ApiMixin, JsonBody, KeysetPagination
from base.references import PersonField
from base.refusals import BadInput
from base.roles import RolePermission
from crm.accounts.models import READERS, Account
from crm.activities import services, sounds
from crm.activities.checking_in import COARSE, Presence
from crm.activities.kinds import sentence
from crm.activities.models import CheckIn, Entry, EntryQuerySet, Photo, Recording
from crm.activities.pictures import MOST_BYTES
from crm.activities.presence import check_in
from crm.activities.recordings import add_recording
from crm.activities.sending import send_photo, send_recording, send_small

_PLACE = ("latitude", "longitude")
WRITTEN = {"call": services.log_call, "visit": services.log_visit, "meeting": services.log_meeting}


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """When somebody was there, and about where."""

    class Meta:
        model = CheckIn
        fields = ["at", "latitude", "longitude", "accuracy_m"]
        extra_kwargs = {
            name: {"min_value": -most, "max_value": most, "help_text": "Kept to three decimals."}
            for name, most in (("latitude", 90), ("longitude", 180))
        }

    def to_internal_value(self, data: Any) -> Any:
        """Finer places are made coarse, not refused."""
        return super().to_internal_value(
            data | {name: _coarse(data[name]) for name in _PLACE if name in data} if isinstance(data, dict) else data
        )

    def validate(self, attrs: Any) -> Any:
        if (attrs.get("latitude") is None) != (attrs.get("longitude") is None):
            raise serializers.ValidationError(_("A place has a latitude and a longitude."))
        return attrs


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """A line of the timeline; facts told by the ERP have `as_of` and cannot be written."""

    author: Any = PersonField(read_only=True, allow_null=True)
    title = serializers.SerializerMethodField(help_text="What the entry says, in the reader's language.")
    check_in = CheckInSerializer(required=False, allow_null=True, help_text="Of a visit: that somebody was there.")
    kind = serializers.CharField(help_text="note, call, visit, meeting or task when written here.")

    class Meta:
        model = Entry
        fields = [
            "id", "account", "contact", "deal", "ticket", "lead", "kind", "title", "text", "facts", "outcome",
            "next_step", "next_step_on", "next_step_done_at", "occurred_at", "as_of", "author", "check_in",
            "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "lead", "facts", "next_step_done_at", "as_of", "created_at"]
        extra_kwargs = {
            "occurred_at": {"required": False},
            "account": {"required": True, "help_text": "None on the timeline of a lead; needed here."},
        }

    def get_title(self, entry: Entry) -> str:
        return sentence(entry.kind, entry.facts, entry.text)

    def validate_account(self, account: Account | None) -> Account:
        if account is None:
            self.fields["account"].fail("null")
        visible = Account.objects.visible_to(self.context["request"].user)
        if not visible.filter(pk=account.pk).exists():
            raise serializers.ValidationError(_("There is no such account."))
        return account

    def create(self, validated_data: dict[str, Any]) -> Entry:
        fields = dict(validated_data)
        place = fields.pop("check_in", None)
        kind, account, by = fields.pop("kind"), fields.pop("account"), self.context["request"].user
        if kind == "note":
            fields.pop("outcome", None)
            return services.note(account, fields.pop("text", ""), by=by, **fields)
        if kind == "task":
            fields.pop("outcome", None)
            what, on = fields.pop("next_step", ""), fields.pop("next_step_on", None)
            return services.plan_task(account, what, on, by=by, **fields)
        if kind not in WRITTEN:
            raise BadInput(why=_("Only notes, calls, visits, meetings and tasks can be written."), field="kind")
        entry = WRITTEN[kind](account, fields.pop("outcome", ""), by=by, **fields)
        if place:
            check_in(entry, Presence(**place), by=by, saved_at=entry.occurred_at)
        return entry


class EntryFilter(django_filters.FilterSet):
    """One account's, deal's, ticket's or lead's timeline, or some kinds of it."""

    account = django_filters.UUIDFilter(field_name="account_id")
    deal = django_filters.UUIDFilter()
    ticket = django_filters.UUIDFilter()
    lead = django_filters.UUIDFilter()
    kind = django_filters.BaseInFilter(field_name="kind", help_text="One or more kinds, comma separated.")
    erp = django_filters.BooleanFilter(method="told", help_text="Only what the ERP told, or only the rest.")

    def told(self, rows: EntryQuerySet, _name: str, yes: bool) -> EntryQuerySet:
        return rows.from_erp() if yes else rows.exclude(kind__startswith="erp_")


class NewestFirst(KeysetPagination):
    """By the time it happened."""

    ordering = ("-occurred_at", "-id")


class EntryViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Entry],
):
    """What was said and done with a customer, and what the ERP told us."""

    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    permission_classes = [RolePermission.of(*READERS)]
    pagination_class = NewestFirst
    filterset_class = EntryFilter

    def get_queryset(self) -> QuerySet[Entry]:
        return Entry.objects.visible_to(self.request.user).select_related("author", "check_in")

    @extend_schema(request=CheckInSerializer, responses=EntrySerializer)
    @action(detail=True, methods=["post"], url_path="check-in")
    def check_in(self, request: Request, **_kwargs: Any) -> Response:
        """Check in on a visit of one's own; the first check-in stands."""
        entry = self.get_object()
        told = CheckInSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        check_in(entry, Presence(**told.validated_data), by=request.user)
        return Response(EntrySerializer(self.get_object(), context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=EntrySerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, **_kwargs: Any) -> Response:
        """The next step agreed in this entry is done."""
        entry = services.finish_step(self.get_object())
        return Response(EntrySerializer(entry, context=self.get_serializer_context()).data)


def _coarse(degrees: Any) -> Any:
    try:
        return Decimal(str(degrees)).quantize(COARSE)
    except ArithmeticError:
        return degrees


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """A photo of an entry; its file is at `file`."""

    file = serializers.SerializerMethodField(help_text="Where the JPEG is fetched.")

    class Meta:
        model = Photo
        fields = ["id", "entry", "width", "height", "size", "latitude", "longitude", "file", "created_at"]
        read_only_fields = fields

    def get_file(self, photo: Photo) -> str:
        return reverse("photo-file", args=[photo.pk], request=self.context.get("request"))


class OfEntrySerializer(serializers.Serializer[Any]):
    """Something that belongs to an entry which the caller sees."""

    entry = serializers.PrimaryKeyRelatedField(queryset=Entry.objects.all())

    def validate_entry(self, entry: Entry) -> Entry:
        if not Entry.objects.visible_to(self.context["request"].user).filter(pk=entry.pk).exists():
            raise serializers.ValidationError(_("There is no such entry."))
        return entry


class NewPhotoSerializer(OfEntrySerializer):
    """The file of a new photo: JPEG, PNG or WebP, up to 10 MB."""

    photo = serializers.FileField(max_length=200)
    keep_place = serializers.BooleanField(default=False, help_text="Keep where it was taken, if the camera says so.")


class OfEntryFilter(django_filters.FilterSet):
    """Those of one entry or account."""

    entry = django_filters.UUIDFilter(field_name="entry_id")
    account = django_filters.UUIDFilter(field_name="entry__account_id")


class LatestFirst(KeysetPagination):
    """The newest first."""

    ordering = ("-id",)


class PhotoViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Photo]):
    """Photos of what was seen, for whoever sees the entry they belong to."""

    queryset = Photo.objects.none()
    serializer_class = PhotoSerializer
    permission_classes = [RolePermission.of(*READERS)]
    pagination_class = LatestFirst
    filterset_class = OfEntryFilter
    parser_classes = [JsonBody, MultiPartParser]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Photo]:
        return Photo.objects.visible_to(self.request.user)

    @extend_schema(request={"multipart/form-data": NewPhotoSerializer}, responses={201: PhotoSerializer})
    def create(self, request: Request) -> Response:
        """Add a photo to an entry of one's own; camera data is taken out of it."""
        told = NewPhotoSerializer(data=request.data, context=self.get_serializer_context())
        told.is_valid(raise_exception=True)
        sent = told.validated_data
        photo = services.add_photo(
            sent["entry"], sent["photo"].read(MOST_BYTES + 1), by=request.user, keep_place=sent["keep_place"]
        )
        return Response(PhotoSerializer(photo, context=self.get_serializer_context()).data, status=201)

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, **_kwargs: Any) -> FileResponse:
        """The JPEG itself."""
        return send_photo(self.get_object())

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def small(self, request: Request, **_kwargs: Any) -> FileResponse:
        """The same, square and 192 pixels wide."""
        return send_small(self.get_object())


class RecordingSerializer(serializers.ModelSerializer[Recording]):
    """A recording of a visit; its file is at `file`."""

    file = serializers.SerializerMethodField(help_text="Where it is fetched; a Range may be asked for.")

    class Meta:
        model = Recording
        fields = ["id", "entry", "seconds", "size", "media_type", "file", "created_at"]
        read_only_fields = fields

    def get_file(self, recording: Recording) -> str:
        return reverse("recording-file", args=[recording.pk], request=self.context.get("request"))


class NewRecordingSerializer(OfEntrySerializer):
    """The file of a new recording: WebM, MP4 or Ogg, up to 8 MB and five minutes."""

    recording = serializers.FileField(max_length=200)
    seconds = serializers.IntegerField(min_value=0, max_value=sounds.MOST_SECONDS)


class RecordingViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Recording]):
    """What was said of visits, for whoever sees the entry it belongs to."""

    queryset = Recording.objects.none()
    serializer_class = RecordingSerializer
    permission_classes = [RolePermission.of(*READERS)]
    pagination_class = LatestFirst
    filterset_class = OfEntryFilter
    parser_classes = [JsonBody, MultiPartParser]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Recording]:
        return Recording.objects.visible_to(self.request.user)

    @extend_schema(request={"multipart/form-data": NewRecordingSerializer}, responses={201: RecordingSerializer})
    def create(self, request: Request) -> Response:
        """Add a recording to a visit of one's own."""
        told = NewRecordingSerializer(data=request.data, context=self.get_serializer_context())
        told.is_valid(raise_exception=True)
        sent = told.validated_data
        data = sent["recording"].read(sounds.MOST_BYTES + 1)
        recording = add_recording(sent["entry"], data, by=request.user, seconds=sent["seconds"])
        return Response(RecordingSerializer(recording, context=self.get_serializer_context()).data, status=201)

    @extend_schema(responses={(200, "audio/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, **_kwargs: Any) -> FileResponse | HttpResponse:
        """The recording itself."""
        return send_recording(request, self.get_object())


router_entries: list[tuple[str, Any, str]] = [
    ("timeline", EntryViewSet, "entry"),
    ("photos", PhotoViewSet, "photo"),
    ("recordings", RecordingViewSet, "recording"),
]
