"""Rates and deposit rules over REST, to read."""

from typing import Any

from rest_framework import serializers, viewsets

from base.api import ApiMixin, KeysetPagination
from base.roles import RolePermission
from erp.tax.models import DepositRule, TaxRate

Readers = RolePermission.of("accountant", "admin", read=("auditor", "order_desk"))


class ByDay(KeysetPagination):
    """Newest rules first."""

    ordering: Any = ("-valid_from", "-id")


class TaxRateSerializer(serializers.ModelSerializer[TaxRate]):
    """A rate from a day on; the fraction is a string."""

    tax_class = serializers.CharField(source="tax_class.code")

    class Meta:
        model = TaxRate
        fields = ["tax_class", "jurisdiction", "valid_from", "rate", "source"]


class DepositRuleSerializer(serializers.ModelSerializer[DepositRule]):
    """When a deposit is taxed."""

    class Meta:
        model = DepositRule
        fields = ["jurisdiction", "supply_kind", "taxed_on", "valid_from", "source"]


class TaxRateViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[TaxRate]):
    """Dated rates of the tax classes."""

    permission_classes = [Readers]
    pagination_class = ByDay
    serializer_class = TaxRateSerializer
    filterset_fields = ["tax_class__code", "jurisdiction", "valid_from"]
    queryset = TaxRate.objects.select_related("tax_class")


class DepositRuleViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[DepositRule]):
    """When deposits are taxed, by place and kind of supply."""

    permission_classes = [Readers]
    pagination_class = ByDay
    serializer_class = DepositRuleSerializer
    filterset_fields = ["jurisdiction", "supply_kind"]
    queryset = DepositRule.objects.all()


router_entries: list[tuple[str, Any, str]] = [
    ("tax/rates", TaxRateViewSet, "tax-rate"),
    ("tax/deposit-rules", DepositRuleViewSet, "tax-deposit-rule"),
]
