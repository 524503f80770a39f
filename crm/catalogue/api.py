"""The catalogue over REST: read only, with the price of a day for pickers."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets

from base.api import ApiMixin
from base.fields import house_currency
from base.listing.api import ListingPagination
from base.refusals import BadInput
from base.roles import RolePermission
from crm.catalogue.filters import ProductFilter
from crm.catalogue.lists import PRODUCTS
from crm.catalogue.models import PriceVersion, Product
from crm.catalogue.reports import with_price

Readers = RolePermission.of(read=("rep", "agent", "manager", "admin"))
ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day whose price is shown; today if left out.")
CURRENCY = OpenApiParameter("currency", str, description="The house's own if left out.")


class PriceSerializer(serializers.ModelSerializer[PriceVersion]):
    """One dated price."""

    class Meta:
        model = PriceVersion
        fields = ["currency", "amount", "valid_from", "as_of"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product with its list price on the day asked for, null when it has none."""

    price = serializers.DecimalField(max_digits=19, decimal_places=6, read_only=True, allow_null=True)
    currency = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "unit", "tax_class", "category", "status", "price", "currency", "as_of"]

    def get_currency(self, product: Product) -> str:
        return currency_of(self.context["request"])


class ProductWithPricesSerializer(ProductSerializer):
    """A product with all its dated prices."""

    prices = PriceSerializer(many=True, read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "withdrawn_reason", "prices"]


@extend_schema(parameters=[ON, CURRENCY])
class ProductViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Product]):
    """What may be sold, as the ERP published it; withdrawn products have that status."""

    queryset = Product.objects.none()
    permission_classes = [Readers]
    filterset_class = ProductFilter
    listing = PRODUCTS
    pagination_class = ListingPagination

    def get_queryset(self) -> QuerySet[Product]:
        rows = with_price(
            Product.objects.visible_to(self.request.user).shown(), day_of(self.request), currency_of(self.request)
        )
        return rows.prefetch_related("prices") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> Any:
        return ProductWithPricesSerializer if self.action == "retrieve" else ProductSerializer


def day_of(request: Any) -> date:
    """The day asked for, today if none."""
    text = request.GET.get("on", "")
    if not text:
        return timezone.localdate()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise BadInput(why=_("“{text}” is not a day; write it as 2026-11-23.").format(text=text), field="on")
    return day


def currency_of(request: Any) -> str:
    """The currency asked for, the house's own if none."""
    return str(request.GET.get("currency", "") or house_currency()).upper()[:3]


router_entries: list[tuple[str, Any, str]] = [("products", ProductViewSet, "product")]
