"""Imports over REST: send a file, see how it was understood, map, try, start, undo."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, JsonBody
from base.exchange import services
from base.exchange.lists import IMPORTS, ImportFilter
from base.exchange.models import ImportState, table
from base.exchange.resources import resource_for, resources_for
from base.exchange.views import TEMPLATE_TYPES, send_bad_rows, template_file
from base.listing.api import ListingPagination
from base.refusals import NotFound
from base.scopes import Scoped
from base.spreadsheets import ENCODINGS
from base.stepup import require_step_up, step_up_required

RESOURCE_KEY = OpenApiParameter("key", {"type": "string", "pattern": "^[a-z-]+$"}, OpenApiParameter.PATH)
COLUMN_PARTS = ("label", "required", "match", "help", "sample")


class ImportSerializer(serializers.Serializer[Any]):
    """A file that becomes records; `mapping` says for each header which field it is."""

    id = serializers.UUIDField(read_only=True)
    resource = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)
    file_name = serializers.CharField(read_only=True)
    described = serializers.CharField(read_only=True)
    encoding = serializers.CharField(read_only=True)
    headers = serializers.ListField(child=serializers.CharField(), read_only=True)
    count = serializers.IntegerField(read_only=True)
    mapping = serializers.DictField(child=serializers.CharField(), read_only=True)
    match_on = serializers.ListField(child=serializers.CharField(), read_only=True)
    constants = serializers.DictField(child=serializers.CharField(), read_only=True)
    replacements = serializers.DictField(child=serializers.DictField(child=serializers.CharField()), read_only=True)
    keep_lookalikes = serializers.BooleanField(read_only=True)
    state = serializers.ChoiceField(choices=ImportState.choices, read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    report = serializers.JSONField(read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)


class UploadSerializer(serializers.Serializer[Any]):
    """The file and what it is about; the encoding is found out when it is left out."""

    resource = serializers.CharField(max_length=40)
    file = serializers.FileField(max_length=200)
    encoding = serializers.ChoiceField(choices=list(ENCODINGS.items()), required=False)


class RereadSerializer(serializers.Serializer[Any]):
    """In which encoding."""

    encoding = serializers.ChoiceField(choices=list(ENCODINGS.items()))


class MapSerializer(serializers.Serializer[Any]):
    """Which header is which field; headers left out are not imported."""

    mapping = serializers.DictField(child=serializers.CharField(allow_blank=True))
    match_on = serializers.ListField(child=serializers.CharField(), required=False)
    constants = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=250),
        required=False,
        help_text="Field → what every row says of it that leaves it empty; left out, what was said before stays.",
    )
    replacements = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=250)),
        required=False,
        help_text="Field → word of the file → as what it is read; left out, what was said before stays.",
    )
    keep_lookalikes = serializers.BooleanField(default=False)


class TemplateAskedSerializer(serializers.Serializer[Any]):
    """As which kind of file."""

    kind = serializers.ChoiceField(choices=list(TEMPLATE_TYPES), default="csv")


class ImportColumnSerializer(serializers.Serializer[Any]):
    """A field that a column may be."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    match = serializers.BooleanField()
    help = serializers.CharField()
    sample = serializers.CharField()


class ImportResourceSerializer(serializers.Serializer[Any]):
    """What the caller may import."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    about = serializers.CharField()
    columns = ImportColumnSerializer(many=True)


class ImportViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The caller's own imports; an admin sees everybody's. Trying, starting and undoing are jobs."""

    serializer_class = ImportSerializer
    permission_classes = [Scoped]
    filterset_class = ImportFilter
    listing = IMPORTS
    pagination_class = ListingPagination
    parser_classes = [JsonBody, MultiPartParser]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = table("Import").objects.select_related("owner", "job")
        return rows.none() if getattr(self, "swagger_fake_view", False) else rows.visible_to(self.request.user)

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Send a file; the answer says how it was understood and proposes a mapping."""
        told = UploadSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        file = told.validated_data["file"]
        imp = services.upload(
            told.validated_data["resource"],
            file.chunks(),
            file.name,
            by=request.user,
            encoding=told.validated_data.get("encoding", ""),
        )
        return Response(ImportSerializer(imp).data, status=201)

    @extend_schema(request=MapSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"], url_path="map")
    def map_columns(self, request: Request, pk: str = "") -> Response:
        """Say which header is which field and by what rows are recognised."""
        told = MapSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        chosen = told.validated_data
        imp = services.map_columns(
            self.get_object(),
            chosen["mapping"],
            chosen.get("match_on"),
            keep_lookalikes=chosen["keep_lookalikes"],
            constants=chosen.get("constants"),
            replacements=chosen.get("replacements"),
        )
        return Response(ImportSerializer(imp).data)

    @extend_schema(request=RereadSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def reread(self, request: Request, pk: str = "") -> Response:
        """Read the file in another encoding."""
        told = RereadSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return Response(ImportSerializer(services.reread(self.get_object(), told.validated_data["encoding"])).data)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def remap(self, request: Request, pk: str = "") -> Response:
        """Back to the mapping."""
        return Response(ImportSerializer(services.remap(self.get_object())).data)

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str = "") -> Response:
        """Try it out; `counts` and `report` are there when the job is done."""
        return Response(ImportSerializer(services.check(self.get_object())).data, status=202)

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str = "") -> Response:
        """Run it; one that was stopped goes on where it was."""
        imp = self.get_object()
        if services.asks_for_proof(imp):
            require_step_up(request)
        return Response(ImportSerializer(services.begin(imp)).data, status=202)

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"])
    @step_up_required
    def undo(self, request: Request, pk: str = "") -> Response:
        """Take it back, within thirty days."""
        return Response(ImportSerializer(services.undo(self.get_object())).data, status=202)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="bad-rows")
    def bad_rows(self, request: Request, pk: str = "") -> FileResponse:
        """The rows that were not imported, each with its reason."""
        return send_bad_rows(self.get_object())

    @extend_schema(responses=ImportResourceSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def resources(self, request: Request) -> Response:
        """What the caller may import, with the columns of each."""
        told = [
            {
                "key": resource.key,
                "label": resource.label,
                "about": resource.about,
                "columns": [
                    {
                        "name": name,
                        **{part: getattr(one, part) for part in ("label", "required", "help", "sample")},
                        "match": name in own.matchable,
                    }
                    for name, one in own.columns.items()
                ],
            }
            for resource in resources_for(request.user)
            for own in (resource.for_user(request.user),)
        ]
        return Response(ImportResourceSerializer(told, many=True).data)

    @extend_schema(
        parameters=[TemplateAskedSerializer, RESOURCE_KEY],
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, TEMPLATE_TYPES["xlsx"]): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(
        detail=False, methods=["get"], url_path="resources/(?P<key>[a-z-]+)/template", pagination_class=None,
        filter_backends=[],
    )  # fmt: skip
    def template(self, request: Request, key: str) -> HttpResponse:
        """An empty file to start from: the right header and one sample row."""
        asked = TemplateAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        resource = resource_for(key, request.user)
        if not resource.is_table:
            raise NotFound(what=_("This template"))
        return template_file(resource, asked.validated_data["kind"])


router_entries: list[tuple[str, Any, str]] = [("imports", ImportViewSet, "import")]
