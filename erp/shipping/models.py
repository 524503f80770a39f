"""Carriers, shipments and what was in them."""

from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base.fields import quantity_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.shipping.roles import EVERYBODY


def check_tracking_template(text: str) -> None:
    """An https address with one `{tracking}`."""
    if not text.startswith("https://") or text.count("{tracking}") != 1 or text.count("{") != 1:
        raise ValidationError(_("An https:// address that contains {tracking} once."))


class Carrier(models.Model):
    """Who brings the parcel."""

    READERS = EVERYBODY

    name = models.CharField(_("name"), max_length=80, unique=True)
    tracking_url = models.CharField(
        _("tracking address"), max_length=200, blank=True, default="", validators=[check_tracking_template]
    )
    active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def tracking_page(self, tracking: str) -> str:
        """Where the customer follows the parcel; empty when the carrier shows none."""
        return self.tracking_url.replace("{tracking}", quote(tracking, safe="")) if self.tracking_url else ""


class ShipmentQuerySet(VisibleQuerySet):
    """Words about shipments."""

    def with_line_count(self) -> Self:
        """With how many lines each has."""
        lines = ShipmentLine.objects.filter(shipment=models.OuterRef("pk")).order_by().values("shipment")
        return self.annotate(line_count=models.Subquery(lines.annotate(of=models.Count("pk")).values("of")))

    def matching(self, text: str) -> Self:
        """Number, tracking, order or customer contains each word."""
        for word in text.split():
            self = self.filter(
                Q(number__icontains=word)
                | Q(tracking__icontains=word)
                | Q(order__number__icontains=word)
                | Q(order__party__name__icontains=word)
            )
        return self


class Shipment(models.Model):
    """A parcel that left. Its goods stay as they are; who brings it and under which number can be put right."""

    READERS = EVERYBODY

    id = uuid7_pk()
    number = models.CharField(_("number"), max_length=20, unique=True)
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="shipments", verbose_name=_("order")
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+", verbose_name=_("carrier"))
    tracking = models.CharField(_("tracking number"), max_length=80, blank=True, default="")
    dispatched_on = models.DateField(_("date"))
    dispatched_at = models.DateTimeField(_("dispatched"))
    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dispatched by"),
    )
    complete = models.BooleanField(
        _("complete"), default=False, help_text=_("Nothing of the order was left to ship after it.")
    )

    history = HistoricalRecords()
    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("shipping:detail", self.pk)

    @property
    def tracking_page(self) -> str:
        return self.carrier.tracking_page(self.tracking) if self.tracking else ""


class ShipmentLine(models.Model):
    """So many units of an order's line, and the stock move that took them out."""

    READERS = EVERYBODY

    id = uuid7_pk()
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="shipment_lines")
    quantity = quantity_field(_("quantity"))
    move = models.OneToOneField("inventory.StockMove", on_delete=models.PROTECT, related_name="+")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "order_line"], name="one_line_per_order_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipped_quantity_positive"),
        ]
