"""Sales orders with their lines; states, counters and what the database keeps true about them."""

from decimal import Decimal
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base import context
from base.fields import (
    StateField,
    TimeStamped,
    amount_field,
    currency_field,
    price_field,
    quantity_field,
    rate_field,
    uuid7_pk,
)
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.orders.roles import EVERYBODY


class OrderStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    HELD = "held", _("Held")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")
    COMPLETED = "completed", _("Completed")


class OrderQuerySet(VisibleQuerySet):
    """Words about orders."""

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("party").defer("promise")

    def matching(self, text: str) -> Self:
        """Number, deal number or party contains each word."""
        orders = self
        for word in text.split():
            orders = orders.filter(
                Q(number__icontains=word)
                | Q(deal_number__icontains=word)
                | Q(party__code__icontains=word)
                | Q(party__name__icontains=word)
            )
        return orders

    def held(self) -> Self:
        return self.filter(status=OrderStatus.HELD)

    def binding(self) -> Self:
        """We are bound and something is still to do."""
        return self.filter(status=OrderStatus.ACCEPTED)

    def waiting_for_goods(self) -> Self:
        """Accepted, with a line that is neither reserved nor shipped in full."""
        return self.binding().filter(models.Exists(OrderLine.objects.short().filter(order=models.OuterRef("pk"))))

    def to_ship(self) -> Self:
        """Accepted, with reserved goods that could leave now."""
        reserved = OrderLine.objects.filter(order=models.OuterRef("pk"), quantity_reserved__gt=0)
        return self.binding().filter(models.Exists(reserved))

    def to_invoice(self) -> Self:
        """Shipped goods that no invoice names yet."""
        shipped = OrderLine.objects.filter(order=models.OuterRef("pk"), quantity_shipped__gt=F("quantity_invoiced"))
        return self.binding().filter(models.Exists(shipped))


