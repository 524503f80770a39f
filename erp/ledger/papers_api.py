"""Papers of vouchers and entries over REST: kept, told, fetched, taken away."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from erp.ledger import attaching
from erp.ledger.models import Attachment
from erp.ledger.paper_views import send
from erp.ledger.roles import READERS, WRITERS


class PaperSerializer(serializers.ModelSerializer[Attachment]):
    """A file that is kept; its bytes are at `file/`."""

    class Meta:
        model = Attachment
        fields = ["id", "voucher", "entry", "filename", "media_type", "size", "digest", "added_by", "added_at"]
        read_only_fields = fields


class NewPaperSerializer(serializers.Serializer[Any]):
    """The file."""

    file = serializers.FileField(max_length=200)


class Papered:
    """What vouchers and entries have in common: files are kept with them."""

    @extend_schema(request={"multipart/form-data": NewPaperSerializer}, responses={201: PaperSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def papers(self, request: Request, pk: str | None = None) -> Response:
        """Keep a file with it; the same file again is the same paper."""
        told = NewPaperSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        file = told.validated_data["file"]
        kept = attaching.attach(self.get_object(), file.name, file.chunks(), request.user)  # type: ignore[attr-defined]
        return Response(PaperSerializer(kept).data, status=201)


class PaperViewSet(ApiMixin, mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet[Attachment]):
    """Files behind vouchers and entries; what is posted keeps its own."""

    permission_classes = [RolePermission.of(*WRITERS, read=READERS)]
    serializer_class = PaperSerializer
    filterset_fields = ["voucher", "entry", "digest"]
    version_lock = None
    queryset = Attachment.objects.for_list()

    def perform_destroy(self, instance: Attachment) -> None:
        """Off a voucher that is not posted."""
        attaching.take_away(instance, self.request.user)

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in sorted(attaching.MEDIA_TYPES)})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The file itself."""
        return send(self.get_object())


router_entries: list[tuple[str, Any, str]] = [("ledger/papers", PaperViewSet, "ledger-paper")]
