"""Shipments over REST: the warehouse sends, everybody in the house may look."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.listing.api import ListingPagination
from base.references import NamedField
from base.refusals import BadInput
from base.roles import RolePermission
from erp.orders.models import Order
from erp.shipping import paper, services
from erp.shipping.filters import ShipmentFilter
from erp.shipping.lists import SHIPMENTS, with_line_count
from erp.shipping.models import Carrier, Shipment, ShipmentLine
from erp.shipping.roles import KEEPERS, READERS

LANGUAGES = [code for code, _name in settings.LANGUAGES]
Keepers = RolePermission.of(*KEEPERS, read=READERS)


class CarrierSerializer(serializers.ModelSerializer[Carrier]):
    """Who brings the parcel."""

    class Meta:
        model = Carrier
        fields = ["id", "name", "tracking_url", "active"]


class ShipmentLineSerializer(serializers.ModelSerializer[ShipmentLine]):
    """What was in the parcel."""

    sku = serializers.CharField(source="order_line.sku", read_only=True)
    description = serializers.CharField(source="order_line.description", read_only=True)

    class Meta:
        model = ShipmentLine
        fields = ["id", "order_line", "sku", "description", "quantity", "move"]


class ShipmentSerializer(serializers.ModelSerializer[Shipment]):
    """A parcel that left."""

    order_number = serializers.CharField(source="order.number", read_only=True)
    deal = serializers.UUIDField(source="order.deal", read_only=True)
    carrier = serializers.CharField(source="carrier.name", read_only=True)
    tracking_url = serializers.CharField(source="tracking_page", read_only=True)
    dispatched_by = serializers.CharField(
        source="dispatched_by.username", read_only=True, default=None, allow_null=True
    )
    lines = ShipmentLineSerializer(many=True, read_only=True)

    class Meta:
        model = Shipment
        fields = [
            "id", "number", "order", "order_number", "deal", "carrier", "tracking", "tracking_url", "dispatched_on",
            "dispatched_at", "dispatched_by", "complete", "lines",
        ]  # fmt: skip


class ParcelLineSerializer(serializers.Serializer[Any]):
    """So many of an order's line, named by its id or, where that is clear, by its SKU."""

    line = serializers.UUIDField(required=False)
    sku = serializers.CharField(max_length=250, required=False)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4)


class CorrectionSerializer(serializers.Serializer[Any]):
    """Who really brings the parcel, and under which number."""

    carrier = NamedField(slug_field="name", queryset=Carrier.objects.filter(active=True))
    tracking = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class DispatchSerializer(serializers.Serializer[Any]):
    """What to send; without `lines` all that is reserved."""

    carrier = NamedField(slug_field="name", queryset=Carrier.objects.all())
    tracking = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    date = serializers.DateField(required=False)
    lines = ParcelLineSerializer(many=True, required=False)


class CorrectSerializer(serializers.Serializer[Any]):
    """Who brings the parcel after all, and under which number; what is left out stays."""

    carrier = NamedField(slug_field="name", queryset=Carrier.objects.all(), required=False)
    tracking = serializers.CharField(max_length=80, required=False, allow_blank=True)


class ByName(KeysetPagination):
    """Carriers by name."""

    ordering = "name"


class NoteAskedSerializer(serializers.Serializer[Any]):
    """In which language; the caller's, if left out."""

    language = serializers.ChoiceField(LANGUAGES, required=False, default="")


def shipments() -> QuerySet[Shipment]:
    """With all that a shipment's body tells."""
    return with_line_count(Shipment.objects.all()).select_related("dispatched_by").prefetch_related("lines__order_line")


class ShipmentViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Shipment]):
    """Parcels that left."""

    permission_classes = [Keepers]
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilter
    version_lock = "order"
    listing = SHIPMENTS
    pagination_class = ListingPagination
    queryset = shipments()

    @extend_schema(request=CorrectSerializer, responses=ShipmentSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Put a mistyped carrier or tracking number right."""
        shipment = self.get_object()
        given = CorrectSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = {"carrier": shipment.carrier, "tracking": shipment.tracking, **given.validated_data}
        services.correct(shipment, told["carrier"], told["tracking"])
        return Response(self.get_serializer(shipments().get(pk=shipment.pk)).data)

    @extend_schema(request=CorrectionSerializer, responses=ShipmentSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Put carrier and tracking number right."""
        shipment = self.get_object()
        given = CorrectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.correct(shipment, given.validated_data["carrier"], given.validated_data["tracking"])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(parameters=[NoteAskedSerializer], responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def note(self, request: Request, pk: str) -> HttpResponse:
        """The delivery note as a PDF: goods and quantities, no prices."""
        asked = NoteAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return paper.as_file(self.get_object(), asked.validated_data["language"] or get_language() or "en")


class OrderShipmentViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Shipment]):
    """The parcels of one order; POST sends one more."""

    permission_classes = [Keepers]
    one_verb = True
    serializer_class = ShipmentSerializer
    queryset = shipments()

    def get_queryset(self) -> QuerySet[Shipment]:
        return super().get_queryset().filter(order=self.kwargs["order"])

    @extend_schema(request=DispatchSerializer, responses={201: ShipmentSerializer})
    def create(self, request: Request, order: str) -> Response:
        """Send these quantities, or all that is reserved."""
        found = get_object_or_404(Order.objects.visible_to(request.user).only("status", "ordered_on"), pk=order)
        given = DispatchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        shipment = services.dispatch(
            found,
            quantities_of(found, told["lines"]) if "lines" in told else None,
            told["carrier"],
            told["tracking"],
            request.user,
            on=told.get("date"),
        )
        return Response(self.get_serializer(shipment).data, status=201)


def quantities_of(order: Order, lines: list[dict[str, Any]]) -> dict[UUID, Any]:
    """Quantities by order line; a SKU must name exactly one line."""
    by_sku: dict[str, list[UUID]] = {}
    for pk, sku in order.lines.order_by("position").values_list("pk", "sku"):
        by_sku.setdefault(sku, []).append(pk)
    quantities: dict[UUID, Any] = {}
    for number, told in enumerate(lines):
        known = [told["line"]] if "line" in told else by_sku.get(told.get("sku", ""), [])
        if len(known) != 1 or known[0] in quantities:
            raise BadInput(why=_("Name each line of the order once, by its id."), field=f"lines.{number}")
        quantities[known[0]] = told["quantity"]
    return quantities


class CarrierViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Carrier]):
    """Who brings parcels."""

    permission_classes = [Keepers]
    pagination_class = ByName
    serializer_class = CarrierSerializer
    filterset_fields = ["name", "active"]
    queryset = Carrier.objects.all()


router_entries: list[tuple[str, Any, str]] = [
    ("shipments", ShipmentViewSet, "shipment"),
    ("carriers", CarrierViewSet, "carrier"),
    (r"orders/(?P<order>[0-9a-f-]{36})/shipments", OrderShipmentViewSet, "order-shipment"),
]
