"""Receipts and deposits over REST: accountants book, auditors look."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import NamedField
from base.roles import RolePermission
from base.stepup import step_up_required
from base.tiers import TieredSerializerMixin
from erp.banking import services
from erp.banking.filters import DepositFilter, ReceiptFilter
from erp.banking.lists import DEPOSITS, RECEIPTS, with_rest, with_sign
from erp.banking.models import Deposit, Method, Receipt
from erp.banking.roles import ACCOUNTANTS, AUDITORS
from erp.orders.models import Order

Accounting = RolePermission.of(*ACCOUNTANTS, read=AUDITORS)


class ReceiptSerializer(TieredSerializerMixin, serializers.ModelSerializer[Receipt]):
    """Money that came in, or, as a refund, went out."""

    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    entry_number = serializers.CharField(source="entry.number", read_only=True)
    rest = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = Receipt
        fields = [
            "id", "number", "kind", "party", "party_code", "party_name", "amount", "excess", "rest", "refunds",
            "currency", "house_amount", "date", "method",
            "reference", "entry", "entry_number", "recorded_by", "recorded_at",
        ]  # fmt: skip


class DepositSerializer(TieredSerializerMixin, serializers.ModelSerializer[Deposit]):
    """Money heard of, and what became of it; `remaining` is what invoices have not used."""

    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    order_number = serializers.CharField(source="order.number", read_only=True, default=None, allow_null=True)
    receipt_number = serializers.CharField(source="receipt.number", read_only=True, default=None, allow_null=True)
    refund_number = serializers.CharField(source="refund.number", read_only=True, default=None, allow_null=True)
    remaining = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = Deposit
        fields = [
            "id", "deal", "order", "order_number", "party", "party_code", "party_name", "currency", "status",
            "reported_amount", "reported_on", "reported_by", "reference", "due_at", "receipt", "receipt_number",
            "booked_on", "booked_by", "tax_class", "rate", "net", "tax", "consumed_amount", "refunded_amount",
            "remaining", "refund", "refund_number", "dismissal", "created_at",
        ]  # fmt: skip


class BookSerializer(serializers.Serializer[Any]):
    """What the bank shows; without an amount what was reported, without a date today."""

    amount = serializers.DecimalField(max_digits=19, decimal_places=2, required=False)
    date = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    method = serializers.ChoiceField(Method.choices, required=False, default=Method.BANK)


class RecordSerializer(BookSerializer):
    """A deposit that nobody reported, for an order named by its number."""

    order = NamedField(slug_field="number", queryset=Order.objects.all())
    amount = serializers.DecimalField(max_digits=19, decimal_places=2)


class DismissSerializer(serializers.Serializer[Any]):
    """Why no money is expected."""

    reason = serializers.CharField(max_length=400)


class PayOutSerializer(serializers.Serializer[Any]):
    """When it was paid back; without a date today."""

    date = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")


class ReceiptViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Receipt]):
    """Receipts are written with what they pay: an invoice, a deposit, a refund."""

    permission_classes = [Accounting]
    serializer_class = ReceiptSerializer
    filterset_class = ReceiptFilter
    listing = RECEIPTS
    pagination_class = ListingPagination
    queryset = with_sign(Receipt.objects.with_left())


class DepositViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Deposit]):
    """Deposits are reported by the CRM and booked, refunded or dismissed here."""

    permission_classes = [Accounting]
    serializer_class = DepositSerializer
    filterset_class = DepositFilter
    listing = DEPOSITS
    pagination_class = ListingPagination
    queryset = with_rest(Deposit.objects.all()).select_related("refund")

    @extend_schema(request=RecordSerializer, responses={201: DepositSerializer})
    def create(self, request: Request) -> Response:
        """Money the bank shows for an order although nobody reported it: reported and booked in one step."""
        told = checked(RecordSerializer, request)
        day = told.pop("date", None) or timezone.localdate()
        deposit = services.record_deposit(told.pop("order"), told.pop("amount"), day, request.user, **told)
        return Response(self.get_serializer(self.get_queryset().get(pk=deposit.pk)).data, status=201)

    @extend_schema(request=BookSerializer, responses=DepositSerializer)
    @action(detail=True, methods=["post"])
    def book(self, request: Request, pk: str) -> Response:
        """The money is there."""
        deposit = self.get_object()
        told = checked(BookSerializer, request)
        amount = told.pop("amount", deposit.reported_amount)
        day = told.pop("date", None) or timezone.localdate()
        services.book_deposit(deposit, amount, day, request.user, **told)
        return self._answer(deposit)

    @extend_schema(request=DismissSerializer, responses=DepositSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """No money comes."""
        deposit = self.get_object()
        services.dismiss(deposit, checked(DismissSerializer, request)["reason"], request.user)
        return self._answer(deposit)

    @extend_schema(request=PayOutSerializer, responses=DepositSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def refund(self, request: Request, pk: str) -> Response:
        """Pay back what is left of it."""
        deposit = self.get_object()
        told = checked(PayOutSerializer, request)
        services.refund_deposit(
            deposit, told.get("date") or timezone.localdate(), request.user, reference=told["reference"]
        )
        return self._answer(deposit)

    def _answer(self, deposit: Deposit) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=deposit.pk)).data)


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body's values, or a 422 that names the fields."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


router_entries: list[tuple[str, Any, str]] = [
    ("receipts", ReceiptViewSet, "receipt"),
    ("deposits", DepositViewSet, "deposit"),
]
