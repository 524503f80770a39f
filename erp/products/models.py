"""Products and their dated prices."""

from datetime import date
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, currency_field, price_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.products.roles import EVERYBODY


class ProductStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ProductQuerySet(VisibleQuerySet):
    """Words about products."""

    def published(self) -> Self:
        """What the CRM may offer."""
        return self.filter(status=ProductStatus.PUBLISHED)

    def matching(self, text: str) -> Self:
        """SKU, name or category contains each word."""
        for word in text.split():
            self = self.filter(Q(sku__icontains=word) | Q(name__icontains=word) | Q(category__icontains=word))
        return self

    def with_price(self, on: date, currency: str) -> Self:
        """Each with `list_price`: the price valid on that day, or None."""
        valid = Price.objects.filter(product=OuterRef("pk"), currency=currency, valid_from__lte=on)
        return self.annotate(list_price=Subquery(valid.order_by("-valid_from").values("amount")[:1]))


class Product(ConcurrentTransitionMixin, TimeStamped):
    """What we sell; the SKU is its name everywhere, also in the CRM."""

    READERS = EVERYBODY

    TIERS = {"floor_percent": "price", "list_price": "price", "prices": "price"}

    id = uuid7_pk()
    sku = models.CharField(
        _("SKU"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._/-]*\Z", _("Letters, digits and . _ / - only, without spaces."))
        ],
    )
    name = models.CharField(_("name"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, default="piece")
    tax_class = models.CharField(_("tax class"), max_length=20, default="standard")
    category = models.CharField(_("category"), max_length=80, blank=True, default="")
    supplier = models.ForeignKey(
        "parties.Party",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
        limit_choices_to={"kind": "supplier"},
    )
    floor_percent = models.DecimalField(
        _("floor, % of list price"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("An order with a price below this part of the list price is held for a person."),
    )
    status = StateField(_("status"), default=ProductStatus.DRAFT, choices=ProductStatus.choices, db_index=True)

    history = HistoricalRecords()
    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(condition=~Q(sku=""), name="product_sku_given"),
            models.CheckConstraint(condition=~Q(name=""), name="product_name_given"),
            models.CheckConstraint(condition=Q(status__in=ProductStatus.values), name="product_status_known"),
            models.CheckConstraint(
                condition=Q(floor_percent=None) | Q(floor_percent__gte=0, floor_percent__lte=100),
                name="product_floor_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    def get_absolute_url(self) -> str:
        return record_url("products:detail", self.pk)

    @transition(status, source=[ProductStatus.DRAFT, ProductStatus.WITHDRAWN], target=ProductStatus.PUBLISHED)
    def _publish(self) -> None:
        """From now on the CRM may offer it."""

    @transition(status, source=ProductStatus.PUBLISHED, target=ProductStatus.WITHDRAWN)
    def _withdraw(self) -> None:
        """From now on nobody shall offer it; what was promised is still delivered."""


class Price(models.Model):
    """From that day on, one unit costs so much without tax; until a later row says otherwise."""

    READERS = EVERYBODY

    TIERS = {"amount": "price"}

    id = uuid7_pk()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices", verbose_name=_("product"))
    currency = currency_field()
    amount = price_field(_("price"))
    valid_from = models.DateField(_("valid from"))
    set_by = models.CharField(_("set by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["product", "currency", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "valid_from"], name="one_price_a_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only ever inserted."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
