"""E-invoices over REST: take one in, have one checked, say who we are."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.history_api import RecordChangeSerializer, told_history
from base.listing.api import ListingPagination
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin
from erp.einvoice import services
from erp.einvoice.filters import ReceivedFilter
from erp.einvoice.lists import RECEIVED
from erp.einvoice.models import Letterhead, Received, Syntax
from erp.einvoice.roles import KEEPERS, READERS
from erp.einvoice.rules import Finding
from erp.ledger.services import company

Keeping = RolePermission.of(*KEEPERS, read=READERS)


class BrokenRuleSerializer(serializers.Serializer[Any]):
    """A rule that is broken; a warning leaves the document valid."""

    rule = serializers.CharField()
    fatal = serializers.BooleanField()
    told = serializers.CharField(help_text="What it means, in the caller's language.")
    text = serializers.CharField(help_text="The standard's own words.")
    place = serializers.CharField()


class ReceivedRowSerializer(TieredSerializerMixin, serializers.ModelSerializer[Received]):
    """A document that came, in a list."""

    party_code = serializers.CharField(source="party.code", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Received
        fields = [
            "id", "number", "type_code", "seller_name", "seller_tax_id", "party", "party_code", "issued_on", "due",
            "currency", "payable", "syntax", "container", "specification", "valid", "filename", "size", "digest",
            "received_by", "received_at",
        ]  # fmt: skip
        read_only_fields = fields


class ReceivedSerializer(ReceivedRowSerializer):
    """A document that came, with what it says (terms of EN 16931 by name) and what it breaks."""

    content = serializers.JSONField(read_only=True)
    findings = serializers.SerializerMethodField()

    class Meta(ReceivedRowSerializer.Meta):
        fields = [*ReceivedRowSerializer.Meta.fields, "content", "findings"]

    @extend_schema_field(BrokenRuleSerializer(many=True))
    def get_findings(self, received: Received) -> Any:
        return BrokenRuleSerializer([Finding(**told) for told in received.findings], many=True).data


class PreviewSerializer(serializers.Serializer[Any]):
    """What a document says and breaks; nothing of it was kept."""

    syntax = serializers.ChoiceField(Syntax.choices)
    container = serializers.CharField()
    valid = serializers.BooleanField()
    number = serializers.CharField(source="invoice.number")
    party = serializers.UUIDField(source="party.pk", default=None, allow_null=True)
    content = serializers.SerializerMethodField()
    findings = BrokenRuleSerializer(many=True)

    def get_content(self, seen: services.Preview) -> dict[str, Any]:
        return dict(services.to_data(seen.invoice))


class FileSerializer(serializers.Serializer[Any]):
    """An XML, or a PDF with an XML inside."""

    file = serializers.FileField(max_length=200)


class LetterheadSerializer(serializers.ModelSerializer[Letterhead]):
    """Who we are on invoices."""

    class Meta:
        model = Letterhead
        fields = list(services.LETTERHEAD_FIELDS)


class ReceivedViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Received]):
    """Electronic invoices that came: POST takes one in, once; they never change."""

    permission_classes = [Keeping]
    parser_classes = [MultiPartParser]
    filterset_class = ReceivedFilter
    listing = RECEIVED
    pagination_class = ListingPagination
    queryset = Received.objects.select_related("party")

    def get_serializer_class(self) -> Any:
        return ReceivedRowSerializer if self.action == "list" else ReceivedSerializer

    @extend_schema(request=FileSerializer, responses={201: ReceivedSerializer})
    def create(self, request: Request) -> Response:
        """Take a document in: kept as it came, with what it says and what it breaks."""
        upload = _file(request)
        received = services.receive(upload.read(), upload.name, request.user)
        return Response(ReceivedSerializer(received, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=FileSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Read and check a document; nothing is kept."""
        return Response(PreviewSerializer(services.preview(_file(request).read())).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def original(self, request: Request, pk: str) -> HttpResponse:
        """The very bytes that came."""
        received = self.get_object()
        answer = HttpResponse(bytes(received.body), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{received.pk}.{received.container}"'
        return answer


class LetterheadViewSet(ApiMixin, viewsets.ViewSet):
    """Who we are on invoices; what was issued before keeps the letterhead of its day."""

    permission_classes = [Keeping]

    @extend_schema(responses=forced_singular_serializer(LetterheadSerializer))
    def list(self, request: Request) -> Response:
        """As it stands."""
        return Response(LetterheadSerializer(services.letterhead_of(company())).data)

    @extend_schema(responses=RecordChangeSerializer(many=True))
    @action(detail=False, url_path="history")
    def changes(self, request: Request) -> Response:
        """Its changes, newest first."""
        return told_history(services.letterhead_of(company()), request)

    @extend_schema(request=LetterheadSerializer, responses=LetterheadSerializer)
    @action(detail=False, methods=["patch"], url_path="set")
    def change(self, request: Request) -> Response:
        """Change it."""
        given = LetterheadSerializer(services.letterhead_of(company()), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(LetterheadSerializer(services.set_letterhead(company(), **given.validated_data)).data)


def _file(request: Request) -> Any:
    given = FileSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data["file"]


router_entries: list[tuple[str, Any, str]] = [
    ("einvoices", ReceivedViewSet, "einvoice"),
    ("letterhead", LetterheadViewSet, "letterhead"),
]
