"""Invoices over REST: accountants issue, take payments and refund; the order desk may look."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.refusals import BadInput
from base.roles import RolePermission
from base.stepup import step_up_required
from base.tiers import TieredSerializerMixin
from erp.banking.api import Accounting, PayOutSerializer, ReceiptSerializer, checked
from erp.banking.models import Method, Receipt
from erp.banking.roles import ACCOUNTANTS, INVOICE_READERS
from erp.invoices import credits, figures_api, reports, services
from erp.invoices import statement as statements
from erp.invoices.files import FORMS, PDF, as_file
from erp.invoices.filters import InvoiceFilter
from erp.invoices.lists import INVOICES, with_signs
from erp.invoices.models import Instalment, Invoice, InvoiceLine, InvoiceStatus
from erp.orders.models import Order
from erp.parties.models import Party, PartyKind

LANGUAGES = [code for code, _name in settings.LANGUAGES]
Invoicing = RolePermission.of(*ACCOUNTANTS, read=INVOICE_READERS)


class InvoiceLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[InvoiceLine]):
    """A line; of a deposit taken off, negative."""

    class Meta:
        model = InvoiceLine
        fields = [
            "id", "position", "kind", "order_line", "deposit", "credits", "sku", "description", "quantity",
            "unit_price", "discount", "net", "tax_class", "rate", "tax",
        ]  # fmt: skip


class InstalmentSerializer(TieredSerializerMixin, serializers.ModelSerializer[Instalment]):
    """A part of what is asked, its day, and what of it is open: payments settle what is due first."""

    open_amount = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)

    class Meta:
        model = Instalment
        fields = ["position", "due", "amount", "open_amount"]


class InvoiceRowSerializer(TieredSerializerMixin, serializers.ModelSerializer[Invoice]):
    """A document in a list; net, tax and gross are before deposits. `due` is the first of its days."""

    order_number = serializers.CharField(source="order.number", read_only=True)
    deal = serializers.UUIDField(source="order.deal", read_only=True)
    party_code = serializers.CharField(source="party.code", read_only=True)
    party_name = serializers.CharField(source="party.name", read_only=True)
    entry_number = serializers.CharField(source="entry.number", read_only=True, default=None, allow_null=True)
    status = serializers.ChoiceField(InvoiceStatus.choices, read_only=True)
    open_amount = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)
    next_due = serializers.DateField(read_only=True, help_text="Of one with instalments: the first that is not paid.")
    house_open = serializers.DecimalField(
        source="item.house_open", max_digits=19, decimal_places=2, read_only=True, allow_null=True,
        help_text="Of a document in another currency: what is open, as the books value it.",
    )  # fmt: skip

    class Meta:
        model = Invoice
        fields = [
            "id", "number", "kind", "status", "order", "order_number", "deal", "party", "party_code", "party_name",
            "part", "date", "due", "next_due", "currency", "net", "tax", "gross", "deposits_used", "payable",
            "open_amount", "rate", "house_payable", "house_open", "entry", "entry_number", "reason", "return_request",
            "issued_by", "issued_at",
        ]  # fmt: skip


class InvoiceSerializer(InvoiceRowSerializer):
    """A document with its lines, and with its instalments where it asks for more than one."""

    lines = InvoiceLineSerializer(many=True, read_only=True)
    instalments = InstalmentSerializer(many=True, read_only=True)

    class Meta(InvoiceRowSerializer.Meta):
        fields = [*InvoiceRowSerializer.Meta.fields, "addressee", "lines", "instalments"]


class IssueSerializer(serializers.Serializer[Any]):
    """When it is dated; today, when it says nothing."""

    date = serializers.DateField(required=False)


class PaymentSerializer(serializers.Serializer[Any]):
    """What the bank shows; without an amount what is open, without a date today.

    Of a foreign invoice the amount is in its currency, `booked` in that of the books: by the rate of the day, if left
    out.
    """

    booked = serializers.DecimalField(max_digits=19, decimal_places=2, required=False)
    amount = serializers.DecimalField(max_digits=19, decimal_places=2, required=False)
    date = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    method = serializers.ChoiceField(Method.choices, required=False, default=Method.BANK)
    keep_rest = serializers.BooleanField(
        required=False, default=False, help_text="Keep what is more than open as the customer's credit."
    )


class RefundSerializer(PayOutSerializer):
    """Likewise; of a foreign credit note `booked` is in the currency of the books."""

    booked = serializers.DecimalField(max_digits=19, decimal_places=2, required=False)


class UseRestSerializer(serializers.Serializer[Any]):
    """Which invoice the credit settles; without one those of the customer, the oldest first."""

    invoice = serializers.UUIDField(required=False)


class DocumentSerializer(serializers.Serializer[Any]):
    """In which form, and of a PDF in which language."""

    form = serializers.ChoiceField(FORMS, required=False, default=PDF)
    language = serializers.ChoiceField(LANGUAGES, required=False, default="")


class AsOfSerializer(serializers.Serializer[Any]):
    """On which day."""

    as_of = serializers.DateField(required=False)


class AgingSerializer(serializers.Serializer[Any]):
    """What one party owes: not due yet, then by days overdue."""

    party = serializers.UUIDField(source="party.pk")
    party_code = serializers.CharField(source="party.code")
    party_name = serializers.CharField(source="party.name")
    bands = serializers.ListField(child=serializers.DecimalField(max_digits=25, decimal_places=2))
    total = serializers.DecimalField(max_digits=25, decimal_places=2)


class ReceivablesCheckSerializer(serializers.Serializer[Any]):
    """Open items against the control account."""

    open_items = serializers.DecimalField(max_digits=25, decimal_places=2)
    control_account = serializers.DecimalField(max_digits=25, decimal_places=2)
    difference = serializers.DecimalField(max_digits=25, decimal_places=2)


class StatementQuerySerializer(serializers.Serializer[Any]):
    """Whose statement, and of which days: of this year, where nothing is said."""

    party = serializers.UUIDField()
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)


class MovementSerializer(serializers.Serializer[Any]):
    """A line of the customer's account, and what stands after it."""

    date = serializers.DateField()
    entry = serializers.CharField(source="entry.number")
    what = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    debit = serializers.DecimalField(max_digits=25, decimal_places=2)
    credit = serializers.DecimalField(max_digits=25, decimal_places=2)
    balance = serializers.DecimalField(max_digits=25, decimal_places=2)


