"""Customers and suppliers over REST: who they are comes from the CRM, the terms are ours."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission
from base.stepup import step_up_required
from base.tiers import TieredSerializerMixin
from erp.parties import limits, services
from erp.parties.filters import PartyFilter
from erp.parties.lists import PARTIES
from erp.parties.models import Party
from erp.parties.roles import KEEPERS, READERS
from erp.terms.models import PaymentTerms

Keepers = RolePermission.of(*KEEPERS, read=READERS)


class PartySerializer(TieredSerializerMixin, serializers.ModelSerializer[Party]):
    """A customer or a supplier."""

    payment_terms = serializers.CharField(
        source="payment_terms.code", read_only=True, default=None, allow_null=True,
        help_text="Code of the terms; none where they pay after `payment_terms_days`.",
    )  # fmt: skip

    class Meta:
        model = Party
        fields = [
            "id", "code", "kind", "customer", "external_ref", "name", "email", "phone", "tax_id", "street",
            "postal_code", "city", "region", "country", "payment_terms", "payment_terms_days", "commercial_tier",
            "credit_class", "credit_limit", "limit_waits", "limit_asked", "limit_asked_by", "limit_approved_by",
            "on_hold", "hold_reason", "einvoice", "buyer_reference", "endpoint", "endpoint_scheme",
            "credit_band", "merged_into", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class SupplierSerializer(serializers.ModelSerializer[Party]):
    """A supplier to be opened; customers come from the CRM."""

    class Meta:
        model = Party
        fields = [
            "name", "external_ref", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country",
        ]  # fmt: skip


class TermsSerializer(TieredSerializerMixin, serializers.ModelSerializer[Party]):
    """On which terms they buy: named ones bring their days along, days by themselves take named ones away."""

    payment_terms = NamedField(
        slug_field="code", queryset=PaymentTerms.objects.all(), required=False, allow_null=True, help_text="By code."
    )
    version = serializers.CharField(required=False, write_only=True, help_text="The `updated_at` you saw.")

    class Meta:
        model = Party
        fields = [*services.TERM_FIELDS, "version"]
        extra_kwargs = {"payment_terms_days": {"min_value": 0}}


class LimitSerializer(TieredSerializerMixin, serializers.ModelSerializer[Party]):
    """The limit asked for; null for none."""

    class Meta:
        model = Party
        fields = ["credit_limit"]
        extra_kwargs = {"credit_limit": {"required": True, "min_value": 0}}


class DeclineSerializer(serializers.Serializer[Any]):
    """Why not."""

    reason = serializers.CharField(max_length=90)


class PartyViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Party]):
    """Parties: POST opens a supplier, PATCH sets terms."""

    permission_classes = [Keepers]
    serializer_class = PartySerializer
    filterset_class = PartyFilter
    listing = PARTIES
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]
    queryset = Party.objects.select_related("payment_terms")

    @extend_schema(request=SupplierSerializer, responses={201: PartySerializer})
    def create(self, request: Request) -> Response:
        """Open a supplier."""
        given = SupplierSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        party = services.open_supplier(told.pop("name"), **told)
        return Response(self.get_serializer(party).data, status=201)

    @extend_schema(request=TermsSerializer, responses=PartySerializer)
    @step_up_required
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set terms, limit or hold."""
        given = TermsSerializer(data=request.data, partial=True, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(services.class_party(self.get_object(), **given.validated_data)).data)

    @extend_schema(request=LimitSerializer, responses=PartySerializer)
    @action(detail=True, methods=["post"], url_path="ask-limit")
    @step_up_required
    def ask_limit(self, request: Request, pk: str) -> Response:
        """Ask for another limit: one that takes two people waits for the second, any other is set."""
        given = LimitSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return self._shown(limits.ask(self.get_object(), given.validated_data["credit_limit"]))

    @extend_schema(request=None, responses=PartySerializer)
    @action(detail=True, methods=["post"], url_path="approve-limit")
    @step_up_required
    def approve_limit(self, request: Request, pk: str) -> Response:
        """Let the customer have the limit that somebody else asked for."""
        return self._shown(limits.approve(self.get_object()))

    @extend_schema(request=DeclineSerializer, responses=PartySerializer)
    @action(detail=True, methods=["post"], url_path="decline-limit")
    def decline_limit(self, request: Request, pk: str) -> Response:
        """Leave the limit as it is."""
        given = DeclineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._shown(limits.decline(self.get_object(), given.validated_data["reason"]))

    def _shown(self, party: Party) -> Response:
        return Response(self.get_serializer(party).data)

    @extend_schema(request=SupplierSerializer, responses=PartySerializer)
    @action(detail=True, methods=["patch"])
    def master(self, request: Request, pk: str) -> Response:
        """Change who a supplier is; of a customer the CRM says so."""
        party = self.get_object()
        given = SupplierSerializer(party, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(services.update_own(party, **given.validated_data)).data)


router_entries: list[tuple[str, Any, str]] = [("parties", PartyViewSet, "party")]
