from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from base.fields import rate_field
from base.visible import VisibleQuerySet
from erp.tax.roles import READERS


class TaxClass(models.Model):
    """How something is taxed, by its nature; the rate follows from the place and the day."""

    READERS = READERS

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True, default="")

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class TaxRate(models.Model):
    """The rate of a class from a day on, until the next one."""

    READERS = READERS

    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, related_name="rates", verbose_name=_("tax class"))
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    valid_from = models.DateField(_("valid from"))
    rate = rate_field(_("rate"), help_text=_("a fraction: 0.19 is nineteen per cent"))
    source = models.CharField(_("source of law"), max_length=200, blank=True, default="")

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["jurisdiction", "tax_class", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "jurisdiction", "valid_from"], name="tax_rate_once"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_fraction"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.jurisdiction} {self.valid_from}"


class SupplyKind(models.TextChoices):
    """What is supplied, as far as the tax point depends on it."""

    GOODS = "goods", _("goods")
    SERVICES = "services", _("services")
    LONG_BUILD = "long_build", _("building over more than twelve months")


class TaxedOn(models.TextChoices):
    """When tax on a deposit falls due."""

    RECEIPT = "receipt", _("when the money comes")
    SUPPLY = "supply", _("when the supply is made")


class DepositRule(models.Model):
    """When a deposit is taxed in a jurisdiction, from a day on."""

    READERS = READERS

    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    supply_kind = models.CharField(_("kind of supply"), max_length=12, choices=SupplyKind)
    taxed_on = models.CharField(_("taxed"), max_length=8, choices=TaxedOn)
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source of law"), max_length=200, blank=True, default="")

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit rule")
        verbose_name_plural = _("deposit rules")
        ordering = ["jurisdiction", "supply_kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "supply_kind", "valid_from"], name="deposit_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.supply_kind} {self.valid_from}"
