"""Orders over REST: the order desk decides, everybody in the house may look; the warehouse sees no prices."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission, require
from base.tiers import TieredSerializerMixin
from erp.orders import services
from erp.orders.filters import OrderFilter
from erp.orders.lists import ORDERS
from erp.orders.models import Order, OrderLine
from erp.orders.roles import DESK, READERS
from erp.orders.services import NewLine
from erp.parties.models import Party
from erp.rates.models import ISO_CODE

Desk = RolePermission.of(*DESK, read=READERS)
Allocators = RolePermission.of(*DESK, "warehouse", read=READERS)


class OrderLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[OrderLine]):
    """A line, and how far it has come."""

    class Meta:
        model = OrderLine
        fields = [
            "id", "position", "sku", "description", "deal_line", "quantity", "list_price", "unit_price", "discount",
            "net_amount", "tax_class", "tax_rate", "approved_by", "quantity_reserved", "quantity_shipped",
            "quantity_invoiced", "quantity_returned",
        ]  # fmt: skip


class OrderRowSerializer(TieredSerializerMixin, serializers.ModelSerializer[Order]):
    """An order in a list."""

    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)

    class Meta:
        model = Order
        fields = [
            "id", "number", "status", "party", "party_code", "party_name", "currency", "ordered_on", "requested_on",
            "freight", "net_total", "gross_total", "deal", "deal_number", "reason_code", "reason", "decided_by",
            "decided_at", "completed_at", "created_at", "updated_at",
        ]  # fmt: skip


class OrderSerializer(OrderRowSerializer):
    """An order with its lines."""

    lines = OrderLineSerializer(many=True, read_only=True)

    class Meta(OrderRowSerializer.Meta):
        fields = [*OrderRowSerializer.Meta.fields, "freight_invoiced", "sold_by", "note", "lines"]


class NewLineSerializer(serializers.Serializer[Any]):
    """A product; without `unit_price` our list price of the day."""

    sku = serializers.CharField(max_length=40)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4, min_value=0)
    unit_price = serializers.DecimalField(max_digits=19, decimal_places=6, min_value=0, required=False)
    discount = serializers.DecimalField(max_digits=7, decimal_places=6, min_value=0, max_value=1, required=False)


class NewOrderSerializer(serializers.Serializer[Any]):
    """An order born here, as a draft."""

    party = NamedField(slug_field="code", queryset=Party.objects.customers())
    ordered_on = serializers.DateField()
    requested_on = serializers.DateField(required=False, allow_null=True)
    freight = serializers.DecimalField(max_digits=19, decimal_places=2, min_value=0, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    currency = serializers.CharField(
        max_length=3, validators=[ISO_CODE], required=False, help_text="That of the books, if left out."
    )
    lines = NewLineSerializer(many=True)


class RemarkSerializer(serializers.Serializer[Any]):
    """What was agreed by word of mouth; what is left out stays."""

    requested_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class OrderViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Order]):
    """Sales orders: of won deals, and our own."""

    permission_classes = [Desk]
    filterset_class = OrderFilter
    listing = ORDERS
    pagination_class = ListingPagination
    queryset = Order.objects.for_list()

    def get_queryset(self) -> QuerySet[Order]:
        orders = super().get_queryset()
        return orders if self.action == "list" else orders.prefetch_related("lines")

    def get_serializer_class(self) -> Any:
        return OrderRowSerializer if self.action == "list" else OrderSerializer

    @extend_schema(request=NewOrderSerializer, responses={201: OrderSerializer})
    def create(self, request: Request) -> Response:
        """A draft of our own."""
        told = _checked(NewOrderSerializer, request)
        lines = [NewLine(**line) for line in told.pop("lines")]
        return self._answer(services.create_order(told.pop("party"), lines, **told), 201)

    @extend_schema(request=NewOrderSerializer, responses=OrderSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Write a draft anew."""
        order = self.get_object()
        told = _checked(NewOrderSerializer, request)
        return self._answer(services.change_draft(order, [NewLine(**line) for line in told.pop("lines")], **told))

    @extend_schema(request=RemarkSerializer, responses=OrderSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Note the day it is wanted by, or a remark, on an order that is not over."""
        return self._answer(services.annotate(self.get_object(), **_checked(RemarkSerializer, request)))

    @extend_schema(request=None, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Bind us to a draft."""
        return self._answer(services.confirm(self.get_object()))

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Let a held order pass."""
        return self._answer(services.release(self.get_object(), _checked(ReasonSerializer, request)["reason"]))

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Say no to a held order."""
        return self._answer(services.refuse(self.get_object(), _checked(ReasonSerializer, request)["reason"]))

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Deliver nothing of it."""
        return self._answer(services.cancel(self.get_object(), _checked(ReasonSerializer, request)["reason"]))

    @extend_schema(request=None, responses=OrderSerializer)
    @action(detail=True, methods=["post"], permission_classes=[Allocators])
    def allocate(self, request: Request, pk: str) -> Response:
        """Reserve what has become free."""
        require(request.user, *DESK, "warehouse")
        order = self.get_object()
        services.allocate(order)
        return self._answer(order)

    def _answer(self, order: Order, status: int = 200) -> Response:
        fresh = Order.objects.visible_to(self.request.user).for_list().prefetch_related("lines").get(pk=order.pk)
        return Response(OrderSerializer(fresh, context=self.get_serializer_context()).data, status=status)


def _checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


router_entries: list[tuple[str, Any, str]] = [("orders", OrderViewSet, "order")]
