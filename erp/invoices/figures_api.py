"""Sales month by month, over REST."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from erp.banking.api import Accounting
from erp.invoices.figures import MonthSales, monthly_sales
from erp.ledger.services import company


class MonthSalesSerializer(serializers.Serializer[MonthSales]):
    """What was invoiced and credited in a month, net."""

    month = serializers.DateField(help_text="Its first day.")
    invoiced = serializers.DecimalField(max_digits=25, decimal_places=2)
    credited = serializers.DecimalField(max_digits=25, decimal_places=2)


class SalesSerializer(serializers.Serializer[Any]):
    """The last twelve months, the running one last."""

    currency = serializers.CharField()
    months = MonthSalesSerializer(many=True)


class SalesViewSet(ApiMixin, viewsets.ViewSet):
    """What was sold."""

    permission_classes = [Accounting]

    @extend_schema(operation_id="sales_by_month", responses=forced_singular_serializer(SalesSerializer))
    def list(self, request: Request) -> Response:
        """Net invoiced and net credited, month by month, in base currency."""
        return Response(SalesSerializer({"currency": company().base_currency, "months": monthly_sales()}).data)


router_entries: list[tuple[str, Any, str]] = [("sales", SalesViewSet, "sales")]
