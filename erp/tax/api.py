"""Tax over REST: rates and rules to read; returns to draw up, file and amend."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.history_api import RecordChangeSerializer, told_history
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission
from base.stepup import step_up_required
from erp.ledger.services import company
from erp.tax import returns
from erp.tax.boxes import Drawn, Figure, Moved, draw_up
from erp.tax.filters import ReturnFilter
from erp.tax.forms import SpanForm
from erp.tax.lists import RETURNS
from erp.tax.models import ReturnBox, ReturnForm, ReturnVersion, TaxPointRule, TaxProfile, TaxRate, VatReturn
from erp.tax.services import profile_of

Readers = RolePermission.of("accountant", "admin", read=("auditor", "order_desk"))
Keeping = RolePermission.of("accountant", "admin", read=("auditor",))


class ByDay(KeysetPagination):
    """Newest rules first."""

    ordering: Any = ("-valid_from", "-id")


class ByCode(KeysetPagination):
    """By their codes."""

    ordering: Any = ("code", "id")


class TaxRateSerializer(serializers.ModelSerializer[TaxRate]):
    """A rate from a day on; the fraction is a string."""

    tax_class = serializers.CharField(source="tax_class.code")

    class Meta:
        model = TaxRate
        fields = ["tax_class", "jurisdiction", "regime", "valid_from", "rate", "source"]


class TaxPointRuleSerializer(serializers.ModelSerializer[TaxPointRule]):
    """When a supply is taxed."""

    class Meta:
        model = TaxPointRule
        fields = [
            "jurisdiction", "supply_kind", "basis", "taxed_on", "due_on", "invoice_first", "latest_months",
            "valid_from", "source",
        ]  # fmt: skip


class ReturnBoxSerializer(serializers.ModelSerializer[ReturnBox]):
    """A box and what it counts."""

    class Meta:
        model = ReturnBox
        fields = ["code", "printed", "kind", "name", "name_zh", "counts", "credit", "factor", "whole"]


class ReturnFormSerializer(serializers.ModelSerializer[ReturnForm]):
    """A return as the law prints it."""

    boxes = ReturnBoxSerializer(many=True, read_only=True)

    class Meta:
        model = ReturnForm
        fields = ["code", "jurisdiction", "regime", "name", "name_zh", "source", "boxes"]


class BoxFigureSerializer(serializers.Serializer[Figure]):
    """A box with its amount; `filed` is what the version it is compared with had, `lines` asks for its lines."""

    box = serializers.CharField(source="box.code")
    printed = serializers.CharField(source="box.printed")
    kind = serializers.CharField(source="box.kind")
    name = serializers.CharField(source="box.label")
    amount = serializers.DecimalField(max_digits=25, decimal_places=2)
    filed = serializers.DecimalField(max_digits=25, decimal_places=2, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    lines = serializers.SerializerMethodField(help_text="The query of /ledger/lines/ that gives the lines behind it.")

    def get_lines(self, figure: Figure) -> str:
        drawn: Drawn = self.context["drawn"]
        return drawn.lines_query(figure) if figure.tags else ""


class LeftOutSerializer(serializers.Serializer[Moved]):
    """Tax that no box counts."""

    tag = serializers.CharField()
    part = serializers.CharField()
    amount = serializers.DecimalField(max_digits=25, decimal_places=2)


class DrawnSerializer(serializers.Serializer[Drawn]):
    """A return drawn up; `left_out` must be empty before it is filed."""

    form = serializers.CharField(source="form.code")
    currency = serializers.CharField(source="company.base_currency")
    start = serializers.DateField()
    end = serializers.DateField()
    known = serializers.DateTimeField(allow_null=True)
    output_tax = serializers.DecimalField(max_digits=25, decimal_places=2)
    input_tax = serializers.DecimalField(max_digits=25, decimal_places=2)
    payable = serializers.DecimalField(max_digits=25, decimal_places=2)
    figures = BoxFigureSerializer(many=True)
    left_out = LeftOutSerializer(many=True)


class VatReturnVersionSerializer(serializers.ModelSerializer[ReturnVersion]):
    """The figures as they were filed, by the codes of their boxes."""

    figures = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ReturnVersion
        fields = ["version", "figures", "output_tax", "input_tax", "reason", "filed_by", "filed_at"]


class VatReturnRowSerializer(serializers.ModelSerializer[VatReturn]):
    """A return in a list."""

    form = serializers.CharField(source="form.code", read_only=True)

    class Meta:
        model = VatReturn
        fields = [
            "id", "form", "starts_on", "ends_on", "status", "version", "payable", "filed_by", "filed_at", "reason",
            "reopened_by",
        ]  # fmt: skip
        read_only_fields = fields


class VatReturnSerializer(VatReturnRowSerializer):
    """A return with every version that was filed."""

    versions = VatReturnVersionSerializer(many=True, read_only=True)

    class Meta(VatReturnRowSerializer.Meta):
        fields = [*VatReturnRowSerializer.Meta.fields, "versions"]


class SpanSerializer(serializers.Serializer[Any]):
    """Which days; the next return's if left out."""

    start = serializers.DateField(required=False)
    months = serializers.ChoiceField([1, 3, 12], required=False)


class AmendSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=250)


class ProfileSerializer(serializers.ModelSerializer[TaxProfile]):
    """How the company is taxed."""

    form = NamedField(slug_field="code", queryset=ReturnForm.objects.all(), allow_null=True, required=False)

    class Meta:
        model = TaxProfile
        fields = list(returns.PROFILE_FIELDS)


class TaxRateViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[TaxRate]):
    """Dated rates of the tax classes."""

    permission_classes = [Readers]
    pagination_class = ByDay
    serializer_class = TaxRateSerializer
    filterset_fields = ["tax_class__code", "jurisdiction", "regime", "valid_from"]
    queryset = TaxRate.objects.select_related("tax_class")


class TaxPointRuleViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[TaxPointRule]):
    """When supplies and their deposits are taxed, by place, kind of supply and basis."""

    permission_classes = [Readers]
    pagination_class = ByDay
    serializer_class = TaxPointRuleSerializer
    filterset_fields = ["jurisdiction", "supply_kind", "basis"]
    queryset = TaxPointRule.objects.all()


class ReturnFormViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[ReturnForm]):
    """Forms of returns with their boxes."""

    permission_classes = [Readers]
    pagination_class = ByCode
    serializer_class = ReturnFormSerializer
    filterset_fields = ["code", "jurisdiction", "regime"]
    lookup_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
    queryset = ReturnForm.objects.prefetch_related("boxes")


class ReturnViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[VatReturn]):
    """VAT returns that were filed; their versions stay."""

    permission_classes = [Keeping]
    filterset_class = ReturnFilter
    listing = RETURNS
    pagination_class = ListingPagination
    version_lock = None
    queryset = VatReturn.objects.select_related("form", "company").prefetch_related("versions")

    def get_serializer_class(self) -> Any:
        return VatReturnRowSerializer if self.action == "list" else VatReturnSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("start", OpenApiTypes.DATE, description="the first day; the next return's if left out"),
            OpenApiParameter("months", OpenApiTypes.INT, enum=[1, 3, 12]),
            OpenApiParameter("known", OpenApiTypes.DATE, description="leave out what was posted after that day"),
        ],
        responses=DrawnSerializer,
    )
    @action(detail=False)
    def draft(self, request: Request) -> Response:
        """A return as the books have it, before it is filed."""
        ours = company()
        told = SpanForm(request.query_params).asked(ours)
        span = told["span"]
        return _drawn(draw_up(returns.form_of(ours), ours, span.start, span.end, told["known"]))

    @extend_schema(responses=DrawnSerializer)
    @action(detail=True)
    def figures(self, request: Request, pk: str) -> Response:
        """As the books have it now, beside what was filed last."""
        return _drawn(returns.drawn_again(self.get_object()))

    @extend_schema(request=SpanSerializer, responses={201: VatReturnSerializer})
    @action(detail=False, methods=["post"])
    @step_up_required
    def file(self, request: Request) -> Response:
        """Declare a span, for good; while it is being amended, its next version."""
        given = SpanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        span = SpanForm(given.validated_data).asked(company())["span"]
        return Response(self._fresh(returns.file(company(), span, request.user)), status=201)

    @extend_schema(request=AmendSerializer, responses=VatReturnSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def reopen(self, request: Request, pk: str) -> Response:
        """Take it up again to amend it: a second person, with a reason."""
        given = AmendSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = returns.reopen(self.get_object(), request.user, given.validated_data["reason"])
        return Response(self._fresh(found))

    def _fresh(self, found: VatReturn) -> Any:
        fresh = self.get_queryset().get(pk=found.pk)
        return VatReturnSerializer(fresh, context=self.get_serializer_context()).data


class ProfileViewSet(ApiMixin, viewsets.ViewSet):
    """How the company is taxed."""

    permission_classes = [Keeping]

    @extend_schema(responses=forced_singular_serializer(ProfileSerializer))
    def list(self, request: Request) -> Response:
        """As it stands."""
        return Response(ProfileSerializer(profile_of(company())).data)

    @extend_schema(responses=RecordChangeSerializer(many=True))
    @action(detail=False, url_path="history")
    def changes(self, request: Request) -> Response:
        """Its changes, newest first."""
        return told_history(profile_of(company()), request)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    @action(detail=False, methods=["patch"], url_path="set")
    def change(self, request: Request) -> Response:
        """Change it; what was filed before keeps its rules."""
        given = ProfileSerializer(profile_of(company()), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(ProfileSerializer(returns.set_profile(company(), request.user, **given.validated_data)).data)


def _drawn(drawn: Drawn) -> Response:
    return Response(DrawnSerializer(drawn, context={"drawn": drawn}).data)


router_entries: list[tuple[str, Any, str]] = [
    ("tax/rates", TaxRateViewSet, "tax-rate"),
    ("tax/points", TaxPointRuleViewSet, "tax-point"),
    ("tax/forms", ReturnFormViewSet, "tax-form"),
    ("tax/returns", ReturnViewSet, "tax-return"),
    ("tax/profile", ProfileViewSet, "tax-profile"),
]
