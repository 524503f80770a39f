"""Returns over REST: the order desk decides, the warehouse receives, the accountant settles."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.orders.models import Order
from erp.returns import services
from erp.returns.filters import ReturnFilter
from erp.returns.lists import RETURNS
from erp.returns.models import Return, ReturnLine
from erp.returns.roles import DECIDERS, EVERYBODY, RECEIVERS, SETTLERS
from integration.contracts.returns import WantedBack


class ReturnLineSerializer(serializers.ModelSerializer[ReturnLine]):
    """How many of an order's line are to come back, and how many came."""

    sku = serializers.CharField(source="order_line.sku", read_only=True)

    class Meta:
        model = ReturnLine
        fields = ["id", "order_line", "sku", "quantity", "quantity_received"]


class ReturnSerializer(serializers.ModelSerializer[Return]):
    """A return and where it stands."""

    order_number = serializers.CharField(source="order.number", read_only=True)
    deal = serializers.UUIDField(source="order.deal", read_only=True)
    lines = ReturnLineSerializer(many=True, read_only=True)

    class Meta:
        model = Return
        fields = [
            "id", "number", "request", "ticket", "ticket_number", "order", "order_number", "deal", "status",
            "reason", "instructions", "refusal", "credit_note", "credit_note_number", "decided_by", "decided_at",
            "received_by", "received_at", "settled_by", "settled_at", "lines", "created_at", "updated_at",
        ]  # fmt: skip


class WantedLineSerializer(serializers.Serializer[Any]):
    """So many of a product are to come back."""

    sku = serializers.CharField(max_length=60)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4, min_value=Decimal("0.0001"))


class OpenReturnSerializer(serializers.Serializer[Any]):
    """What a customer wants to send back of a delivered order, and why."""

    order = serializers.PrimaryKeyRelatedField(queryset=Order.objects.all())
    lines = WantedLineSerializer(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=2000)


class InstructionsSerializer(serializers.Serializer[Any]):
    """How to send the goods."""

    instructions = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class RefusalSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class ReceivedLineSerializer(serializers.Serializer[Any]):
    """So many of a return line came in."""

    line = serializers.UUIDField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4)


class ReceiveSerializer(serializers.Serializer[Any]):
    """What came in; without `lines` all that is expected."""

    lines = ReceivedLineSerializer(many=True, required=False)
    date = serializers.DateField(required=False)


class SettleSerializer(serializers.Serializer[Any]):
    """The credit note's date; today when left out."""

    date = serializers.DateField(required=False)


class ReturnViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Return]):
    """Returns, step by step."""

    permission_classes = [RolePermission.of(*DECIDERS, read=EVERYBODY)]
    serializer_class = ReturnSerializer
    filterset_class = ReturnFilter
    listing = RETURNS
    pagination_class = ListingPagination
    queryset = Return.objects.for_list()

    def get_queryset(self) -> QuerySet[Return]:
        return super().get_queryset().prefetch_related("lines__order_line")

    @extend_schema(request=OpenReturnSerializer, responses={201: ReturnSerializer})
    def create(self, request: Request) -> Response:
        """Open a return that the CRM did not ask for."""
        told = _checked(OpenReturnSerializer, request)
        wanted = [WantedBack(**line) for line in told["lines"]]
        answer = self._answer(services.open_return(told["order"], wanted, told["reason"]))
        answer.status_code = 201
        return answer

    @extend_schema(request=InstructionsSerializer, responses=ReturnSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*DECIDERS)])
    def authorise(self, request: Request, pk: str) -> Response:
        """The customer may send the goods."""
        told = _checked(InstructionsSerializer, request)
        return self._answer(services.authorise(self.get_object(), told["instructions"]))

    @extend_schema(request=RefusalSerializer, responses=ReturnSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*DECIDERS)])
    def refuse(self, request: Request, pk: str) -> Response:
        """The goods are not taken back."""
        return self._answer(services.refuse(self.get_object(), _checked(RefusalSerializer, request)["reason"]))

    @extend_schema(request=ReceiveSerializer, responses=ReturnSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*RECEIVERS)])
    def receive(self, request: Request, pk: str) -> Response:
        """The goods are here."""
        told = _checked(ReceiveSerializer, request)
        quantities = {line["line"]: line["quantity"] for line in told["lines"]} if "lines" in told else None
        return self._answer(services.receive(self.get_object(), quantities, told.get("date")))

    @extend_schema(request=SettleSerializer, responses=ReturnSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*SETTLERS)])
    def settle(self, request: Request, pk: str) -> Response:
        """Write the credit note."""
        told = _checked(SettleSerializer, request)
        return self._answer(services.settle(self.get_object(), told.get("date"), request.user))

    def _answer(self, goods_return: Return) -> Response:
        fresh = self.get_queryset().get(pk=goods_return.pk)
        return Response(ReturnSerializer(fresh, context=self.get_serializer_context()).data)


def _checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


router_entries: list[tuple[str, Any, str]] = [("returns", ReturnViewSet, "return")]
