"""The register over REST: accountants ask, enter, take back and withdraw; auditors look."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission
from base.stepup import step_up_required
from base.tiers import TieredSerializerMixin
from erp.banking.api import checked
from erp.fapiao import refusals, services
from erp.fapiao.filters import FapiaoFilter
from erp.fapiao.lists import FAPIAOS
from erp.fapiao.models import Fapiao, FapiaoAmount, FapiaoKind, RedReason
from erp.fapiao.roles import READERS, WRITERS
from erp.invoices.models import Invoice, InvoiceKind

Registering = RolePermission.of(*WRITERS, read=READERS)


class FapiaoAmountSerializer(TieredSerializerMixin, serializers.ModelSerializer[FapiaoAmount]):
    """What it says of one rate; of a red letter, negative."""

    class Meta:
        model = FapiaoAmount
        fields = ["tax_class", "rate", "net", "tax"]


class FapiaoRowSerializer(TieredSerializerMixin, serializers.ModelSerializer[Fapiao]):
    """A fapiao in the register; a red letter names what it takes back."""

    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    party_code = serializers.CharField(source="invoice.party.code", read_only=True)
    currency = serializers.CharField(source="invoice.currency", read_only=True)
    reverses_number = serializers.CharField(source="reverses.number", read_only=True, default=None, allow_null=True)
    credit_note_number = serializers.CharField(
        source="credit_note.number", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Fapiao
        fields = [
            "id", "colour", "kind", "status", "code", "number", "issued_on", "invoice", "invoice_number", "party_code",
            "reverses", "reverses_number", "credit_note", "credit_note_number", "reason", "seller_name",
            "seller_tax_number", "buyer_name", "buyer_tax_number", "remark", "currency", "net", "tax", "gross", "link",
            "by_hand", "refusal", "requested_by", "requested_at", "sent_at", "answered_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class FapiaoSerializer(FapiaoRowSerializer):
    """A fapiao with what it says of each rate."""

    amounts = FapiaoAmountSerializer(many=True, read_only=True)

    class Meta(FapiaoRowSerializer.Meta):
        fields = [*FapiaoRowSerializer.Meta.fields, "amounts"]


class NewFapiaoSerializer(serializers.Serializer[Any]):
    """What is asked for; the buyer as the invoice names them, where nothing is said."""

    invoice = serializers.UUIDField()
    kind = serializers.ChoiceField(FapiaoKind.choices)
    buyer_name = serializers.CharField(max_length=250, required=False, allow_blank=True)
    buyer_tax_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    remark = serializers.CharField(max_length=200, required=False, allow_blank=True)


class NumberSerializer(serializers.Serializer[Any]):
    """What the tax bureau gave; an older number has a code."""

    number = serializers.CharField(max_length=40)
    code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    issued_on = serializers.DateField()
    link = serializers.CharField(max_length=500, required=False, allow_blank=True)


class EnterFapiaoSerializer(NewFapiaoSerializer, NumberSerializer):
    """One that was issued by hand before anybody asked for it here."""


class RedLetterSerializer(serializers.Serializer[Any]):
    """What is taken back: what a credit note takes off the invoice; all that is left, without one.

    With a number it was issued by hand already, today if nothing else is said.
    """

    reason = serializers.ChoiceField(RedReason.choices)
    credit_note = serializers.UUIDField(required=False, allow_null=True)
    remark = serializers.CharField(max_length=200, required=False, allow_blank=True)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    issued_on = serializers.DateField(required=False, allow_null=True)


class FapiaoViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Fapiao]):
    """E-fapiaos, blue and red: POST asks for one."""

    permission_classes = [Registering]
    filterset_class = FapiaoFilter
    listing = FAPIAOS
    pagination_class = ListingPagination
    queryset = Fapiao.objects.for_list().prefetch_related("amounts")

    def get_serializer_class(self) -> Any:
        return FapiaoRowSerializer if self.action == "list" else FapiaoSerializer

    @extend_schema(request=NewFapiaoSerializer, responses={201: FapiaoSerializer})
    def create(self, request: Request) -> Response:
        """Ask the provider for an invoice's fapiao."""
        told = checked(NewFapiaoSerializer, request)
        return self._answer(services.request(self._invoice(told.pop("invoice")), by=request.user, **told), 201)

    @extend_schema(request=EnterFapiaoSerializer, responses={201: FapiaoSerializer})
    @action(detail=False, methods=["post"])
    def enter(self, request: Request) -> Response:
        """Enter one that was issued by hand, on the pages of the tax bureau."""
        told = checked(EnterFapiaoSerializer, request)
        return self._answer(services.enter(self._invoice(told.pop("invoice")), by=request.user, **told), 201)

    @extend_schema(request=NumberSerializer, responses=FapiaoSerializer)
    @action(detail=True, methods=["post"])
    def record(self, request: Request, pk: str) -> Response:
        """What was asked for was issued by hand."""
        return self._answer(services.record(self.get_object(), by=request.user, **checked(NumberSerializer, request)))

    @extend_schema(request=RedLetterSerializer, responses={201: FapiaoSerializer})
    @action(detail=True, methods=["post"], url_path="red-letter", url_name="red-letter")
    @step_up_required
    def red_letter(self, request: Request, pk: str) -> Response:
        """Ask for a red letter of it, or enter one that was issued by hand; answers with that one."""
        found, told = self.get_object(), checked(RedLetterSerializer, request)
        if note := told.pop("credit_note", None):
            notes = Invoice.objects.visible_to(request.user).filter(kind=InvoiceKind.CREDIT_NOTE, pk=note)
            told["credit_note"] = notes.first()
            if told["credit_note"] is None:
                raise refusals.NotOfThisInvoice(note=note, invoice=found.invoice.number)
        return self._answer(services.take_back(found, by=request.user, **told), 201)

    @extend_schema(request=None, responses=FapiaoSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It is not wanted any more: unsent, or refused."""
        return self._answer(services.withdraw(self.get_object(), request.user))

    def _invoice(self, pk: Any) -> Invoice:
        invoices = Invoice.objects.visible_to(self.request.user).select_related("company", "party")
        return get_object_or_404(invoices, pk=pk)

    def _answer(self, fapiao: Fapiao, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=fapiao.pk)
        return Response(FapiaoSerializer(fresh, context=self.get_serializer_context()).data, status=status)


router_entries: list[tuple[str, Any, str]] = [("fapiaos", FapiaoViewSet, "fapiao")]
