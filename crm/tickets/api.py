"""Tickets over REST: opened, answered, moved, and the returns that come of them."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import PersonField
from base.roles import RolePermission
from crm.accounts.models import Account, Contact
from crm.pipeline.models import Deal
from crm.tickets import services
from crm.tickets.filters import TicketFilter
from crm.tickets.lists import TICKETS
from crm.tickets.models import (
    ROLES,
    ReturnLine,
    ReturnRequest,
    Ticket,
    TicketMessage,
)


class MessageSerializer(serializers.ModelSerializer[TicketMessage]):
    """A word of the conversation; `wait` leaves the ticket waiting for the customer."""

    author = PersonField(read_only=True)
    wait = serializers.BooleanField(write_only=True, default=False)

    class Meta:
        model = TicketMessage
        fields = ["id", "visibility", "from_customer", "author", "body", "created_at", "wait"]
        read_only_fields = ["id", "created_at"]


class ReturnLineSerializer(serializers.ModelSerializer[ReturnLine]):
    """How many of what."""

    class Meta:
        model = ReturnLine
        fields = ["sku", "description", "quantity", "received"]
        read_only_fields = ["description", "received"]


class ReturnSerializer(serializers.ModelSerializer[ReturnRequest]):
    """A return as the ERP tells it."""

    deal = serializers.PrimaryKeyRelatedField(queryset=Deal.objects.all())
    lines = ReturnLineSerializer(many=True, allow_empty=False)
    requested_by = PersonField(read_only=True)

    class Meta:
        model = ReturnRequest
        fields = [
            "id", "ticket", "deal", "status", "reason", "lines", "requested_by", "number", "instructions", "refusal",
            "credit_note_number", "credit_gross", "currency", "authorised_at", "refused_at", "received_at",
            "settled_at", "as_of", "created_at",
        ]  # fmt: skip
        read_only_fields = [
            "id", "ticket", "status", "number", "instructions", "refusal", "credit_note_number", "credit_gross",
            "currency", "authorised_at", "refused_at", "received_at", "settled_at", "as_of", "created_at",
        ]  # fmt: skip

    def validate_deal(self, deal: Deal) -> Deal:
        """One that the caller may see."""
        if not Deal.objects.visible_to(self.context["request"].user).filter(pk=deal.pk).exists():
            raise serializers.ValidationError(_("There is no such deal."))
        return deal


class TicketRowSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket in a list."""

    account_name = serializers.CharField(source="account.name", read_only=True)
    assignee = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "account", "account_name", "contact", "deal", "subject", "state", "priority", "assignee",
            "touched_at", "solved_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket with its conversation and returns; `text` are the customer's first words."""

    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects.all())
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    deal = serializers.PrimaryKeyRelatedField(queryset=Deal.objects.all(), required=False, allow_null=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    assignee = PersonField(required=False, allow_null=True)
    opened_by = PersonField(read_only=True)
    text = serializers.CharField(write_only=True, required=False, allow_blank=True, default="")
    messages = MessageSerializer(many=True, read_only=True)
    returns = ReturnSerializer(many=True, read_only=True)

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "account", "account_name", "contact", "deal", "subject", "text", "state", "priority",
            "assignee", "opened_by", "touched_at", "solved_at", "created_at", "messages", "returns",
        ]  # fmt: skip
        read_only_fields = ["id", "number", "state", "touched_at", "solved_at", "created_at"]

    def validate_account(self, account: Account) -> Account:
        """One that the caller may see."""
        if not Account.objects.visible_to(self.context["request"].user).filter(pk=account.pk).exists():
            raise serializers.ValidationError(_("There is no such account."))
        return account

    def create(self, validated_data: dict[str, Any]) -> Ticket:
        fields = dict(validated_data)
        by = self.context["request"].user
        return services.open_ticket(fields.pop("account"), fields.pop("subject"), by=by, **fields)

    def update(self, instance: Ticket, validated_data: dict[str, Any]) -> Ticket:
        """Who answers it, and how much it presses; the rest is moved by its own verbs."""
        if "assignee" in validated_data:
            instance = services.assign(instance, validated_data["assignee"])
        if "priority" in validated_data:
            instance = services.change_priority(instance, validated_data["priority"])
        return instance


class TicketViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Ticket],
):
    """What customers ask of us."""

    queryset = Ticket.objects.none()
    permission_classes = [RolePermission.of(*ROLES)]
    filterset_class = TicketFilter
    listing = TICKETS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Ticket]:
        rows = Ticket.objects.visible_to(self.request.user).select_related("account", "assignee", "opened_by")
        if self.action == "list":
            return rows
        return rows.prefetch_related("messages__author", "returns__lines", "returns__requested_by")

    def get_serializer_class(self) -> Any:
        return TicketRowSerializer if self.action == "list" else TicketSerializer

    @extend_schema(responses=MessageSerializer(many=True), methods=["get"])
    @extend_schema(request=MessageSerializer, responses={201: MessageSerializer}, methods=["post"])
    @action(detail=True, methods=["get", "post"], pagination_class=None, filterset_class=None)
    def messages(self, request: Request, **_kwargs: Any) -> Response:
        """The conversation; POST adds a word to it."""
        ticket, context = self.get_object(), self.get_serializer_context()
        if request.method != "POST":
            return Response(MessageSerializer(ticket.messages.all(), many=True, context=context).data)
        given = MessageSerializer(data=request.data, context=context)
        given.is_valid(raise_exception=True)
        message = services.reply(ticket, given.validated_data.pop("body"), by=request.user, **given.validated_data)
        return Response(MessageSerializer(message, context=context).data, status=201)

    @extend_schema(responses=ReturnSerializer(many=True), methods=["get"])
    @extend_schema(request=ReturnSerializer, responses={201: ReturnSerializer}, methods=["post"])
    @action(detail=True, methods=["get", "post"], pagination_class=None, filterset_class=None)
    def returns(self, request: Request, **_kwargs: Any) -> Response:
        """The ticket's returns as the ERP tells them; POST asks for one."""
        ticket, context = self.get_object(), self.get_serializer_context()
        if request.method != "POST":
            return Response(ReturnSerializer(ticket.returns.all(), many=True, context=context).data)
        given = ReturnSerializer(data=request.data, context=context)
        given.is_valid(raise_exception=True)
        lines: list[tuple[str, Decimal]] = [(line["sku"], line["quantity"]) for line in given.validated_data["lines"]]
        wish = services.request_return(
            ticket, given.validated_data["deal"], lines, given.validated_data["reason"], by=request.user
        )
        return Response(ReturnSerializer(wish, context=context).data, status=201)

    @extend_schema(request=None, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, **_kwargs: Any) -> Response:
        """I answer it from now on."""
        return self._answer(services.assign(self.get_object(), request.user))

    @extend_schema(request=None, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, **_kwargs: Any) -> Response:
        """It is the customer's turn."""
        return self._answer(services.wait(self.get_object()))

    @extend_schema(request=None, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def solve(self, request: Request, **_kwargs: Any) -> Response:
        """Nothing is asked any more."""
        return self._answer(services.solve(self.get_object()))

    @extend_schema(request=None, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **_kwargs: Any) -> Response:
        """There is something to do after all."""
        return self._answer(services.reopen(self.get_object()))

    def _answer(self, ticket: Ticket) -> Response:
        fresh = self.get_queryset().get(pk=ticket.pk)
        return Response(TicketSerializer(fresh, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("tickets", TicketViewSet, "ticket")]
