"""Bills over REST: accountants write, post and pay; auditors look."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
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
from erp.banking.api import ReceiptSerializer, checked
from erp.banking.models import Method, Receipt
from erp.bills import services
from erp.bills.filters import BillFilter
from erp.bills.lists import BILLS
from erp.bills.models import Bill, BillInstalment, BillLine
from erp.bills.roles import READERS, WRITERS
from erp.ledger.dimensions import LINE_PARTS
from erp.ledger.services import account
from erp.parties.models import Party
from erp.rates.models import ISO_CODE

Billing = RolePermission.of(*WRITERS, read=READERS)


class BillLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[BillLine]):
    """A line with its net and tax."""

    account = serializers.CharField(source="account.code", read_only=True)
    cost_centre = serializers.CharField(source="cost_centre.code", read_only=True, allow_null=True)
    project = serializers.CharField(source="project.code", read_only=True, allow_null=True)

    class Meta:
        model = BillLine
        fields = ["position", "account", "text", "amount", "tax_class", "rate", "net", "tax", "cost_centre", "project"]


class BillInstalmentSerializer(TieredSerializerMixin, serializers.ModelSerializer[BillInstalment]):
    """A part of what is asked, its day, and what of it is open: payments settle what is due first."""

    open_amount = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = BillInstalment
        fields = ["position", "due", "amount", "open_amount"]


class BillRowSerializer(TieredSerializerMixin, serializers.ModelSerializer[Bill]):
    """A bill in a list; `due` is the first of its days."""

    next_due = serializers.DateField(read_only=True, help_text="Of one with instalments: the first that is not paid.")
    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    entry_number = serializers.CharField(source="entry.number", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Bill
        fields = [
            "id", "party", "party_code", "party_name", "number", "date", "due", "next_due", "by_terms", "currency",
            "inclusive", "net", "tax", "payable", "open_amount", "rate", "house_payable", "house_open", "note",
            "status", "entry", "entry_number", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class BillSerializer(BillRowSerializer):
    """A bill with its lines, and with its instalments where it asks for more than one."""

    lines = BillLineSerializer(many=True, read_only=True)
    instalments = BillInstalmentSerializer(many=True, read_only=True)

    class Meta(BillRowSerializer.Meta):
        fields = [*BillRowSerializer.Meta.fields, "lines", "instalments"]


class NewBillLineSerializer(serializers.Serializer[Any]):
    """A line as it stands on the bill."""

    account = serializers.CharField(max_length=20)
    amount = serializers.DecimalField(max_digits=15, decimal_places=2)
    tax_class = serializers.CharField(max_length=20, required=False, default="standard")
    text = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    cost_centre = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)
    project = serializers.CharField(max_length=20, required=False, allow_null=True, default=None)


class NewBillSerializer(serializers.Serializer[Any]):
    """A bill to write; without `due` by the supplier's payment terms."""

    party = NamedField(slug_field="code", queryset=Party.objects.suppliers())
    number = serializers.CharField(max_length=60)
    date = serializers.DateField()
    due = serializers.DateField(required=False, allow_null=True)
    inclusive = serializers.BooleanField(required=False, default=False, help_text="The amounts include the tax.")
    note = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    currency = serializers.CharField(
        max_length=3, validators=[ISO_CODE], required=False, help_text="That of the books, if left out."
    )
    lines = NewBillLineSerializer(many=True)


class PayBillSerializer(serializers.Serializer[Any]):
    """What left the bank; without an amount what is open, without a date today.

    Of a foreign bill the amount is in its currency, `booked` in that of the books: by the rate of the day, if left out.
    """

    amount = serializers.DecimalField(max_digits=15, decimal_places=2, required=False)
    booked = serializers.DecimalField(max_digits=15, decimal_places=2, required=False)
    date = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    method = serializers.ChoiceField(Method.choices, required=False, default=Method.BANK)


class BillViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Bill]):
    """What suppliers ask: written as a draft, posted for good, paid."""

    permission_classes = [Billing]
    filterset_class = BillFilter
    listing = BILLS
    pagination_class = ListingPagination
    queryset = Bill.objects.select_related("party", "entry").with_plan_due()

    def get_queryset(self) -> QuerySet[Bill]:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related(*LINE_PARTS, "instalments")

    def get_serializer_class(self) -> Any:
        return BillRowSerializer if self.action == "list" else BillSerializer

    @extend_schema(request=NewBillSerializer, responses={201: BillSerializer})
    def create(self, request: Request) -> Response:
        """Write a bill as a draft."""
        party, number, day, lines, told = _told(request)
        return self._answer(services.write(party, number, day, lines, request.user, **told), 201)

    @extend_schema(request=NewBillSerializer, responses=BillSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Write a draft anew."""
        party, number, day, lines, told = _told(request)
        return self._answer(services.change(self.get_object(), party, number, day, lines, request.user, **told))

    @extend_schema(request=None, responses=BillSerializer)
    @action(detail=True, methods=["post"], url_path="post", url_name="post")
    def into_books(self, request: Request, pk: str) -> Response:
        """Into the books, for good."""
        return self._answer(services.post(self.get_object(), request.user))

    @extend_schema(request=None, responses=BillSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Not ours, or written twice."""
        return self._answer(services.discard(self.get_object(), request.user))

    @extend_schema(request=PayBillSerializer, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    @step_up_required
    def payments(self, request: Request, pk: str) -> Response:
        """Money to the supplier."""
        bill, told = self.get_object(), checked(PayBillSerializer, request)
        amount, day = told.pop("amount", bill.open_amount), told.pop("date", None) or timezone.localdate()
        receipt = services.pay(bill, amount, day, request.user, **told)
        fresh = Receipt.objects.select_related("party", "entry").get(pk=receipt.pk)
        return Response(ReceiptSerializer(fresh, context={"request": request}).data, status=201)

    def _answer(self, bill: Bill, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=bill.pk)
        return Response(BillSerializer(fresh, context=self.get_serializer_context()).data, status=status)


def _told(request: Request) -> tuple[Party, str, Any, list[services.NewLine], dict[str, Any]]:
    told = checked(NewBillSerializer, request)
    lines = [services.NewLine(**{**one, "account": account(one["account"])}) for one in told.pop("lines")]
    return told.pop("party"), told.pop("number"), told.pop("date"), lines, told


router_entries: list[tuple[str, Any, str]] = [("bills", BillViewSet, "bill")]
