"""Openings over REST: they come by import; accountants settle items, auditors look."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from base.stepup import require_step_up, step_up_required
from base.tiers import TieredSerializerMixin
from erp.banking.api import ReceiptSerializer, checked
from erp.banking.models import Method, Receipt
from erp.openings import reports, services
from erp.openings.filters import OpeningItemFilter
from erp.openings.lists import OPENING_ITEMS
from erp.openings.models import ItemStatus, OpeningBalance, OpeningItem, OpeningLine
from erp.openings.roles import READERS, WRITERS

Opening = RolePermission.of(*WRITERS, read=READERS)


class OpeningItemSerializer(TieredSerializerMixin, serializers.ModelSerializer[OpeningItem]):
    """An unpaid document of the system before; `open_amount` is what is still unpaid."""

    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    entry_number = serializers.CharField(source="entry.number", read_only=True)
    status = serializers.ChoiceField(ItemStatus.choices, read_only=True)

    class Meta:
        model = OpeningItem
        fields = [
            "id", "side", "party", "party_code", "party_name", "number", "date", "due", "opened_on", "currency",
            "amount", "open_amount", "status", "text", "entry", "entry_number", "reversal", "recorded_by",
            "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class SettleItemSerializer(serializers.Serializer[Any]):
    """What the bank shows; without an amount what is open, without a date today."""

    amount = serializers.DecimalField(max_digits=19, decimal_places=2, required=False)
    date = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    method = serializers.ChoiceField(Method.choices, required=False, default=Method.BANK)
    keep_rest = serializers.BooleanField(required=False, default=False, help_text="What is more stays as credit.")


class OpeningLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[OpeningLine]):
    """What was told of an account."""

    account = serializers.CharField(source="account.code", read_only=True)

    class Meta:
        model = OpeningLine
        fields = ["position", "account", "debit", "credit", "text"]


class OpeningCheckSerializer(serializers.Serializer[Any]):
    """An account that documents keep: what was told of it, what came, and what is still to come."""

    account = serializers.CharField(source="account.code")
    told = serializers.DecimalField(max_digits=25, decimal_places=2)
    came = serializers.DecimalField(max_digits=25, decimal_places=2)
    difference = serializers.DecimalField(max_digits=25, decimal_places=2)


class OpeningBalanceSerializer(TieredSerializerMixin, serializers.ModelSerializer[OpeningBalance]):
    """The balances of a day."""

    entry_number = serializers.CharField(source="entry.number", read_only=True)
    lines = OpeningLineSerializer(many=True, read_only=True)
    checks = serializers.SerializerMethodField()

    class Meta:
        model = OpeningBalance
        fields = [
            "id", "day", "difference", "entry", "entry_number", "reversal", "recorded_by", "recorded_at", "lines",
            "checks",
        ]  # fmt: skip

    @extend_schema(responses=OpeningCheckSerializer(many=True))
    def get_checks(self, opening: OpeningBalance) -> list[dict[str, Any]]:
        """Of what documents keep, how much has come."""
        found = [] if opening.reversal_id else reports.checks(opening.day)
        return list(OpeningCheckSerializer(found, many=True).data)


class OpeningItemViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[OpeningItem]):
    """Unpaid documents from before; they come by import (`opening-items`) and are settled here."""

    permission_classes = [Opening]
    serializer_class = OpeningItemSerializer
    filterset_class = OpeningItemFilter
    listing = OPENING_ITEMS
    pagination_class = ListingPagination
    version_lock = None
    queryset = OpeningItem.objects.for_list()

    @extend_schema(request=SettleItemSerializer, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: str) -> Response:
        """Money from the customer, or to the supplier."""
        item = self.get_object()
        if not item.is_receivable:
            require_step_up(request)
        told = checked(SettleItemSerializer, request)
        amount, day = told.pop("amount", item.open_amount), told.pop("date", None) or timezone.localdate()
        receipt = services.settle(item, amount, day, request.user, **told)
        fresh = Receipt.objects.select_related("party", "entry").get(pk=receipt.pk)
        return Response(ReceiptSerializer(fresh, context={"request": request}).data, status=201)

    @extend_schema(request=None, responses=OpeningItemSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    @step_up_required
    def take_back(self, request: Request, pk: str) -> Response:
        """It should not have come; only while nothing of it is paid."""
        item = self.get_object()
        services.take_back_item(item, request.user, _("Opening item taken back"))
        return Response(self.get_serializer(self.get_queryset().get(pk=item.pk)).data)


class OpeningBalanceViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[OpeningBalance]):
    """Balances of the days these books began on; they come by import (`opening-balances`)."""

    permission_classes = [Opening]
    serializer_class = OpeningBalanceSerializer
    version_lock = None
    queryset = OpeningBalance.objects.select_related("entry")

    def get_queryset(self) -> QuerySet[OpeningBalance]:
        return super().get_queryset().prefetch_related("lines__account")

    @extend_schema(request=None, responses=OpeningBalanceSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    @step_up_required
    def take_back(self, request: Request, pk: str) -> Response:
        """The figures of the day were wrong; they may come again."""
        opening = self.get_object()
        services.take_back_accounts(opening, request.user, _("Opening balances taken back"))
        return Response(self.get_serializer(self.get_queryset().get(pk=opening.pk)).data)


router_entries: list[tuple[str, Any, str]] = [
    ("opening-items", OpeningItemViewSet, "opening-item"),
    ("opening-balances", OpeningBalanceViewSet, "opening-balance"),
]
