"""Stock over REST: what lies where, receipts, counting differences, moves, and whether the books agree."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission, require
from base.tiers import Tier, TieredSerializerMixin, sees
from erp.inventory import services
from erp.inventory.filters import BalanceFilter, MoveFilter
from erp.inventory.lists import MOVES, STOCK, with_free, with_sign
from erp.inventory.models import StockBalance, StockMove
from erp.inventory.reports import stock_check, stock_value
from erp.inventory.roles import KEEPERS, READERS, VALUERS
from erp.products.models import Product

Keepers = RolePermission.of(*KEEPERS, read=READERS)


class BalanceSerializer(TieredSerializerMixin, serializers.ModelSerializer[StockBalance]):
    """What lies at one place; `stock_value` for who may see it."""

    sku = serializers.CharField(source="product.sku", read_only=True)
    name = serializers.CharField(source="product.name", read_only=True)
    unit = serializers.CharField(source="product.unit", read_only=True)
    location = serializers.CharField(source="location.code", read_only=True)
    available = serializers.DecimalField(max_digits=18, decimal_places=4, read_only=True)
    stock_value = serializers.DecimalField(source="value", max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = StockBalance
        fields = ["product", "sku", "name", "unit", "location", "on_hand", "reserved", "available", "stock_value"]


class MoveSerializer(TieredSerializerMixin, serializers.ModelSerializer[StockMove]):
    """A move of goods and the ledger entry it was booked with."""

    sku = serializers.CharField(source="product.sku", read_only=True)
    from_location = serializers.CharField(source="from_location.code", read_only=True)
    to_location = serializers.CharField(source="to_location.code", read_only=True)
    entry_number = serializers.CharField(source="entry.number", read_only=True, default=None, allow_null=True)

    class Meta:
        model = StockMove
        fields = [
            "id", "product", "sku", "from_location", "to_location", "quantity", "unit_cost", "value", "on_hand_after",
            "value_after", "reason", "reference", "source_type", "source_id", "returns", "entry", "entry_number",
            "effective_on", "recorded_at", "recorded_by",
        ]  # fmt: skip


class ReceiptSerializer(serializers.Serializer[Any]):
    """Goods that came in; without `unit_cost` they cost what they cost last."""

    product = NamedField(slug_field="sku", queryset=Product.objects.all())
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4)
    unit_cost = serializers.DecimalField(max_digits=19, decimal_places=6, required=False, allow_null=True)
    reference = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    date = serializers.DateField(required=False)


class AdjustmentSerializer(serializers.Serializer[Any]):
    """What counting found: more (above zero) or less (below)."""

    product = NamedField(slug_field="sku", queryset=Product.objects.all())
    difference = serializers.DecimalField(max_digits=18, decimal_places=4)
    reason = serializers.CharField(max_length=120)
    date = serializers.DateField(required=False)


class StockCheckSerializer(serializers.Serializer[Any]):
    """Stock and books side by side; both differences are 0.00, always."""

    stock_value = serializers.DecimalField(max_digits=19, decimal_places=2)
    inventory_account = serializers.DecimalField(max_digits=19, decimal_places=2)
    difference = serializers.DecimalField(max_digits=19, decimal_places=2)
    balances_off_their_moves = serializers.IntegerField()


class StockViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet[StockBalance]):
    """What lies where."""

    permission_classes = [Keepers]
    pagination_class = ListingPagination
    listing = STOCK
    ordering = STOCK.order
    filterset_class = BalanceFilter
    serializer_class = BalanceSerializer
    queryset = with_free(StockBalance.objects.all())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The balances, and for who may see it what all stock is worth."""
        response = super().list(request, *args, **kwargs)
        if sees(request.user, Tier.COST):
            response.data["stock_value"] = f"{stock_value():f}"
        return response

    @extend_schema(request=ReceiptSerializer, responses={201: MoveSerializer})
    @action(detail=False, methods=["post"])
    def receipts(self, request: Request) -> Response:
        """Goods came in."""
        told = self._read(ReceiptSerializer)
        on = told.get("date") or timezone.localdate()
        move = services.receive(
            told["product"], told["quantity"], told.get("unit_cost"), on, reference=told["reference"]
        )
        return self._told(move)

    @extend_schema(request=AdjustmentSerializer, responses={201: MoveSerializer})
    @action(detail=False, methods=["post"])
    def adjustments(self, request: Request) -> Response:
        """Counting found more or less than the balance says."""
        told = self._read(AdjustmentSerializer)
        on = told.get("date") or timezone.localdate()
        return self._told(services.adjust(told["product"], told["difference"], on, told["reason"]))

    @extend_schema(responses=StockCheckSerializer)
    @action(detail=False, pagination_class=None, filterset_class=None)
    def check(self, request: Request) -> Response:
        """Does the stock's worth equal the inventory account, and each balance its moves?"""
        require(request.user, *VALUERS)
        return Response(StockCheckSerializer(stock_check()).data)

    def _read(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        told: dict[str, Any] = given.validated_data
        return told

    def _told(self, move: StockMove) -> Response:
        return Response(MoveSerializer(move, context=self.get_serializer_context()).data, status=201)


class MoveViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[StockMove]):
    """How goods moved, the last move first."""

    permission_classes = [Keepers]
    pagination_class = ListingPagination
    listing = MOVES
    ordering = MOVES.order
    filterset_class = MoveFilter
    serializer_class = MoveSerializer
    queryset = with_sign(StockMove.objects.all())


router_entries: list[tuple[str, Any, str]] = [
    ("stock/moves", MoveViewSet, "stock-move"),
    ("stock", StockViewSet, "stock"),
]
