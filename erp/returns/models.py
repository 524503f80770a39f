"""A return with its lines, and each parcel of goods that came back with the move it left by."""

from decimal import Decimal
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base import context
from base.fields import StateField, TimeStamped, quantity_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.returns.roles import EVERYBODY


class ReturnStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    AUTHORISED = "authorised", _("Authorised")
    REFUSED = "refused", _("Refused")
    RECEIVED = "received", _("Received")
    SETTLED = "settled", _("Settled")


class ReturnQuerySet(VisibleQuerySet):
    """Words about returns."""

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("order__party")

    def with_goods(self) -> Self:
        """With the lines, to name the goods."""
        return self.prefetch_related(
            models.Prefetch("lines", ReturnLine.objects.select_related("order_line").order_by("order_line__position"))
        )

    def matching(self, text: str) -> Self:
        """Number, order, customer, ticket or credit note contains each word."""
        for word in text.split():
            self = self.filter(
                Q(number__icontains=word)
                | Q(order__number__icontains=word)
                | Q(order__party__name__icontains=word)
                | Q(ticket_number__icontains=word)
                | Q(credit_note_number__icontains=word)
            )
        return self


class Return(ConcurrentTransitionMixin, TimeStamped):
    """One wish of a customer to send goods of one order back."""

    READERS = EVERYBODY

    id = uuid7_pk()
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    request = models.UUIDField(_("request in the CRM"), null=True, blank=True, unique=True, editable=False)
    ticket = models.UUIDField(_("ticket"), null=True, blank=True, editable=False)
    ticket_number = models.CharField(_("ticket number"), max_length=250, blank=True, default="")
    event = models.UUIDField(_("event"), null=True, blank=True, editable=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="returns", verbose_name=_("order"))
    status = StateField(_("status"), default=ReturnStatus.REQUESTED, choices=ReturnStatus.choices)
    reason = models.TextField(_("reason"), blank=True, default="")
    instructions = models.TextField(_("instructions"), blank=True, default="")
    refusal = models.TextField(_("why refused"), blank=True, default="")
    credit_note = models.UUIDField(_("credit note"), null=True, blank=True, editable=False)
    credit_note_number = models.CharField(
        _("credit note number"), max_length=30, blank=True, default="", editable=False
    )
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True, default="", editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    received_by = models.CharField(_("received by"), max_length=150, blank=True, default="", editable=False)
    received_at = models.DateTimeField(_("received"), null=True, blank=True, editable=False)
    settled_by = models.CharField(_("settled by"), max_length=150, blank=True, default="", editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(refusal=""), name="return_no_comes_with_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="settled") | Q(credit_note__isnull=False), name="return_settled_by_a_credit_note"
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="return_by_status")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("returns:detail", self.pk)

    @property
    def what(self) -> str:
        """How a refusal names it."""
        return str(_("Return {number}").format(number=self.number))

    @transition(field=status, source=ReturnStatus.REQUESTED, target=ReturnStatus.AUTHORISED)
    def authorise(self, instructions: str) -> None:
        self.instructions = instructions
        self.decided_by, self.decided_at = context.actor.get()[:150], timezone.now()

    @transition(field=status, source=[ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED], target=ReturnStatus.REFUSED)
    def refuse(self, reason: str) -> None:
        self.refusal = reason
        self.decided_by, self.decided_at = context.actor.get()[:150], timezone.now()

    @transition(field=status, source=[ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED], target=ReturnStatus.RECEIVED)
    def receive(self) -> None:
        self.received_by, self.received_at = context.actor.get()[:150], timezone.now()

    @transition(field=status, source=ReturnStatus.RECEIVED, target=ReturnStatus.SETTLED)
    def settle(self) -> None:
        self.settled_by, self.settled_at = context.actor.get()[:150], timezone.now()


class ReturnLineQuerySet(VisibleQuerySet):
    """Words about the lines of returns."""

    def bound(self) -> dict[UUID, Decimal]:
        """By order line, the units that its returns still claim or got.

        A refused return claims nothing, a settled one what came: units agreed that never came may be asked for anew.
        """
        came = When(goods_return__status=ReturnStatus.SETTLED, then=F("quantity_received"))
        alive = self.exclude(goods_return__status=ReturnStatus.REFUSED)
        lines = alive.order_by().values("order_line").annotate(units=Sum(Case(came, default=F("quantity"))))
        return {line["order_line"]: line["units"] for line in lines}


class ReturnLine(models.Model):
    """How many of an order line are to come back, and how many came."""

    READERS = EVERYBODY

    id = uuid7_pk()
    goods_return = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="return_lines")
    quantity = quantity_field(_("quantity"))
    quantity_received = quantity_field(_("received"), default=0, editable=False)

    # What came is kept by the goods that came; lines of a wish that the CRM told are kept there.
    history = HistoricalRecords(excluded_fields=["quantity_received"])
    objects = ReturnLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ["goods_return", "order_line__position"]
        constraints = [
            models.UniqueConstraint(fields=["goods_return", "order_line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_wants_something"),
            models.CheckConstraint(
                condition=Q(quantity_received__gte=0, quantity_received__lte=F("quantity")),
                name="return_line_received_as_agreed",
            ),
        ]

    @property
    def quantity_expected(self) -> Decimal:
        """Still on the way."""
        return self.quantity - self.quantity_received


class GoodsBack(models.Model):
    """Goods of one return line that came in, tied to the move by which they had left."""

    READERS = EVERYBODY

    id = uuid7_pk()
    line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="goods_back")
    sale_move = models.ForeignKey("inventory.StockMove", on_delete=models.PROTECT, related_name="goods_back")
    move = models.OneToOneField("inventory.StockMove", on_delete=models.PROTECT, related_name="+")
    quantity = quantity_field(_("quantity"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods back")
        verbose_name_plural = _("goods back")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="goods_back_something")]
