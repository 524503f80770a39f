"""Cost centres and projects over REST; kept by accountants."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.ledger import dimensioning
from erp.ledger.dimension_lists import DIMENSIONS, DimensionFilter
from erp.ledger.models import Dimension
from erp.ledger.roles import READERS, WRITERS


class DimensionSerializer(serializers.ModelSerializer[Dimension]):
    """A cost centre or project; `parent` is the code of the one of its kind that it belongs to."""

    parent = serializers.CharField(  # type: ignore[assignment]  # the stubs: DRF takes fields out of the class
        source="parent.code", max_length=20, allow_null=True, required=False
    )

    class Meta:
        model = Dimension
        fields = ["id", "kind", "code", "name", "name_zh", "initials", "parent", "active", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]
        validators: list[Any] = []  # the service says it better

    @property
    def told(self) -> dict[str, Any]:
        """What the services take: the parent by its code."""
        return {
            name: value["code"] if isinstance(value, dict) else value for name, value in self.validated_data.items()
        }


class DimensionChangeSerializer(DimensionSerializer):
    """What may be changed; the kind stays."""

    class Meta(DimensionSerializer.Meta):
        fields = list(dimensioning.EDITABLE)
        read_only_fields: list[str] = []


class DimensionViewSet(
    ApiMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[Dimension],
):
    """What lines of the books are told apart by beside their account."""

    permission_classes = [RolePermission.of(*WRITERS, read=READERS)]
    serializer_class = DimensionSerializer
    filterset_class = DimensionFilter
    listing = DIMENSIONS
    pagination_class = ListingPagination
    queryset = Dimension.objects.select_related("parent")

    @extend_schema(responses={201: DimensionSerializer})
    def create(self, request: Request) -> Response:
        """A cost centre or project more."""
        shape = DimensionSerializer(data=request.data, context=self.get_serializer_context())
        shape.is_valid(raise_exception=True)
        return self._answer(dimensioning.open_dimension(by=request.user, **shape.told), 201)

    @extend_schema(request=DimensionChangeSerializer, responses=DimensionSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Another name or place; the code stays as soon as lines name it."""
        found = self.get_object()
        shape = DimensionChangeSerializer(found, data=request.data, partial=True, context=self.get_serializer_context())
        shape.is_valid(raise_exception=True)
        return self._answer(dimensioning.change_dimension(found, request.user, **shape.told))

    def perform_destroy(self, instance: Dimension) -> None:
        dimensioning.remove_dimension(instance, self.request.user)

    def _answer(self, dimension: Dimension, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=dimension.pk)).data, status=status)


router_entries: list[tuple[str, Any, str]] = [("ledger/dimensions", DimensionViewSet, "ledger-dimension")]
