"""Payment terms over REST; kept by accountants."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.terms import services
from erp.terms.filters import PaymentTermsFilter
from erp.terms.lists import TERMS
from erp.terms.models import CODE, PaymentTerms, TermsLine
from erp.terms.roles import KEEPERS, READERS
from erp.terms.schedule import Step

Keepers = RolePermission.of(*KEEPERS, read=READERS)


class TermsLineSerializer(serializers.ModelSerializer[TermsLine]):
    """A share in percent (null in the last line: the rest), and its day."""

    class Meta:
        model = TermsLine
        fields = ["share", "days", "month_end", "day_of_month"]


class PaymentTermsSerializer(serializers.ModelSerializer[PaymentTerms]):
    """When what is asked is to be paid; the shares of the lines are 100 % together, or the last one takes the rest."""

    lines = TermsLineSerializer(many=True)
    days_at_most = serializers.IntegerField(read_only=True, help_text="After which all is to be paid.")

    class Meta:
        model = PaymentTerms
        fields = ["id", "code", "name", "name_zh", "lines", "days_at_most", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]
        validators: list[Any] = []  # the service says it better
        extra_kwargs = {"code": {"validators": [CODE]}}

    @property
    def told(self) -> dict[str, Any]:
        """What the services take."""
        told = dict(self.validated_data)
        if "lines" in told:
            told["lines"] = [Step(**line) for line in told["lines"]]
        return told


class PaymentTermsViewSet(
    ApiMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[PaymentTerms],
):
    """When customers and suppliers pay, at once or in instalments."""

    permission_classes = [Keepers]
    serializer_class = PaymentTermsSerializer
    filterset_class = PaymentTermsFilter
    listing = TERMS
    pagination_class = ListingPagination
    queryset = PaymentTerms.objects.with_lines()

    @extend_schema(responses={201: PaymentTermsSerializer})
    def create(self, request: Request) -> Response:
        """Write new terms."""
        given = PaymentTermsSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return self._answer(services.write_terms(**given.told, by=request.user), 201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change words or days; what was issued keeps the days it was issued with."""
        found, context = self.get_object(), self.get_serializer_context()
        given = PaymentTermsSerializer(found, data=request.data, partial=True, context=context)
        given.is_valid(raise_exception=True)
        return self._answer(services.change_terms(found, request.user, **given.told))

    def perform_destroy(self, instance: PaymentTerms) -> None:
        services.remove_terms(instance, self.request.user)

    def _answer(self, terms: PaymentTerms, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=terms.pk)).data, status=status)


router_entries: list[tuple[str, Any, str]] = [("payment-terms", PaymentTermsViewSet, "payment-terms")]
