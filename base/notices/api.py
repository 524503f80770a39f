"""What one was told, over REST."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base import notices
from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.notices.lists import NOTICES, NoticeFilter
from base.scopes import Scoped


class NoticeSerializer(serializers.Serializer[Any]):
    """One line for one person, kept until read."""

    id = serializers.UUIDField(read_only=True)
    text = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True)
    tone = serializers.ChoiceField(choices=notices.Tone.choices, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    read_at = serializers.DateTimeField(read_only=True, allow_null=True)


class NoticeViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The caller's own notices."""

    permission_classes = [Scoped]
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    listing = NOTICES
    pagination_class = ListingPagination
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = apps.get_model("access", "Notice").objects
        return rows.none() if getattr(self, "swagger_fake_view", False) else rows.visible_to(self.request.user)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str = "") -> Response:
        """It has been seen."""
        notices.read(self.get_queryset().filter(pk=self.get_object().pk))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses={204: None}, operation_id="v1_notices_read_all_create")
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request: Request) -> Response:
        """All that wait have been seen."""
        notices.read(self.get_queryset())
        return Response(status=204)


router_entries: list[tuple[str, Any, str]] = [("notices", NoticeViewSet, "notice")]