class StatementItemSerializer(serializers.Serializer[Any]):
    """What is not settled on the last day."""

    what = serializers.CharField()
    date = serializers.DateField()
    due = serializers.DateField(allow_null=True)
    amount = serializers.DecimalField(max_digits=25, decimal_places=2)
    days_late = serializers.IntegerField()


class CustomerStatementSerializer(serializers.Serializer[Any]):
    """A customer's account over a span; `difference` is anything but zero only if documents and books disagree."""

    party = serializers.UUIDField(source="party.pk")
    party_code = serializers.CharField(source="party.code")
    start = serializers.DateField()
    end = serializers.DateField()
    currency = serializers.CharField()
    opening = serializers.DecimalField(max_digits=25, decimal_places=2)
    closing = serializers.DecimalField(max_digits=25, decimal_places=2)
    difference = serializers.DecimalField(max_digits=25, decimal_places=2)
    deposits = serializers.DecimalField(max_digits=25, decimal_places=2)
    movements = MovementSerializer(many=True)
    open_items = StatementItemSerializer(many=True)


_ROWS = with_signs(Invoice.objects.all()).select_related("entry")
_HEADS = Invoice.objects.select_related("item").only("order", "item__open_amount")  # services look again, locked


class InvoiceViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Invoice]):
    """Invoices and credit notes; they are issued at their order and never change."""

    permission_classes = [Invoicing]
    one_verb = True
    filterset_class = InvoiceFilter
    listing = INVOICES
    pagination_class = ListingPagination
    version_lock = "order"
    queryset = _ROWS

    def get_queryset(self) -> QuerySet[Invoice]:
        self.queryset = _HEADS if self.action in ("payments", "refund") else _ROWS
        rows = super().get_queryset()
        return rows.prefetch_related("lines", "instalments") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> Any:
        return InvoiceRowSerializer if self.action == "list" else InvoiceSerializer

    @extend_schema(request=PaymentSerializer, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: str) -> Response:
        """Money came for it."""
        invoice = self.get_object()
        told = checked(PaymentSerializer, request)
        amount = told.pop("amount", invoice.open_amount)
        day = told.pop("date", None) or timezone.localdate()
        return _receipt(services.take_payment(invoice, amount, day, by=request.user, **told), request)

    @extend_schema(request=RefundSerializer, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    @step_up_required
    def refund(self, request: Request, pk: str) -> Response:
        """Pay out what of a credit note was not set off."""
        told = checked(RefundSerializer, request)
        day = told.pop("date", None) or timezone.localdate()
        return _receipt(services.refund(self.get_object(), day, request.user, **told), request)

    @extend_schema(
        parameters=[
            OpenApiParameter("form", OpenApiTypes.STR, enum=FORMS, description="PDF with the XML inside; XML alone."),
            OpenApiParameter("language", OpenApiTypes.STR, enum=LANGUAGES, description="Of the PDF; the caller's own."),
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, (200, "application/xml"): OpenApiTypes.BINARY},
    )
    @action(detail=True, methods=["get"])
    def document(self, request: Request, pk: str) -> HttpResponse:
        """The document as a file; XML that would break a rule of EN 16931 is refused, naming the rule."""
        given = DocumentSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        return as_file(self.get_object(), given.validated_data["form"], given.validated_data["language"])


class OrderInvoiceViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Invoice]):
    """An order's invoices; POST issues one for all that is shipped and not invoiced."""

    permission_classes = [Invoicing]
    one_verb = True
    serializer_class = InvoiceRowSerializer
    queryset = _ROWS

    def get_queryset(self) -> QuerySet[Invoice]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(order=self._order().pk)

    @extend_schema(request=IssueSerializer, responses={201: InvoiceSerializer})
    def create(self, request: Request, order: str) -> Response:
        """Issue it."""
        told = checked(IssueSerializer, request)
        invoice = services.issue(self._order(), request.user, told.get("date"))
        return Response(InvoiceSerializer(invoice, context=self.get_serializer_context()).data, status=201)

    def _order(self) -> Order:
        field = serializers.UUIDField()
        try:
            pk = field.to_internal_value(self.kwargs["order"])
        except serializers.ValidationError:
            pk = None
        return get_object_or_404(Order.objects.visible_to(self.request.user).only("status"), pk=pk)


