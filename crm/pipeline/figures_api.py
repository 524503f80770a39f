"""Figures of selling over REST: what was won, and what the open deals promise."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.roles import RolePermission
from crm.pipeline import figures, reports
from crm.pipeline.models import READERS, Deal, DealQuerySet, Pipeline


class FiguresAskedSerializer(serializers.Serializer[Any]):
    """Of which deals; the first pipeline and the currency of most deals, if left out."""

    whose = serializers.ChoiceField(choices=["all", "mine"], default="all")
    q = serializers.CharField(max_length=100, default="", allow_blank=True)
    currency = serializers.CharField(max_length=3, default="", allow_blank=True)
    pipeline = serializers.PrimaryKeyRelatedField(queryset=Pipeline.objects.all(), default=None)


class MonthWonSerializer(serializers.Serializer[Any]):
    """What was won in a month, net."""

    month = serializers.DateField(help_text="Its first day.")
    net = serializers.DecimalField(max_digits=25, decimal_places=2)


class StageOpenSerializer(serializers.Serializer[Any]):
    """What a stage's open deals come to, net, and what of it is likely to be won."""

    stage = serializers.UUIDField()
    name = serializers.CharField()
    deals = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=25, decimal_places=2)
    likely = serializers.DecimalField(max_digits=25, decimal_places=2)


class DealFiguresSerializer(serializers.Serializer[Any]):
    """Figures of one currency; `currencies` says which others there are, for two are never added."""

    currency = serializers.CharField(allow_blank=True)
    currencies = serializers.ListField(child=serializers.CharField())
    pipeline = serializers.UUIDField()
    cycle_days = serializers.IntegerField(allow_null=True, help_text="From the first talk to the win, on average.")
    won = MonthWonSerializer(many=True, help_text="The last twelve months, the running one last.")
    open = StageOpenSerializer(many=True, help_text="The stages of the pipeline in their order.")


class DealFiguresViewSet(ApiMixin, viewsets.ViewSet):
    """What was won, and what is open, of the deals that the caller may see."""

    permission_classes = [RolePermission.of(read=READERS)]

    @extend_schema(
        operation_id="deal_figures",
        parameters=[FiguresAskedSerializer],
        responses=forced_singular_serializer(DealFiguresSerializer),
    )
    def list(self, request: Request) -> Response:
        """Won month by month, open stage by stage, and how long a win takes."""
        asked = FiguresAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(DealFiguresSerializer(_told(request.user, **asked.validated_data)).data)


def _told(user: Any, whose: str, q: str, currency: str, pipeline: Pipeline | None) -> dict[str, Any]:
    found: DealQuerySet = Deal.objects.seen_by(user, whose).matching(q)
    known = figures.currencies(found)
    currency, pipeline = currency or next(iter(known), ""), pipeline or reports.default_pipeline()
    stages = list(pipeline.stages.order_by("position"))
    return {
        "currency": currency,
        "currencies": known,
        "pipeline": pipeline.pk,
        "cycle_days": figures.cycle_days(found),
        "won": [{"month": month, "net": net} for month, net in figures.won_months(found, currency)],
        "open": [
            {"stage": one.stage.pk, "name": one.stage.name, "deals": one.deals, "net": one.net, "likely": one.likely}
            for one in figures.open_stages(found, currency, stages)
        ],
    }


router_entries: list[tuple[str, Any, str]] = [("deal-figures", DealFiguresViewSet, "deal-figures")]
