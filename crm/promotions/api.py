"""Promotions over REST: everybody reads them, sales managers decide, change, stop and resume them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import PersonField
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin
from crm.promotions import services
from crm.promotions.filters import PromotionFilter
from crm.promotions.lists import PROMOTIONS
from crm.promotions.models import DECIDERS, READERS, Promotion, PromotionState


class PromotionSerializer(TieredSerializerMixin, serializers.ModelSerializer[Promotion]):
    """For some days these products cost less; without `skus` all do, without `countries` accounts of all countries."""

    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=services.MOST_PRODUCTS
    )
    countries = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    state = serializers.ChoiceField(choices=PromotionState.choices, read_only=True)
    decided_by = PersonField(read_only=True)
    stopped_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Promotion
        fields = [
            "id", "name", "first_day", "last_day", "discount", "skus", "audience", "countries", "note", "state",
            "decided_by", "stopped_at", "stopped_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "stopped_at", "created_at", "updated_at"]

    def create(self, validated_data: dict[str, Any]) -> Promotion:
        return services.decide(by=self.context["request"].user, **validated_data)

    def update(self, instance: Promotion, validated_data: dict[str, Any]) -> Promotion:
        return services.change(instance, by=self.context["request"].user, **validated_data)


class PromotionViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Promotion],
):
    """Temporary promotions: deals price new lines with the best that runs today."""

    queryset = Promotion.objects.none()
    serializer_class = PromotionSerializer
    permission_classes = [RolePermission.of(*DECIDERS, read=READERS)]
    filterset_class = PromotionFilter
    listing = PROMOTIONS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Promotion]:
        found: QuerySet[Promotion] = Promotion.objects.visible_to(self.request.user)
        return found.select_related("decided_by", "stopped_by")

    @extend_schema(request=None, responses=PromotionSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, **_kwargs: Any) -> Response:
        """It gives nothing from this moment on; what was priced with it is not changed."""
        return self._answer(services.stop(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=PromotionSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **_kwargs: Any) -> Response:
        """It was stopped by mistake: it goes on until its last day."""
        return self._answer(services.resume(self.get_object(), by=request.user))

    def _answer(self, promotion: Promotion) -> Response:
        return Response(PromotionSerializer(promotion, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("promotions", PromotionViewSet, "promotion")]