class ReceivablesViewSet(ApiMixin, viewsets.ViewSet):
    """Whether the sub-ledger agrees with the books."""

    permission_classes = [Accounting]

    @extend_schema(responses=ReceivablesCheckSerializer)
    @action(detail=False, methods=["get"])
    def check(self, request: Request) -> Response:
        """Open items, the control account, and their difference."""
        return Response(ReceivablesCheckSerializer(reports.receivables_check()).data)

    @extend_schema(parameters=[StatementQuerySerializer], responses=CustomerStatementSerializer)
    @action(detail=False, methods=["get"])
    def statement(self, request: Request) -> Response:
        """One customer's account over a span: what stood, what moved, what stands, and what of it is open."""
        given = StatementQuerySerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        customers = Party.objects.visible_to(request.user).filter(kind=PartyKind.CUSTOMER)
        party = customers.filter(pk=told["party"]).first()
        if party is None:
            why = _("There is no {what} “{value}” here.").format(what=_("customer"), value=told["party"])
            raise BadInput(why=why, field="party")
        end = told.get("end") or timezone.localdate()
        start = told.get("start") or end.replace(month=1, day=1)
        return Response(CustomerStatementSerializer(statements.statement(party, start, end)).data)

    @extend_schema(
        parameters=[OpenApiParameter("as_of", OpenApiTypes.DATE, description="The day; today if left out.")],
        responses=AgingSerializer(many=True),
    )
    @action(detail=False, methods=["get"])
    def aging(self, request: Request) -> Response:
        """Who owes how much, by how long it is overdue."""
        given = AsOfSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        rows = reports.aging(given.validated_data.get("as_of") or timezone.localdate())
        return Response(AgingSerializer(rows, many=True).data)


class RestViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Receipt]):
    """What customers paid too much: payments with a rest that settles nothing yet."""

    permission_classes = [Accounting]
    serializer_class = ReceiptSerializer
    version_lock = None
    queryset = Receipt.objects.with_a_rest().select_related("party__company", "entry")

    @extend_schema(request=UseRestSerializer, responses=InvoiceRowSerializer(many=True))
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Settle invoices and opening items with it, by their due days; answers with the invoices among them."""
        receipt = self.get_object()
        asked = checked(UseRestSerializer, request).get("invoice")
        invoice = get_object_or_404(Invoice.objects.visible_to(request.user), pk=asked) if asked else None
        settled = credits.use_rest(receipt, request.user, invoice)
        rows = _ROWS.filter(pk__in=[one.pk for one in settled]).order_by("due", "id")
        return Response(InvoiceRowSerializer(rows, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request=PayOutSerializer, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    @step_up_required
    def refund(self, request: Request, pk: str) -> Response:
        """Pay it back."""
        told = checked(PayOutSerializer, request)
        day = told.get("date") or timezone.localdate()
        return _receipt(credits.refund_rest(self.get_object(), day, request.user, told["reference"]), request)


def _receipt(receipt: Receipt, request: Request) -> Response:
    return Response(ReceiptSerializer(receipt, context={"request": request}).data, status=201)


router_entries: list[tuple[str, Any, str]] = [
    *figures_api.router_entries,
    ("invoices", InvoiceViewSet, "invoice"),
    (r"orders/(?P<order>[0-9a-f-]{36})/invoices", OrderInvoiceViewSet, "order-invoice"),
    ("customer-credits", RestViewSet, "customer-credit"),
    ("receivables", ReceivablesViewSet, "receivables"),
]
