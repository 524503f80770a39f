"""Price approvals and quotes over REST."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.references import PersonField
from base.refusals import NotAllowed
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin
from crm.pipeline import approvals, paper, quotes
from crm.pipeline.models import APPROVERS, READERS, WRITERS, ApprovalState, Deal, PriceApproval, Quote

Sellers = RolePermission.of(*WRITERS, read=READERS)
LANGUAGES = list(dict(settings.LANGUAGES))


def _nameable(context: Mapping[str, Any], deal: Deal) -> Deal:
    """A deal the caller may see and change."""
    user = context["request"].user
    found = Deal.objects.visible_to(user).select_related("account", "owner").filter(pk=deal.pk).first()
    if found is None:
        raise serializers.ValidationError("unknown", code="does_not_exist")
    if not found.writable_by(user):
        raise NotAllowed()
    return found


class PriceApprovalSerializer(TieredSerializerMixin, serializers.ModelSerializer[PriceApproval]):
    """A rep's question for prices beyond the limit, and the answer."""

    deal = serializers.PrimaryKeyRelatedField(queryset=Deal.objects.all())
    asked_by = PersonField(read_only=True)
    answered_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = PriceApproval
        fields = ["id", "deal", "why", "net_total", "discount", "state", "asked_by", "answered_by", "answered_at",
                  "answer", "created_at", "updated_at"]  # fmt: skip
        read_only_fields = ["id", "net_total", "discount", "state", "answered_at", "answer", "created_at", "updated_at"]

    def validate_deal(self, deal: Deal) -> Deal:
        return _nameable(self.context, deal)

    def create(self, validated_data: dict[str, Any]) -> PriceApproval:
        return approvals.ask(validated_data["deal"], by=self.context["request"].user, why=validated_data["why"])


class AnswerSerializer(serializers.Serializer[Any]):
    """A word with the answer."""

    answer = serializers.CharField(max_length=250, required=False, default="", allow_blank=True)


class PriceApprovalFilter(django_filters.FilterSet):
    """By what came of it, and by deal."""

    state = django_filters.ChoiceFilter(choices=ApprovalState.choices)
    deal = django_filters.UUIDFilter(field_name="deal_id")


class PriceApprovalViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[PriceApproval],
):
    """Questions for a discount: POST asks, a sales manager gives or refuses."""

    version_lock = "deal"
    permission_classes = [Sellers]
    queryset = PriceApproval.objects.none()
    serializer_class = PriceApprovalSerializer
    filterset_class = PriceApprovalFilter
    pagination_class = KeysetPagination

    def get_queryset(self) -> QuerySet[PriceApproval]:
        rows = PriceApproval.objects.visible_to(self.request.user)
        return rows.select_related("deal__account", "asked_by", "answered_by")

    @extend_schema(request=None, responses=PriceApprovalSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*APPROVERS)])
    def give(self, request: Request, **_kwargs: Any) -> Response:
        """The prices stand as they are now."""
        return self._answer(approvals.give(self.get_object(), by=request.user))

    @extend_schema(request=AnswerSerializer, responses=PriceApprovalSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*APPROVERS)])
    def refuse(self, request: Request, **_kwargs: Any) -> Response:
        """They do not."""
        told = AnswerSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return self._answer(approvals.refuse(self.get_object(), by=request.user, **told.validated_data))

    def _answer(self, asked: PriceApproval) -> Response:
        return Response(PriceApprovalSerializer(asked, context=self.get_serializer_context()).data)


class QuotedLineSerializer(serializers.Serializer[Any]):
    """A line as it was offered."""

    position = serializers.IntegerField()
    sku = serializers.CharField()
    description = serializers.CharField()
    unit = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4)
    unit_price = serializers.DecimalField(max_digits=19, decimal_places=6)
    discount = serializers.DecimalField(max_digits=7, decimal_places=6)
    net_amount = serializers.DecimalField(max_digits=19, decimal_places=2)
    promotion = serializers.CharField(required=False)


class QuoteSerializer(TieredSerializerMixin, serializers.ModelSerializer[Quote]):
    """A version of what was offered; it never changes."""

    deal = serializers.PrimaryKeyRelatedField(queryset=Deal.objects.all())
    number = serializers.CharField(read_only=True)
    lines = QuotedLineSerializer(many=True, read_only=True)
    made_by = PersonField(read_only=True)

    class Meta:
        model = Quote
        fields = ["id", "deal", "number", "version", "currency", "lines", "freight", "net_total", "deposit",
                  "requested_on", "payment_days", "valid_until", "note", "made_on", "made_by",
                  "created_at"]  # fmt: skip
        read_only_fields = [name for name in fields if name not in ("deal", "valid_until", "note")]
        extra_kwargs = {"valid_until": {"required": False}, "note": {"max_length": 2000}}

    def validate_deal(self, deal: Deal) -> Deal:
        return _nameable(self.context, deal)

    def create(self, validated_data: dict[str, Any]) -> Quote:
        return quotes.make(validated_data.pop("deal"), by=self.context["request"].user, **validated_data)


class QuoteFilter(django_filters.FilterSet):
    """By deal."""

    deal = django_filters.UUIDFilter(field_name="deal_id")


class LanguageSerializer(serializers.Serializer[Any]):
    """In which language."""

    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class QuoteViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Quote],
):
    """Quotes: POST puts a deal on paper as its next version."""

    permission_classes = [Sellers]
    queryset = Quote.objects.none()
    serializer_class = QuoteSerializer
    filterset_class = QuoteFilter
    pagination_class = KeysetPagination

    def get_queryset(self) -> QuerySet[Quote]:
        return Quote.objects.visible_to(self.request.user).select_related("deal__account", "made_by")

    @extend_schema(
        parameters=[OpenApiParameter("language", OpenApiTypes.STR, enum=LANGUAGES, description="The caller's own.")],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"])
    def document(self, request: Request, pk: str) -> HttpResponse:
        """The quote as PDF."""
        given = LanguageSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data.get("language") or get_language()
        return paper.as_file(self.get_object(), asked if asked in LANGUAGES else settings.LANGUAGE_CODE)


router_entries: list[tuple[str, Any, str]] = [
    ("price-approvals", PriceApprovalViewSet, "price-approval"),
    ("quotes", QuoteViewSet, "quote"),
]