class Order(ConcurrentTransitionMixin, TimeStamped):
    """What one customer gets, at which prices; `promise` is the CRM's own words, frozen."""

    READERS = EVERYBODY
    PARTS = ("lines",)

    TIERS = {"freight": "price", "net_total": "price", "gross_total": "price", "promise": "price"}

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="orders", verbose_name=_("party"))
    status = StateField(_("status"), default=OrderStatus.DRAFT, choices=OrderStatus.choices)
    currency = currency_field()
    ordered_on = models.DateField(_("ordered on"))
    requested_on = models.DateField(_("wanted by"), null=True, blank=True)
    freight = amount_field(_("freight"), default=Decimal(0))
    freight_invoiced = models.BooleanField(_("freight invoiced"), default=False, editable=False)
    net_total = amount_field(_("net total"), default=Decimal(0), editable=False)
    gross_total = amount_field(_("gross total, expected"), default=Decimal(0), editable=False)
    note = models.TextField(_("note"), blank=True, default="")

    deal = models.UUIDField(_("deal"), null=True, blank=True, unique=True, editable=False)
    deal_number = models.CharField(_("deal number"), max_length=250, blank=True, default="", db_index=True)
    event = models.UUIDField(_("event"), null=True, blank=True, editable=False)
    promise = models.JSONField(_("promise"), null=True, blank=True, encoder=DjangoJSONEncoder, editable=False)
    sold_by = models.CharField(_("sold by"), max_length=250, blank=True, default="")

    reason_code = models.CharField(_("reason code"), max_length=40, blank=True, default="", editable=False)
    reason = models.TextField(_("reason"), blank=True, default="", editable=False)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True, default="", editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)
    created_by = models.CharField(_("created by"), max_length=150, blank=True, default="", editable=False)
    released_by = models.CharField(
        _("released by"), max_length=150, blank=True, default="", db_default="", editable=False
    )

    history = HistoricalRecords(excluded_fields=["promise"])
    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(freight__gte=0), name="order_freight_not_negative"),
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=F("created_by")), name="order_released_by_another"
            ),
            models.CheckConstraint(condition=Q(net_total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(
                condition=~Q(status__in=["held", "refused"]) | ~Q(reason_code=""), name="order_no_comes_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(deal=None, promise=None) | Q(deal__isnull=False, promise__isnull=False),
                name="order_of_a_deal_keeps_its_promise",
            ),
        ]
        indexes = [
            models.Index(fields=["party", "-id"], name="order_by_party"),
            models.Index(fields=["status", "-id"], name="order_by_status"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("orders:detail", self.pk)

    @property
    def what(self) -> str:
        """How a refusal names it."""
        return str(_("Order {number}").format(number=self.number))

    # ---- moves; what else must happen stands in services ------------------------------------------------------------

    @transition(field=status, source=[OrderStatus.DRAFT, OrderStatus.HELD], target=OrderStatus.ACCEPTED)
    def accept(self) -> None:
        self._decided()
        self.reason_code = self.reason = ""

    @transition(field=status, source=OrderStatus.DRAFT, target=OrderStatus.HELD)
    def hold(self, code: str, reason: str) -> None:
        self.reason_code, self.reason = code, reason

    @transition(field=status, source=[OrderStatus.DRAFT, OrderStatus.HELD], target=OrderStatus.REFUSED)
    def refuse(self, code: str, reason: str) -> None:
        self._decided()
        self.reason_code, self.reason = code, reason

    @transition(
        field=status,
        source=[OrderStatus.DRAFT, OrderStatus.HELD, OrderStatus.ACCEPTED],
        target=OrderStatus.CANCELLED,
    )
    def cancel(self, reason: str) -> None:
        self._decided()
        self.reason_code, self.reason = "cancelled", reason

    @transition(field=status, source=OrderStatus.ACCEPTED, target=OrderStatus.COMPLETED)
    def complete(self) -> None:
        self.completed_at = timezone.now()

    def _decided(self) -> None:
        self.decided_by, self.decided_at = context.actor.get()[:150], timezone.now()


class OrderLineQuerySet(VisibleQuerySet):
    """Words about order lines."""

    def short(self) -> Self:
        """Neither reserved nor shipped in full."""
        return self.filter(quantity__gt=F("quantity_reserved") + F("quantity_shipped"))


class OrderLine(models.Model):
    """One product at one price, and how far it has come."""

    READERS = EVERYBODY

    TIERS = {
        "list_price": "price",
        "unit_price": "price",
        "discount": "price",
        "net_amount": "price",
        "tax_rate": "price",
    }

    id = uuid7_pk()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="order_lines"
    )
    sku = models.CharField(_("SKU"), max_length=250)
    description = models.CharField(_("description"), max_length=250, blank=True, default="")
    deal_line = models.UUIDField(_("deal line"), null=True, blank=True, editable=False)
    quantity = quantity_field(_("quantity"))
    list_price = price_field(_("list price it was made from"), null=True, blank=True)
    unit_price = price_field(_("unit price"))
    discount = rate_field(_("discount"), default=Decimal(0))
    net_amount = amount_field(_("net amount"))
    tax_class = models.CharField(_("tax class"), max_length=20, blank=True, default="")
    tax_rate = rate_field(_("tax rate, expected"), default=Decimal(0))
    approved_by = models.CharField(_("price approved by"), max_length=250, blank=True, default="")
    quantity_reserved = quantity_field(_("reserved"), default=Decimal(0), editable=False)
    quantity_shipped = quantity_field(_("shipped"), default=Decimal(0), editable=False)
    quantity_invoiced = quantity_field(_("invoiced"), default=Decimal(0), editable=False)
    quantity_returned = quantity_field(_("returned"), default=Decimal(0), editable=False)

    # Not the counters, which the goods move; nor the lines of a deal, whose promise is kept as it came.
    history = HistoricalRecords(
        excluded_fields=["quantity_reserved", "quantity_shipped", "quantity_invoiced", "quantity_returned"]
    )
    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_wants_something"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="order_line_price_not_negative"),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=1), name="order_line_discount_a_fraction"
            ),
            models.CheckConstraint(condition=Q(net_amount__gte=0), name="order_line_net_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    quantity_reserved__gte=0,
                    quantity_shipped__gte=0,
                    quantity_invoiced__gte=0,
                    quantity_returned__gte=0,
                ),
                name="order_line_counters_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("quantity_reserved") + F("quantity_shipped")),
                name="order_line_never_more_than_ordered",
            ),
            models.CheckConstraint(
                condition=Q(quantity_invoiced__lte=F("quantity_shipped")), name="order_line_invoiced_only_shipped"
            ),
            models.CheckConstraint(
                condition=Q(quantity_returned__lte=F("quantity_shipped")), name="order_line_returned_only_shipped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["product"],
                name="order_line_short",
                condition=Q(quantity__gt=F("quantity_reserved") + F("quantity_shipped")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.sku}"

    @property
    def quantity_open(self) -> Decimal:
        """Still to ship."""
        return self.quantity - self.quantity_shipped

    @property
    def quantity_short(self) -> Decimal:
        """Neither reserved nor shipped: the backorder."""
        return self.quantity - self.quantity_shipped - self.quantity_reserved

    @property
    def quantity_to_invoice(self) -> Decimal:
        """Shipped, and on no invoice yet."""
        return self.quantity_shipped - self.quantity_invoiced

    def snapshot(self) -> dict[str, Any]:
        """What the line is, for events and comparisons."""
        return {"sku": self.sku, "quantity": self.quantity, "reserved": self.quantity_reserved}
