"""The proof over REST: read what was found, ask for a new one."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.proof import services
from erp.proof.lists import RUNS, RunFilter
from erp.proof.models import READERS, STARTERS, Finding, Run


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """What one invariant's query returned."""

    class Meta:
        model = Finding
        fields = ["code", "rows", "sample", "error", "duration_ms"]


class RunSerializer(serializers.ModelSerializer[Run]):
    """One look at every invariant."""

    findings = FindingSerializer(many=True, read_only=True)

    class Meta:
        model = Run
        fields = ["id", "started_at", "finished_at", "asked_by", "checked", "broken", "findings"]


class RunViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Run]):
    """Proofs, the last one first."""

    permission_classes = [RolePermission.of(*STARTERS, read=READERS)]
    serializer_class = RunSerializer
    filterset_class = RunFilter
    listing = RUNS
    pagination_class = ListingPagination
    ordering = RUNS.order
    queryset = Run.objects.prefetch_related("findings")

    @extend_schema(request=None, responses={201: RunSerializer})
    @action(detail=False, methods=["post"], url_path="run")
    def start(self, request: Request) -> Response:
        """Prove now, and answer with what was found."""
        run = services.prove()
        return Response(self.get_serializer(run).data, status=201)


router_entries: list[tuple[str, Any, str]] = [("proofs", RunViewSet, "proof")]
