"""Today over REST: what is due and what is new."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from crm.accounts.models import READERS
from crm.activities.api import EntrySerializer
from crm.today import reports


class DueStepSerializer(serializers.Serializer[Any]):
    """Something agreed for today or earlier."""

    day = serializers.DateField()
    text = serializers.CharField(allow_blank=True)
    who = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    url = serializers.CharField()
    overdue = serializers.BooleanField()


@extend_schema_serializer(many=False)
class TodaySerializer(serializers.Serializer[Any]):
    """The day of the caller."""

    day = serializers.DateField()
    steps = DueStepSerializer(many=True)
    news = EntrySerializer(many=True)


class TodayViewSet(ApiMixin, viewsets.ViewSet):
    """What the caller has to do and to know today."""

    permission_classes = [RolePermission.of(*READERS)]

    @extend_schema(operation_id="today", responses=TodaySerializer)
    def list(self, request: Request) -> Response:
        """Steps that are due, the oldest first, and what the ERP said of the caller's customers."""
        day = reports.today()
        told = reports.news_of(request.user).select_related("author").order_by("-occurred_at", "-id")
        facts = {"day": day, "steps": reports.due_steps(request.user, day), "news": told[: reports.NEWS_SHOWN]}
        return Response(TodaySerializer(facts, context={"request": request}).data)


router_entries: list[tuple[str, Any, str]] = [("today", TodayViewSet, "today")]
