"""The ERP's products and prices, as it published them; read-only."""

from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.refusals import BadInput
from base.roles import RolePermission
from crm.catalogue.models import PriceVersion, Product
from crm.catalogue.services import prices_on

READERS = ("rep", "agent", "manager", "admin")


class PriceSerializer(serializers.ModelSerializer[PriceVersion]):
    """A price from a day on."""

    class Meta:
        model = PriceVersion
        fields = ["currency", "amount", "valid_from", "as_of"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product; `price` is the list price on `?on=` (today when left out)."""

    price = serializers.SerializerMethodField()
    prices = PriceSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "unit", "tax_class", "category", "status", "as_of", "price", "prices"]

    def get_price(self, product: Product) -> str | None:
        price: Decimal | None = self.context["prices"].get(product.sku)
        return None if price is None else format(price, "f")


class ProductRowSerializer(ProductSerializer):
    """A product in a list."""

    class Meta(ProductSerializer.Meta):
        fields = ["id", "sku", "name", "unit", "tax_class", "category", "status", "as_of", "price"]


class ProductFilter(django_filters.FilterSet):
    """`search` looks into SKU, name and category."""

    search = django_filters.CharFilter(method="matching")

    class Meta:
        model = Product
        fields = ["sku", "status", "category"]

    def matching(self, products: Any, name: str, text: str) -> Any:
        return products.matching(text)


class ProductViewSet(viewsets.ReadOnlyModelViewSet[Product]):
    """What may be offered."""

    permission_classes = [RolePermission.of(read=READERS)]
    filterset_class = ProductFilter
    queryset = Product.objects.all()

    def get_queryset(self) -> QuerySet[Product]:
        products = super().get_queryset()
        return products if self.action == "list" else products.prefetch_related("prices")

    @extend_schema(
        responses=ProductRowSerializer(many=True),
        parameters=[OpenApiParameter("on", date), OpenApiParameter("currency", str)],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Products with their price on a day."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        shape = ProductRowSerializer(page, many=True, context=self._with_prices(page))
        return self.get_paginated_response(shape.data)

    @extend_schema(responses=ProductSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One product with all its prices."""
        product = self.get_object()
        return Response(ProductSerializer(product, context=self._with_prices([product])).data)

    def _with_prices(self, products: Any) -> dict[str, Any]:
        currency = self.request.query_params.get("currency", "EUR")
        prices = prices_on([product.sku for product in products], self._day(), currency)
        return {**self.get_serializer_context(), "prices": prices}

    def _day(self) -> date:
        text = self.request.query_params.get("on", "")
        if not text:
            return timezone.localdate()
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise BadInput(why=f"“{text}” is not a day (2026-11-23).", field="on")
        return day


router_entries: list[tuple[str, Any, str]] = [("products", ProductViewSet, "product")]
