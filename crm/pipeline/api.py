"""Deals over REST: made, won, lost, taken back; and what became of them, as the ERP tells it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.fields import house_currency
from base.listing.api import ListingPagination
from base.refusals import NotAllowed
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin
from crm.accounts.custom_api import CustomValuesField
from crm.accounts.models import Account
from crm.accounts.tag_api import tags_field
from crm.pipeline import approvals, figures_api, outcomes, prices_api, reports, services
from crm.pipeline.filters import DealFilter
from crm.pipeline.lists import DEALS
from crm.pipeline.models import (
    APPROVERS,
    READERS,
    WRITERS,
    Deal,
    DealInvoice,
    DealLine,
    DealOrder,
    DealPayment,
    DealShipment,
    DepositReport,
    Stage,
)
from crm.pipeline.pricing import NewLine

Sellers = RolePermission.of(*WRITERS, read=READERS)


class StageSerializer(serializers.ModelSerializer[Stage]):
    """A column of the board."""

    class Meta:
        model = Stage
        fields = ["id", "pipeline", "name", "position", "probability", "stale_after_days"]


class DealLineSerializer(TieredSerializerMixin, serializers.ModelSerializer[DealLine]):
    """A line; without `unit_price` the published list price of the deal's day is taken, and without a `discount` as
    well what a promotion that runs today gives."""

    promotion_name = serializers.CharField(source="promotion.name", read_only=True, default="")

    class Meta:
        model = DealLine
        fields = [
            "id", "position", "sku", "description", "unit", "in_catalogue", "quantity", "list_price", "price_as_of",
            "unit_price", "discount", "net_amount", "promotion", "promotion_name", "promotion_discount", "price_reason",
            "priced_by", "approved_by",
        ]  # fmt: skip
        read_only_fields = ["id", "position", "unit", "in_catalogue", "list_price", "price_as_of", "net_amount",
                            "promotion", "promotion_discount", "price_reason", "priced_by", "approved_by"]  # fmt: skip
        extra_kwargs = {"unit_price": {"required": False}, "discount": {"required": False}}


class ShipmentSerializer(serializers.ModelSerializer[DealShipment]):
    """A parcel, as of when the ERP said so."""

    class Meta:
        model = DealShipment
        fields = ["id", "number", "carrier", "tracking", "tracking_url", "dispatched_at", "complete", "lines",
                  "occurred_at", "received_at"]  # fmt: skip


class InvoiceSerializer(serializers.ModelSerializer[DealInvoice]):
    """An invoice or credit note."""

    class Meta:
        model = DealInvoice
        fields = ["id", "kind", "number", "issued_on", "due_on", "currency", "net", "tax", "gross", "deposits_used",
                  "open_amount", "return_request", "occurred_at", "received_at"]  # fmt: skip


class PaymentSerializer(serializers.ModelSerializer[DealPayment]):
    """Money the books received."""

    class Meta:
        model = DealPayment
        fields = ["id", "kind", "number", "amount", "currency", "received_on", "invoice", "invoice_number", "deposit",
                  "occurred_at", "received_at"]  # fmt: skip


class OrderLifeSerializer(serializers.ModelSerializer[DealOrder]):
    """The order a won deal became, as the ERP tells it."""

    class Meta:
        model = DealOrder
        fields = ["order", "number", "state", "reason_code", "reason", "promised_on", "short_lines", "shipped_all",
                  "as_of", "received_at"]  # fmt: skip


class DepositSerializer(serializers.ModelSerializer[DepositReport]):
    """Money a rep heard of."""

    class Meta:
        model = DepositReport
        fields = ["id", "amount", "currency", "reference", "reported_on", "booked_at", "created_at"]
        read_only_fields = ["id", "currency", "booked_at", "created_at"]
        extra_kwargs = {"reported_on": {"required": False}}


class DealRowSerializer(serializers.ModelSerializer[Deal]):
    """A deal in a list."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    custom = CustomValuesField("deal", read_only=True)
    order_state = serializers.CharField(source="order.state", read_only=True, default="")
    order_number = serializers.CharField(source="order.number", read_only=True, default="")

    class Meta:
        model = Deal
        fields = [
            "id", "number", "title", "account", "account_name", "owner", "stage", "status", "currency", "net_total",
            "ordered_on", "requested_on", "next_step", "next_step_on", "tags", "custom", "won_at", "order_state",
            "order_number", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class DealSerializer(serializers.ModelSerializer[Deal]):
    """A deal with its lines and, once won, the life of its order."""

    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects.all())
    account_name = serializers.CharField(source="account.name", read_only=True)
    tags = tags_field()
    custom = CustomValuesField("deal")
    lines = DealLineSerializer(many=True, required=False)
    order = OrderLifeSerializer(read_only=True)
    shipments = ShipmentSerializer(many=True, read_only=True)
    invoices = InvoiceSerializer(many=True, read_only=True)
    payments = PaymentSerializer(many=True, read_only=True)
    deposits = DepositSerializer(many=True, read_only=True)

    class Meta:
        model = Deal
        fields = [
            "id", "number", "title", "account", "account_name", "owner", "stage", "status", "currency", "ordered_on",
            "requested_on", "freight", "deposit_agreed", "net_total", "next_step", "next_step_on", "won_at",
            "close_reason", "revision", "tags", "custom", "lines", "order", "shipments", "invoices", "payments",
            "deposits", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "number", "status", "currency", "net_total", "won_at", "close_reason", "revision"]
        extra_kwargs = {"stage": {"required": False}, "freight": {"min_value": 0}}

    def validate_account(self, account: Account) -> Account:
        """Only an account the user may see can be named."""
        if not Account.objects.visible_to(self.context["request"].user).filter(pk=account.pk).exists():
            raise serializers.ValidationError("unknown", code="does_not_exist")
        return account


