"""Recurring vouchers over REST: written by accountants, read by auditors."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from erp.ledger.roles import READERS, WRITERS
from erp.ledger.serializers import VoucherSerializer, line_of
from erp.ledger.services import Line
from erp.recurring import services
from erp.recurring.filters import RecurringFilter
from erp.recurring.lists import RECURRING
from erp.recurring.models import Occurrence, RecurringLine, RecurringVoucher
from erp.recurring.services import Pattern

Books = RolePermission.of(*WRITERS, read=READERS)


class RecurringLineSerializer(serializers.ModelSerializer[RecurringLine]):
    """A line; either a debit or a credit."""

    account = serializers.CharField(source="account.code", max_length=20)
    cost_centre = serializers.CharField(source="cost_centre.code", max_length=20, allow_null=True, required=False)
    project = serializers.CharField(source="project.code", max_length=20, allow_null=True, required=False)

    class Meta:
        model = RecurringLine
        fields = ["account", "debit", "credit", "party", "tax_code", "text", "cost_centre", "project"]
        extra_kwargs = {"debit": {"min_value": 0}, "credit": {"min_value": 0}}


class OccurrenceSerializer(serializers.ModelSerializer[Occurrence]):
    """A voucher that came of it."""

    class Meta:
        model = Occurrence
        fields = ["number", "date", "voucher"]


class RecurringRowSerializer(serializers.ModelSerializer[RecurringVoucher]):
    """A recurring voucher in a list."""

    journal = serializers.CharField(source="journal.code", default="general", max_length=20)
    status = serializers.CharField(read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = RecurringVoucher
        fields = [
            "id", "name", "journal", "text", "every", "first_on", "times", "spread", "reverse_next", "written",
            "next_on", "status", "created_by",
        ]  # fmt: skip
        read_only_fields = ["written", "next_on"]
        validators: list[Any] = []


class RecurringSerializer(RecurringRowSerializer):
    """With its lines and what came of it, the last first."""

    lines = RecurringLineSerializer(many=True)
    occurrences = OccurrenceSerializer(many=True, read_only=True)

    class Meta(RecurringRowSerializer.Meta):
        fields = [*RecurringRowSerializer.Meta.fields, "lines", "occurrences"]

    @property
    def content(self) -> tuple[Pattern, list[Line]]:
        """What the services need, after validation."""
        told = dict(self.validated_data)
        journal = told.pop("journal", "general")
        lines = [line_of(dict(one)) for one in told.pop("lines")]
        return Pattern(journal=journal["code"] if isinstance(journal, dict) else journal, **told), lines


class RecurringViewSet(
    ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[RecurringVoucher]
):
    """What comes again: a draft on each of its days, or whenever asked."""

    permission_classes = [Books]
    serializer_class = RecurringSerializer
    filterset_class = RecurringFilter
    listing = RECURRING
    pagination_class = ListingPagination
    queryset = RecurringVoucher.objects.with_all().prefetch_related("occurrences")

    def get_serializer_class(self) -> Any:
        return RecurringRowSerializer if self.action == "list" else RecurringSerializer

    @extend_schema(responses={201: RecurringSerializer})
    def create(self, request: Request) -> Response:
        """A new one; what is due by today is written at once."""
        told = self._told(request)
        return self._answer(services.write(request.user, *told.content), 201)

    @extend_schema(responses=RecurringSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Another content from the next time on."""
        found, told = self.get_object(), self._told(request)
        return self._answer(services.change(found, request.user, *told.content))

    @extend_schema(request=None, responses=RecurringSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Nothing is written until it is resumed."""
        return self._answer(services.pause(self.get_object(), request.user))

    @extend_schema(request=None, responses=RecurringSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """What became due meanwhile is written now."""
        return self._answer(services.resume(self.get_object(), request.user))

    @extend_schema(request=None, responses=RecurringSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Nothing comes of it any more."""
        return self._answer(services.end(self.get_object(), request.user))

    @extend_schema(request=None, responses={201: VoucherSerializer})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """The next draft now."""
        voucher = services.take(self.get_object(), request.user)
        return Response(VoucherSerializer(voucher, context=self.get_serializer_context()).data, status=201)

    def _told(self, request: Request) -> RecurringSerializer:
        told = RecurringSerializer(data=request.data, context=self.get_serializer_context())
        told.is_valid(raise_exception=True)
        return told

    def _answer(self, recurring: RecurringVoucher, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=recurring.pk)
        return Response(RecurringSerializer(fresh, context=self.get_serializer_context()).data, status=status)


router_entries: list[tuple[str, Any, str]] = [("ledger/recurring", RecurringViewSet, "ledger-recurring")]
