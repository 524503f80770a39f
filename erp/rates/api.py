"""Exchange rates over REST; kept by accountants."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.ledger.services import base_currency
from erp.rates import services
from erp.rates.filters import ExchangeRateFilter
from erp.rates.lists import RATES
from erp.rates.models import DECIMALS, ISO_CODE, ExchangeRate
from erp.rates.roles import KEEPERS, READERS

Keepers = RolePermission.of(*KEEPERS, read=READERS)


class ExchangeRateSerializer(serializers.ModelSerializer[ExchangeRate]):
    """What one unit of `currency` is worth in the currency of the books, from `day` on."""

    class Meta:
        model = ExchangeRate
        fields = ["id", "currency", "day", "rate", "source", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]
        validators: list[Any] = []  # the service says it better
        extra_kwargs = {"currency": {"validators": [ISO_CODE]}, "rate": {"min_value": 0}}


class ExchangeRateChangeSerializer(ExchangeRateSerializer):
    """What may be put right; another day is another rate."""

    class Meta(ExchangeRateSerializer.Meta):
        fields = list(services.WORDS)
        read_only_fields: list[str] = []


class AskedRateSerializer(serializers.Serializer[Any]):
    """Which rate is asked for."""

    currency = serializers.CharField(max_length=3, validators=[ISO_CODE])
    day = serializers.DateField()


class RateOfDaySerializer(AskedRateSerializer):
    """The rate of a day: the newest one on it or before."""

    base = serializers.CharField()
    rate = serializers.DecimalField(max_digits=19, decimal_places=DECIMALS)


class ExchangeRateViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[ExchangeRate],
):
    """What currencies are worth, day by day."""

    permission_classes = [Keepers]
    filterset_class = ExchangeRateFilter
    listing = RATES
    pagination_class = ListingPagination
    queryset = ExchangeRate.objects.all()

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return ExchangeRateChangeSerializer if self.action == "partial_update" else ExchangeRateSerializer

    def perform_create(self, serializer: serializers.BaseSerializer[ExchangeRate]) -> None:
        serializer.instance = services.set_rate(by=self.request.user, **serializer.validated_data)

    @extend_schema(request=ExchangeRateChangeSerializer, responses=ExchangeRateSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Put the rate or its source right; what was booked at it stays as it was booked."""
        found = self.get_object()
        shape = self.get_serializer(found, data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        changed = services.change_rate(found, request.user, **shape.validated_data)
        return Response(ExchangeRateSerializer(changed, context=self.get_serializer_context()).data)

    def perform_destroy(self, instance: ExchangeRate) -> None:
        services.remove_rate(instance, self.request.user)

    @extend_schema(
        parameters=[
            OpenApiParameter("currency", OpenApiTypes.STR, required=True),
            OpenApiParameter("day", OpenApiTypes.DATE, required=True),
        ],
        responses=RateOfDaySerializer,
    )
    @action(
        detail=False, methods=["get"], url_path="of-day", url_name="of-day", pagination_class=None, filterset_class=None
    )
    def of_day(self, request: Request) -> Response:
        """The rate of a day, as documents of that day take it; refused where there is none."""
        shape = AskedRateSerializer(data=request.query_params)
        shape.is_valid(raise_exception=True)
        told = shape.validated_data
        rate = services.rate_on(told["currency"], told["day"])
        return Response(RateOfDaySerializer({**told, "base": base_currency(), "rate": rate}).data)


router_entries: list[tuple[str, Any, str]] = [("exchange-rates", ExchangeRateViewSet, "exchange-rate")]
