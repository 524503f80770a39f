"""Statements over REST: the layouts, and the figures of one."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.roles import RolePermission
from erp.ledger.api import NARROWING
from erp.ledger.services import company
from erp.statements import services
from erp.statements.forms import COMPARISONS, StatementForm
from erp.statements.models import Layout, LayoutRow

Readers = RolePermission.of("accountant", "admin", read=("auditor",))


class ByCode(KeysetPagination):
    """By their codes."""

    ordering: Any = ("code", "id")


class LayoutRowSerializer(serializers.ModelSerializer[LayoutRow]):
    """A row and what it counts."""

    class Meta:
        model = LayoutRow
        fields = ["code", "kind", "name", "name_zh", "counts", "credit", "level"]


class LayoutSerializer(serializers.ModelSerializer[Layout]):
    """A statement's layout."""

    rows = LayoutRowSerializer(many=True, read_only=True)

    class Meta:
        model = Layout
        fields = ["code", "name", "name_zh", "span", "rows"]


class ColumnSerializer(serializers.Serializer[services.Column]):
    """The span of a column, without `start` from the beginning; `only` names the cost centre or project it is of."""

    start = serializers.DateField(allow_null=True)
    end = serializers.DateField()
    only = serializers.DictField(child=serializers.CharField())


class AccountFigureSerializer(serializers.Serializer[services.AccountFigure]):
    """What an account adds."""

    account = serializers.CharField(source="account.code")
    name = serializers.CharField(source="account.name")
    amounts = serializers.ListField(child=serializers.DecimalField(max_digits=25, decimal_places=2))


class FigureSerializer(serializers.Serializer[services.Figure]):
    """A row with an amount for each column, and its accounts."""

    row = serializers.CharField(source="row.code")
    kind = serializers.CharField(source="row.kind")
    name = serializers.CharField(source="row.name")
    amounts = serializers.ListField(child=serializers.DecimalField(max_digits=25, decimal_places=2))
    accounts = AccountFigureSerializer(many=True)


class StatementSerializer(serializers.Serializer[services.Statement]):
    """A statement: `broken` rows must be zero and are not, `left_out` accounts are counted by no row, or by two."""

    layout = serializers.CharField(source="layout.code")
    currency = serializers.CharField(source="layout.company.base_currency")
    known = serializers.DateTimeField(allow_null=True)
    columns = ColumnSerializer(many=True)
    figures = FigureSerializer(many=True)
    broken = FigureSerializer(many=True)
    left_out = AccountFigureSerializer(many=True)


class LayoutViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Layout]):
    """Layouts of statements, and the statements themselves."""

    permission_classes = [Readers]
    pagination_class = ByCode
    serializer_class = LayoutSerializer
    filterset_fields = ["code", "span"]
    lookup_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
    queryset = Layout.objects.prefetch_related("rows")

    @extend_schema(
        parameters=[
            OpenApiParameter("start", OpenApiTypes.DATE, description="the first day; the year's, if left out"),
            OpenApiParameter("end", OpenApiTypes.DATE, description="the last day, today if left out"),
            OpenApiParameter("compare", OpenApiTypes.STR, enum=[code for code, _words in COMPARISONS if code]),
            OpenApiParameter("known", OpenApiTypes.DATE, description="leave out what was posted after that day"),
            *NARROWING,
        ],
        responses=StatementSerializer,
    )
    @action(detail=True)
    def figures(self, request: Request, code: str = "") -> Response:
        """The figures of a statement."""
        told = StatementForm(request.query_params).asked()
        layout = services.layout(company(), code)
        columns = services.columns(layout, told["end"], told["start"], told["compare"], told["only"])
        return Response(StatementSerializer(services.draw_up(layout, columns, told["known"])).data)


router_entries: list[tuple[str, Any, str]] = [("ledger/statements", LayoutViewSet, "statement")]
