"""Jobs over REST: look, cancel, fetch the result."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base import jobs
from base.api import ApiMixin
from base.jobs.filters import JobFilter
from base.jobs.lists import JOBS
from base.jobs.models import JobState
from base.jobs.views import send_file
from base.listing.api import ListingPagination
from base.scopes import Scoped
from base.sheets import PDF_TYPE, XLSX_TYPE

FILES = ("text/csv", XLSX_TYPE, PDF_TYPE)
"""What results are, so far."""


class JobSerializer(serializers.Serializer[Any]):
    """Long work; `file` is the address of its result, when there is one."""

    id = serializers.UUIDField(read_only=True)
    kind = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True)
    state = serializers.ChoiceField(choices=JobState.choices, read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True, allow_null=True)
    message = serializers.CharField(read_only=True)
    file = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def get_file(self, job: Any) -> str | None:
        return reverse("job-file", args=[job.pk]) if job.file_name else None


class JobViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The caller's own jobs; an admin sees everybody's."""

    serializer_class = JobSerializer
    permission_classes = [Scoped]
    filterset_class = JobFilter
    listing = JOBS
    pagination_class = ListingPagination
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = apps.get_model("access", "Job").objects.select_related("owner")
        return (
            rows.none()
            if getattr(self, "swagger_fake_view", False)
            else rows.visible_to(self.request.user).defer("params")
        )

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str = "") -> Response:
        """Stop it: at once when it has not begun, else at its next sign of life."""
        return Response(self.get_serializer(jobs.cancel(self.get_object())).data)

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in FILES})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str = "") -> FileResponse:
        """The result."""
        return send_file(self.get_object())


router_entries: list[tuple[str, Any, str]] = [("jobs", JobViewSet, "job")]
