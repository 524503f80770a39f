"""Products and their dated prices, copied from the ERP."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, currency_field, price_field, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet


class ProductStatus(models.TextChoices):
    """May it be offered?"""

    ANNOUNCED = "announced", _("announced")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ProductQuerySet(VisibleQuerySet):
    """Words about products."""

    def offered(self) -> Self:
        """What a rep may put on a deal."""
        return self.filter(status=ProductStatus.PUBLISHED)

    def shown(self) -> Self:
        """What the list shows: everything the ERP has published once, withdrawn products too."""
        return self.exclude(status=ProductStatus.ANNOUNCED)

    def matching(self, text: str) -> Self:
        """Each word somewhere in the SKU, the name or the category."""
        found = self
        for word in text.split()[:6]:
            found = found.filter(
                models.Q(sku__icontains=word) | models.Q(name__icontains=word) | models.Q(category__icontains=word)
            )
        return found


class Product(TimeStamped):
    """A thing we sell; its SKU is the name both sides share."""

    READERS = ("rep", "agent", "manager", "admin")

    id = uuid7_pk()
    sku = models.CharField(_("SKU"), max_length=250, unique=True)
    name = models.CharField(_("name"), max_length=250)
    unit = models.CharField(_("unit"), max_length=250, blank=True, default="")
    tax_class = models.CharField(_("tax class"), max_length=250, blank=True, default="")
    category = models.CharField(_("category"), max_length=250, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=12, choices=ProductStatus.choices, default=ProductStatus.ANNOUNCED
    )
    withdrawn_reason = models.CharField(_("why withdrawn"), max_length=250, blank=True, default="")
    as_of = models.DateTimeField(_("as of"), help_text=_("When the ERP said so."))

    history = HistoricalRecords()
    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("name", "sku")
        indexes = [models.Index(fields=["name", "id"], name="product_by_name")]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ProductStatus.values), name="product_status_known"),
            models.CheckConstraint(condition=~models.Q(sku=""), name="product_has_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class PriceVersion(models.Model):
    """From that day on one unit costs so much, without tax, until a later version begins."""

    READERS = ("rep", "agent", "manager", "admin")

    TIERS = {"amount": "price"}

    id = uuid7_pk()
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices", verbose_name=_("product"))
    currency = currency_field()
    amount = price_field(_("price"))
    valid_from = models.DateField(_("valid from"))
    as_of = models.DateTimeField(_("as of"))

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("currency", "-valid_from")
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "valid_from"], name="one_price_per_day"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
