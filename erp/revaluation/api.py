"""Revaluations over REST: accountants revalue and take back, auditors look."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from base.stepup import step_up_required
from base.tiers import TieredSerializerMixin
from erp.banking.api import checked
from erp.rates.models import DECIMALS
from erp.revaluation import services
from erp.revaluation.models import Revaluation, RevaluationLine
from erp.revaluation.roles import READERS, WRITERS

Revaluing = RolePermission.of(*WRITERS, read=READERS)


class RevaluationLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[RevaluationLine]):
    """An open item: what it was worth before and after, in the currency of the books."""

    number = serializers.CharField(source="document.number", read_only=True)
    party_code = serializers.CharField(source="document.party.code", read_only=True)
    effect = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = RevaluationLine
        fields = [
            "position", "invoice", "bill", "number", "party_code", "currency", "open_amount", "rate", "before", "after",
            "effect",
        ]  # fmt: skip


class RevaluationSerializer(TieredSerializerMixin, serializers.ModelSerializer[Revaluation]):
    """A revaluation with its items."""

    entry_number = serializers.CharField(source="entry.number", read_only=True)
    gain = serializers.DecimalField(max_digits=25, decimal_places=2, read_only=True)
    loss = serializers.DecimalField(max_digits=25, decimal_places=2, read_only=True)
    lines = RevaluationLineSerializer(many=True, read_only=True)

    class Meta:
        model = Revaluation
        fields = [
            "id", "day", "entry", "entry_number", "reversal", "gain", "loss", "recorded_by", "recorded_at", "lines",
        ]  # fmt: skip
        read_only_fields = fields


class DaySerializer(serializers.Serializer[Any]):
    """As at which day."""

    day = serializers.DateField()


class TakeBackSerializer(serializers.Serializer[Any]):
    """Why; and dated when: on the revaluation's own day, if left out."""

    reason = serializers.CharField(max_length=200)
    date = serializers.DateField(required=False)


class DueItemSerializer(serializers.Serializer[Any]):
    """What a revaluation would change."""

    id = serializers.UUIDField(source="document.pk")
    number = serializers.CharField(source="document.number")
    party_code = serializers.CharField(source="document.party.code")
    role = serializers.CharField()
    currency = serializers.CharField()
    open_amount = serializers.DecimalField(max_digits=19, decimal_places=2)
    rate = serializers.DecimalField(max_digits=19, decimal_places=DECIMALS)
    before = serializers.DecimalField(max_digits=19, decimal_places=2)
    after = serializers.DecimalField(max_digits=19, decimal_places=2)
    effect = serializers.DecimalField(max_digits=19, decimal_places=2)


class RevaluedSerializer(serializers.Serializer[Any]):
    """What was done: nothing, where every item had the worth of the day already."""

    revaluation = RevaluationSerializer(allow_null=True)


class RevaluationViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Revaluation]):
    """Open foreign items at the rates of a period's end."""

    permission_classes = [Revaluing]
    serializer_class = RevaluationSerializer
    version_lock = None
    queryset = Revaluation.objects.select_related("entry").prefetch_related(
        "lines__invoice__party", "lines__bill__party"
    )

    @extend_schema(request=DaySerializer, responses={201: RevaluedSerializer, 200: RevaluedSerializer})
    def create(self, request: Request) -> Response:
        """Revalue as at a day; the same day again changes nothing."""
        made = services.revalue(checked(DaySerializer, request)["day"], request.user)
        told = None if made is None else self.get_queryset().get(pk=made.pk)
        body = RevaluedSerializer({"revaluation": told}, context=self.get_serializer_context()).data
        return Response(body, status=200 if made is None else 201)

    @extend_schema(
        parameters=[OpenApiParameter("day", OpenApiTypes.DATE, required=True)], responses=DueItemSerializer(many=True)
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def due(self, request: Request) -> Response:
        """What a revaluation as at a day would change; nothing is written."""
        given = DaySerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        return Response(DueItemSerializer(services.due(given.validated_data["day"]), many=True).data)

    @extend_schema(request=TakeBackSerializer, responses=RevaluationSerializer)
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    @step_up_required
    def take_back(self, request: Request, pk: str) -> Response:
        """Undo it by the mirror of its entry; refused when something of its items was settled since."""
        found = self.get_object()
        services.take_back(found, request.user, **checked(TakeBackSerializer, request))
        fresh = self.get_queryset().get(pk=found.pk)
        return Response(RevaluationSerializer(fresh, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("revaluations", RevaluationViewSet, "revaluation")]