class DealChangeSerializer(DealSerializer):
    """What of a deal may be edited by itself; lines, stage and state have calls of their own."""

    class Meta(DealSerializer.Meta):
        fields = list(services.EDITABLE)
        read_only_fields: list[str] = []


class LineChangeSerializer(serializers.ModelSerializer[DealLine]):
    """What of a line may change while its deal is open."""

    class Meta:
        model = DealLine
        fields = ["quantity", "unit_price", "discount", "description", "price_reason"]


class PriceChangeSerializer(serializers.Serializer[Any]):
    """Who changed a price, when, from what to what, and why."""

    sku = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    why = serializers.CharField()
    old_price = serializers.DecimalField(source="old.unit_price", max_digits=19, decimal_places=6)
    new_price = serializers.DecimalField(source="new.unit_price", max_digits=19, decimal_places=6)
    old_discount = serializers.DecimalField(source="old.discount", max_digits=7, decimal_places=6)
    new_discount = serializers.DecimalField(source="new.discount", max_digits=7, decimal_places=6)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=250)


class MoveSerializer(serializers.Serializer[Any]):
    """To which stage."""

    stage = serializers.PrimaryKeyRelatedField(queryset=Stage.objects.all())


class DealOutcomeCellSerializer(serializers.Serializer[Any]):
    """How many deals, worth what."""

    count = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=19, decimal_places=2)


class DealOutcomeSerializer(serializers.Serializer[Any]):
    """An owner, a product or a quarter with what became of its deals."""

    key = serializers.CharField()
    name = serializers.CharField(source="label")
    cells = serializers.DictField(child=DealOutcomeCellSerializer())


class DealOutcomesAskedSerializer(serializers.Serializer[Any]):
    """By what, and in which currency."""

    by = serializers.ChoiceField(choices=outcomes.WAYS, default="owner")
    currency = serializers.CharField(max_length=3, default=house_currency)


class DealViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Deals: create with lines, change while open, win, lose, withdraw, move, report a deposit."""

    permission_classes = [Sellers]
    filterset_class = DealFilter
    listing = DEALS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]
    queryset = Deal.objects.none()

    def get_queryset(self) -> QuerySet[Deal]:
        deals = Deal.objects.visible_to(self.request.user).select_related("account", "order")
        if self.action == "list":
            return deals
        return deals.prefetch_related("lines__promotion", "shipments", "invoices", "payments", "deposits")

    def get_serializer_class(self) -> Any:
        return {"list": DealRowSerializer, "partial_update": DealChangeSerializer}.get(self.action, DealSerializer)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        lines = [NewLine(**line) for line in told.pop("lines", [])]
        deal = services.create_deal(told.pop("account"), by=request.user, lines=lines, **told)
        return self._answer(deal, 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        deal = self._writable()
        given = self.get_serializer(deal, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self._answer(services.change_deal(deal, **given.validated_data))

    @extend_schema(request=None, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def win(self, request: Request, pk: str) -> Response:
        """The customer agreed."""
        return self._answer(services.win(self._writable(), request.user))

    @extend_schema(request=ReasonSerializer, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        """It is over."""
        return self._answer(services.lose(self._writable(), _checked(ReasonSerializer, request)["reason"]))

    @extend_schema(request=ReasonSerializer, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """The customer takes a won deal back."""
        reason = _checked(ReasonSerializer, request)["reason"]
        return self._answer(services.withdraw(self._writable(), reason, request.user))

    @extend_schema(request=MoveSerializer, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """To another stage."""
        return self._answer(services.move(self._writable(), _checked(MoveSerializer, request)["stage"]))

    @extend_schema(request=None, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """A lost deal lives again."""
        return self._answer(services.reopen(self._writable()))

    @extend_schema(request=DealLineSerializer, responses={201: DealLineSerializer})
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, pk: str) -> Response:
        """One more line."""
        line = services.add_line(self._writable(), NewLine(**_checked(DealLineSerializer, request)), by=request.user)
        return Response(DealLineSerializer(line, context=self.get_serializer_context()).data, status=201)

    @extend_schema(parameters=[DealOutcomesAskedSerializer], responses=DealOutcomeSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def outcomes(self, request: Request) -> Response:
        """What became of all deals, over all time; the last row is all of them together."""
        asked = DealOutcomesAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows, total = outcomes.outcomes(Deal.objects.visible_to(request.user), **asked.validated_data)
        return Response(DealOutcomeSerializer([*rows, total], many=True).data)

    @extend_schema(responses=PriceChangeSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def prices(self, request: Request, pk: str) -> Response:
        """Every change of a price or discount, the newest first."""
        return Response(PriceChangeSerializer(reports.price_changes(self.get_object()), many=True).data)

    @extend_schema(request=DepositSerializer, responses={201: DepositSerializer})
    @action(detail=True, methods=["post"])
    def deposits(self, request: Request, pk: str) -> Response:
        """Money the rep heard of."""
        told = _checked(DepositSerializer, request)
        report = services.report_deposit(
            self._writable(),
            told["amount"],
            by=request.user,
            reference=told.get("reference", ""),
            on=told.get("reported_on"),
        )
        return Response(DepositSerializer(report).data, status=201)

    def _writable(self) -> Deal:
        deal: Deal = self.get_object()
        if not deal.writable_by(self.request.user):
            raise NotAllowed()
        return deal

    def _answer(self, deal: Deal, status: int = 200) -> Response:
        fresh = Deal.objects.select_related("account", "order").get(pk=deal.pk)
        return Response(DealSerializer(fresh, context=self.get_serializer_context()).data, status=status)


class LineViewSet(ApiMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DealLine]):
    """A line of a deal: PATCH a number, DELETE it, approve its price."""

    permission_classes = [Sellers]
    serializer_class = DealLineSerializer
    version_lock = "deal"
    queryset = DealLine.objects.none()

    def get_queryset(self) -> QuerySet[DealLine]:
        visible = Deal.objects.visible_to(self.request.user)
        return DealLine.objects.select_related("deal__stage__pipeline", "promotion").filter(deal__in=visible)

    @extend_schema(request=LineChangeSerializer, responses=DealLineSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another quantity, price or discount; an approval stands only for the price it was given for."""
        line = self._writable()
        given = LineChangeSerializer(line, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self._answer(services.change_line(line, by=request.user, **given.validated_data))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it out of an open deal."""
        services.remove_line(self._writable())
        return Response(status=204)

    @extend_schema(request=None, responses=DealLineSerializer)
    @action(detail=True, methods=["post"])
    def anew(self, request: Request, pk: str) -> Response:
        """Price it anew: with the discount of the best promotion that runs today, or without any."""
        return self._answer(services.price_anew(self._writable(), by=request.user))

    @extend_schema(request=None, responses=DealLineSerializer)
    @action(detail=True, methods=["post"], permission_classes=[RolePermission.of(*APPROVERS)])
    def approve(self, request: Request, pk: str) -> Response:
        """A manager agrees to the price."""
        return self._answer(approvals.approve_line(self._writable(), request.user))

    def _answer(self, line: DealLine) -> Response:
        return Response(DealLineSerializer(line, context=self.get_serializer_context()).data)

    def _writable(self) -> DealLine:
        line: DealLine = self.get_object()
        if not line.deal.writable_by(self.request.user):
            raise NotAllowed()
        return line


class StageViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Stage]):
    """The columns of the boards."""

    permission_classes = [Sellers]
    queryset = Stage.objects.all()
    serializer_class = StageSerializer


def _checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


router_entries: list[tuple[str, Any, str]] = [
    ("deals", DealViewSet, "deal"),
    ("deal-lines", LineViewSet, "deal-line"),
    *prices_api.router_entries,
    *figures_api.router_entries,
    ("stages", StageViewSet, "stage"),
]
