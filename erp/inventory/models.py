"""Locations, moves, balances and reservations; all but locations are written by SQL functions only (`sql/`)."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.fields import amount_field, price_field, quantity_field, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.inventory.roles import EVERYBODY


def plain(quantity: Decimal) -> str:
    """A quantity as people write it.

    >>> plain(Decimal("12.5000")), plain(Decimal("100"))
    ('12.5', '100')
    """
    return f"{quantity.normalize():f}"


MAIN, SUPPLIER, CUSTOMER, SCRAP, ADJUST = "MAIN", "SUPPLIER", "CUSTOMER", "SCRAP", "ADJUST"


class Location(models.Model):
    """A place goods are at: our own (with a balance and a value) or the outside world (without)."""

    READERS = EVERYBODY

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    internal = models.BooleanField(_("our own"), default=False)
    company = models.ForeignKey(
        "ledger.Company",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("company"),
        help_text=_("Empty: shared by all companies."),
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Reason(models.TextChoices):
    RECEIPT = "receipt", pgettext_lazy("goods", "Receipt")
    SHIPMENT = "shipment", _("Shipment")
    RETURN = "return", _("Return")
    ADJUSTMENT = "adjustment", _("Adjustment")
    SCRAP = "scrap", _("Scrap")
    TRANSFER = "transfer", _("Transfer")


class StockMove(models.Model):
    """So many units went from here to there, at that value; append-only.

    `value` is in the company's base currency and never negative: the direction is in the locations.
    """

    READERS = EVERYBODY

    TIERS = {"unit_cost": "cost", "value": "cost", "value_after": "cost", "entry": "cost"}

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField(_("position"), unique=True, help_text=_("Order in which balances changed."))
    posting = models.UUIDField(_("posting"), help_text=_("Moves of one posting were written together."))
    line = models.PositiveSmallIntegerField(_("line"))
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="+")
    from_location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"))
    to_location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+", verbose_name=_("to"))
    quantity = quantity_field(_("quantity"))
    unit_cost = price_field(_("unit cost"))
    value = amount_field(_("value"))
    on_hand_after = quantity_field(_("on hand after"))
    value_after = amount_field(_("value after"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    reference = models.CharField(_("reference"), max_length=120, blank=True, default="")
    source_type = models.CharField(_("source"), max_length=40, blank=True, default="")
    source_id = models.UUIDField(null=True, blank=True)
    returns = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="returned_by",
        verbose_name=_("returns"),
        help_text=_("The shipment whose goods came back."),
    )
    entry = models.ForeignKey(
        "ledger.JournalEntry",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entry"),
    )
    effective_on = models.DateField(_("effective"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        indexes = [
            models.Index(fields=["product", "-position"], name="stockmove_of_product"),
            models.Index(fields=["source_type", "source_id"], name="stockmove_of_source"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["posting", "line"], name="stockmove_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stockmove_quantity_positive"),
            models.CheckConstraint(condition=Q(value__gte=0), name="stockmove_value_not_negative"),
            models.CheckConstraint(condition=~Q(from_location=F("to_location")), name="stockmove_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(value=0) | Q(reason="transfer") | Q(entry__isnull=False), name="stockmove_value_is_booked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.from_location_id}→{self.to_location_id}"

    @property
    def sign(self) -> int:
        """Seen from our own locations: 1 in, -1 out, 0 from one of ours to another."""
        return int(self.to_location.internal) - int(self.from_location.internal)

    @property
    def signed_quantity(self) -> Decimal:
        """In above zero, out below; a transfer as it is."""
        return self.quantity * (self.sign or 1)

    @property
    def signed_value(self) -> Decimal:
        """In above zero, out below; a transfer as it is."""
        return self.value * (self.sign or 1)


class BalanceQuerySet(VisibleQuerySet):
    """Words about balances."""

    def in_stock(self) -> Self:
        return self.filter(on_hand__gt=0)


class StockBalance(models.Model):
    """What lies at one of our own locations; follows from the moves, kept so that it can be locked."""

    READERS = EVERYBODY

    TIERS = {"value": "cost", "unit_cost": "cost"}

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="balances")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    on_hand = quantity_field(_("on hand"), default=Decimal(0))
    reserved = quantity_field(_("reserved"), default=Decimal(0))
    value = amount_field(_("value"), default=Decimal(0))

    objects = BalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        constraints = [
            models.UniqueConstraint(fields=["product", "location"], name="one_balance_per_place"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="balance_never_negative"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="balance_reserved_within_stock"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="balance_value_not_negative"),
            models.CheckConstraint(condition=~Q(on_hand=0) | Q(value=0), name="balance_nothing_is_worth_nothing"),
        ]

    @property
    def available(self) -> Decimal:
        """What may still be promised."""
        return self.on_hand - self.reserved

    @property
    def unit_cost(self) -> Decimal | None:
        """The moving average; None while nothing lies there."""
        return self.value / self.on_hand if self.on_hand else None


class StockReservation(models.Model):
    """Units kept for one reference (an order's line); consumed by its shipment, given back by a release."""

    READERS = EVERYBODY

    ref = models.UUIDField(_("reference"), primary_key=True)
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    quantity = quantity_field(_("quantity"))
    updated_at = models.DateTimeField(_("changed"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=0), name="reservation_not_negative")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.ref}"


class ValueTold(models.Model):
    """What the joint view was last told of a product's stock."""

    READERS = EVERYBODY

    TIERS = {"value": "cost"}

    product = models.OneToOneField("products.Product", on_delete=models.PROTECT, primary_key=True, related_name="+")
    on_hand = quantity_field(_("on hand"), default=Decimal(0))
    value = amount_field(_("value"), default=Decimal(0))
    told_at = models.DateTimeField(_("told"), auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock value told")
        verbose_name_plural = _("stock values told")

    def __str__(self) -> str:
        return f"{self.product_id}"
