"""Products and prices over REST; made ready to sell by the order desk or accountants, read by everybody."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin, refuse_hidden
from erp.ledger.services import base_currency
from erp.parties.models import Party
from erp.products import services
from erp.products.filters import ProductFilter
from erp.products.lists import PRODUCTS
from erp.products.models import Price, Product
from erp.products.roles import KEEPERS, READERS
from erp.products.services import DatedPrice

Keepers = RolePermission.of(*KEEPERS, read=READERS)

CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as EUR."))


class PriceSerializer(TieredSerializerMixin, serializers.ModelSerializer[Price]):
    """A dated price; `currency` is that of the books when left out."""

    class Meta:
        model = Price
        fields = ["amount", "currency", "valid_from", "set_by", "recorded_at"]
        read_only_fields = ["set_by", "recorded_at"]
        extra_kwargs = {"amount": {"min_value": 0}, "currency": {"validators": [CURRENCY]}}


class ProductSerializer(TieredSerializerMixin, serializers.ModelSerializer[Product]):
    """A product; on creation `prices` may come along, and `publish` offers it at once."""

    supplier = NamedField(slug_field="code", queryset=Party.objects.suppliers(), allow_null=True, required=False)
    prices = PriceSerializer(many=True, required=False)
    publish = serializers.BooleanField(write_only=True, required=False, default=False)

    class Meta:
        model = Product
        fields = [
            "id", "sku", "name", "unit", "tax_class", "category", "supplier", "floor_percent", "status", "prices",
            "publish", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "status"]
        extra_kwargs = {"sku": {"validators": Product._meta.get_field("sku").validators}}


class ProductRowSerializer(ProductSerializer):
    """A product in a list: with the price of today (or of `?on=`) instead of all."""

    list_price = serializers.DecimalField(max_digits=19, decimal_places=6, read_only=True, allow_null=True)

    class Meta(ProductSerializer.Meta):
        fields = [
            "id", "sku", "name", "unit", "tax_class", "category", "supplier", "floor_percent", "status", "list_price",
            "created_at", "updated_at",
        ]  # fmt: skip


class ProductChangeSerializer(ProductSerializer):
    """What may be edited; the SKU stays, prices are set by their own call."""

    class Meta(ProductSerializer.Meta):
        fields = list(services.EDITABLE)


class WithdrawSerializer(serializers.Serializer[Any]):
    """Why it is not offered any more."""

    reason = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")


class ProductViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Product],
):
    """What we sell."""

    permission_classes = [Keepers]
    filterset_class = ProductFilter
    listing = PRODUCTS
    pagination_class = ListingPagination
    queryset = Product.objects.all()

    def get_queryset(self) -> QuerySet[Product]:
        products = Product.objects.visible_to(self.request.user).select_related("supplier")
        if self.action == "list":
            return products.with_price(timezone.localdate(), base_currency())
        return products.prefetch_related("prices")

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        shapes: dict[str, type[serializers.BaseSerializer[Any]]] = {
            "list": ProductRowSerializer,
            "partial_update": ProductChangeSerializer,
            "prices": PriceSerializer,
            "withdraw": WithdrawSerializer,
        }
        return shapes.get(self.action, ProductSerializer)

    @transaction.atomic
    def perform_create(self, serializer: serializers.BaseSerializer[Product]) -> None:
        told = dict(serializer.validated_data)
        offered = told.pop("publish")
        prices = [DatedPrice(**price) for price in told.pop("prices", [])]
        product = services.create_product(prices=prices, **told)
        serializer.instance = services.publish(product) if offered else product

    @extend_schema(request=ProductChangeSerializer, responses=ProductSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Edit what may be edited."""
        product = self.get_object()
        shape = self.get_serializer(product, data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        return self._told(services.change_product(product, **shape.validated_data))

    @extend_schema(request=None, responses=ProductSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        """Offer it: the CRM gets the product and all its dated prices."""
        return self._told(services.publish(self.get_object()))

    @extend_schema(request=WithdrawSerializer, responses=ProductSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Offer it no more."""
        shape = WithdrawSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        return self._told(services.withdraw(self.get_object(), shape.validated_data["reason"]))

    @extend_schema(methods=["get"], responses=PriceSerializer(many=True))
    @extend_schema(methods=["post"], request=PriceSerializer(many=True), responses={201: PriceSerializer(many=True)})
    @action(detail=True, methods=["get", "post"], pagination_class=None, filterset_class=None)
    def prices(self, request: Request, pk: str | None = None) -> Response:
        """All dated prices, newest first; POST one or a list of new ones."""
        product = self.get_object()
        refuse_hidden(request.user, Product, ["prices"])
        context = self.get_serializer_context()
        if request.method == "GET":
            prices = product.prices.order_by("currency", "-valid_from")
            return Response(PriceSerializer(prices, many=True, context=context).data)
        many = isinstance(request.data, list)
        shape = PriceSerializer(data=request.data, many=many, context=context)
        shape.is_valid(raise_exception=True)
        with transaction.atomic():
            told = shape.validated_data if many else [shape.validated_data]
            made = [services.set_price(product, **price) for price in told]
        return Response(PriceSerializer(made if many else made[0], many=many, context=context).data, status=201)

    def _told(self, product: Product) -> Response:
        product = (
            Product.objects.visible_to(self.request.user)
            .select_related("supplier")
            .prefetch_related("prices")
            .get(pk=product.pk)
        )
        return Response(ProductSerializer(product, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("products", ProductViewSet, "product")]
