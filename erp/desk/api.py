"""The desk over REST: what is due, pile by pile, and how the company stands."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.scopes import Scoped
from erp.desk.reports import desk


class WorkSerializer(serializers.Serializer[Any]):
    """One piece of work."""

    label = serializers.CharField()  # type: ignore[assignment]  # the stubs: DRF takes fields out of the class
    url = serializers.CharField()
    party = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    amount = serializers.DecimalField(max_digits=19, decimal_places=2, allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField()
    due = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField()


class PileSerializer(serializers.Serializer[Any]):
    """A kind of work, how much of it waits, and what waits longest."""

    name = serializers.CharField(source="queue.name")
    title = serializers.CharField(source="queue.title")
    count = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    rows = WorkSerializer(many=True)


class StandingSerializer(serializers.Serializer[Any]):
    """How the company stands, in base currency."""

    cash = serializers.DecimalField(max_digits=25, decimal_places=2)
    receivables = serializers.DecimalField(max_digits=25, decimal_places=2)
    deposits = serializers.DecimalField(max_digits=25, decimal_places=2)
    stock = serializers.DecimalField(max_digits=25, decimal_places=2)
    sales_today = serializers.DecimalField(max_digits=25, decimal_places=2)


@extend_schema_serializer(many=False)
class DeskSerializer(serializers.Serializer[Any]):
    """The caller's desk; `standing` only for those who may see it."""

    piles = PileSerializer(many=True)
    standing = StandingSerializer(allow_null=True)


class DeskViewSet(ApiMixin, viewsets.ViewSet):
    """What is due for the caller."""

    permission_classes = [Scoped]

    @extend_schema(operation_id="desk", responses=DeskSerializer)
    def list(self, request: Request) -> Response:
        """Every pile that concerns the caller, with its oldest rows."""
        return Response(DeskSerializer(desk(request.user)).data)


router_entries: list[tuple[str, Any, str]] = [("desk", DeskViewSet, "desk")]
