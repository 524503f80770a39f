"""What the hub asks of this side's people, over REST: read it, and say what was done."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from integration.liaison import services
from integration.liaison.filters import AmendmentFilter
from integration.liaison.lists import AMENDMENTS
from integration.liaison.models import PEOPLE, Amendment


class DifferenceSerializer(serializers.Serializer[Any]):
    """What this side said, and what the hub holds against it."""

    field = serializers.CharField()
    said = serializers.CharField(allow_blank=True)
    held = serializers.CharField(allow_blank=True)


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    """A record to look at, and what was done about it."""

    differences = DifferenceSerializer(many=True, read_only=True)

    class Meta:
        model = Amendment
        fields = [
            "id", "number", "about", "contract", "event", "cause", "differences", "note", "asked_by", "asked_at",
            "done_at", "done_by", "answer",
        ]  # fmt: skip
        read_only_fields = fields


class DoneSerializer(serializers.Serializer[Any]):
    """What was done about it."""

    answer = serializers.CharField(max_length=500)


class AmendmentViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Amendment]):
    """What the hub asks to mend; it is mended in its own record, then ticked off here."""

    permission_classes = [RolePermission.of(*PEOPLE[settings.SIDE])]
    listing = AMENDMENTS
    pagination_class = ListingPagination
    ordering = ("-asked_at", "-pk")
    serializer_class = AmendmentSerializer
    filterset_class = AmendmentFilter
    queryset = Amendment.objects.all()

    @extend_schema(request=DoneSerializer, responses=AmendmentSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Tick it off, once, with what was done."""
        given = DoneSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        done = services.tick_off(self.get_object().pk, request.user, given.validated_data["answer"])
        return Response(self.get_serializer(done).data)


router_entries: list[tuple[str, Any, str]] = [("amendments", AmendmentViewSet, "amendment")]
