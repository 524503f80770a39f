"""The lines of deals with their prices, and the deposits that reps heard of."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, amount_field, currency_field, price_field, quantity_field, rate_field, uuid7_pk
from base.recording import HistoricalRecords
from crm.pipeline.models_prices import OfDealQuerySet
from crm.promotions.models import Promotion


class DealLine(TimeStamped):
    """One thing of a deal at its price; `sku` is free text, for a rep may promise what the catalogue does not know."""

    TIERS = {
        "list_price": "price",
        "unit_price": "price",
        "discount": "price",
        "net_amount": "price",
        "promotion_discount": "price",
    }

    id = uuid7_pk()
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.CASCADE, related_name="lines", verbose_name=_("deal"))
    position = models.PositiveSmallIntegerField(_("position"))
    sku = models.CharField(_("SKU"), max_length=100)
    description = models.CharField(_("description"), max_length=250, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=100, blank=True, default="")
    in_catalogue = models.BooleanField(_("in the catalogue"), default=True, editable=False)
    quantity = quantity_field(_("quantity"))
    list_price = price_field(_("list price"), null=True, blank=True, editable=False)
    price_as_of = models.DateField(_("list price of"), null=True, editable=False)
    unit_price = price_field(_("unit price"))
    discount = rate_field(_("discount"), default=Decimal(0))
    net_amount = amount_field(_("net"), editable=False)
    promotion = models.ForeignKey(
        Promotion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="lines",
        verbose_name=_("promotion"),
    )
    promotion_discount = rate_field(_("promotion's discount"), default=Decimal(0), db_default=0, editable=False)
    priced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("price set by"),
    )
    price_reason = models.CharField(_("why this price"), max_length=250, blank=True, default="", db_default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("price approved by"),
    )
    approved_at = models.DateTimeField(_("price approved"), null=True, editable=False)

    history = HistoricalRecords()

    objects = OfDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal line")
        verbose_name_plural = _("deal lines")
        ordering = ("deal", "position")
        indexes = [
            models.Index(fields=["promotion"], name="line_by_promotion", condition=Q(promotion__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["deal", "position"], name="one_line_per_position"),
            models.CheckConstraint(condition=~Q(sku=""), name="line_has_sku"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="line_price_not_negative"),
            models.CheckConstraint(condition=Q(discount__gte=0, discount__lte=1), name="line_discount_is_fraction"),
            models.CheckConstraint(
                condition=Q(
                    net_amount__gte=F("quantity") * F("unit_price") * (1 - F("discount")) - Decimal("0.5"),
                    net_amount__lte=F("quantity") * F("unit_price") * (1 - F("discount")) + Decimal("0.5"),
                ),
                name="line_net_is_product",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="line_approval_has_time",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(priced_by__isnull=True) | ~Q(approved_by=F("priced_by")),
                name="line_price_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(promotion__isnull=True, promotion_discount=0)
                | Q(promotion__isnull=False, promotion_discount__gt=0, promotion_discount__lte=F("discount")),
                name="line_promotion_has_discount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.sku}"

    @property
    def discount_from_list(self) -> Decimal:
        """How far below the list price the customer pays; the written discount where no list price is known."""
        if not self.list_price:
            return self.discount
        return 1 - self.unit_price * (1 - self.discount) / self.list_price

    @property
    def off(self) -> Decimal:
        """The same, as people say it."""
        return self.discount_from_list.quantize(Decimal("0.001"))

    @property
    def limit(self) -> Decimal:
        """How far a rep may go alone: as the pipeline says, or as far as the line's promotion goes.

        Who decided a promotion does not decide their own price with it.
        """
        limit: Decimal = self.deal.stage.pipeline.discount_limit
        if self.promotion is None or self.promotion.decided_by_id in (self.priced_by_id, self.deal.owner_id):
            return limit
        return max(limit, self.promotion_discount)

    @property
    def is_beyond_limit(self) -> bool:
        """Below what a rep may go down to alone; written without a division, as the database's own check is."""
        limit = self.limit
        if not self.list_price:
            return self.discount > limit
        return self.unit_price * (1 - self.discount) < self.list_price * (1 - limit)

    @property
    def is_off_list(self) -> bool:
        """Is there a price of its own to give a reason for?"""
        return bool(self.discount) or (self.list_price is not None and self.unit_price != self.list_price)

    @property
    def needs_approval(self) -> bool:
        """Beyond the rep's own limit, and nobody with the right has agreed yet."""
        return self.approved_by_id is None and self.is_beyond_limit


class DepositReport(TimeStamped):
    """Money a rep heard of; the books look for it the same day and answer with a payment that names this id."""

    TIERS = {"amount": "price"}

    id = uuid7_pk()
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.PROTECT, related_name="deposits", verbose_name=_("deal"))
    amount = amount_field(_("amount"))
    currency = currency_field()
    reference = models.CharField(_("reference"), max_length=250, blank=True, default="")
    reported_on = models.DateField(_("reported"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    booked_at = models.DateTimeField(_("booked"), null=True, editable=False)

    history = HistoricalRecords()

    objects = OfDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit reported")
        verbose_name_plural = _("deposits reported")
        ordering = ("id",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="depositreport_positive")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
