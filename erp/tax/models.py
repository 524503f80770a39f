"""What the law says: classes and dated rates, when tax falls due, and how a company is taxed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, rate_field
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.models import Company
from erp.tax.returning import BoxKind, ReturnBox, ReturnForm, ReturnStatus, ReturnVersion, VatReturn
from erp.tax.roles import READERS

__all__ = [
    "Basis",
    "BoxKind",
    "Due",
    "Regime",
    "ReturnBox",
    "ReturnForm",
    "ReturnStatus",
    "ReturnVersion",
    "Rounding",
    "SupplyKind",
    "TaxClass",
    "TaxPointRule",
    "TaxProfile",
    "TaxRate",
    "TaxedOn",
    "Treatment",
    "VatReturn",
]


class Treatment(models.TextChoices):
    """Who owes the tax of a class, if anybody does."""

    NORMAL = "normal", _("the supplier owes the tax")
    RECIPIENT = "recipient", _("the recipient owes the tax")
    NONE = "none", _("no tax is due")


class Regime(models.TextChoices):
    """By which rules a taxpayer is taxed."""

    GENERAL = "general", _("general")
    SMALL = "small", _("small-scale, by levy rate")


class Basis(models.TextChoices):
    """Whether tax follows the supply or the money."""

    ACCRUAL = "accrual", _("agreed consideration")
    CASH = "cash", _("consideration received")


class Rounding(models.TextChoices):
    """Where the tax of a document is rounded."""

    LINE = "line", _("each line")
    DOCUMENT = "document", _("each rate of a document")


class TaxClass(models.Model):
    """How something is taxed, by its nature; the rate follows from the place and the day."""

    READERS = READERS

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True, default="")
    treatment = models.CharField(
        _("treatment"), max_length=10, choices=Treatment, default=Treatment.NORMAL, db_default=Treatment.NORMAL
    )

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
    regime = models.CharField(
        _("regime"), max_length=10, choices=Regime, default=Regime.GENERAL, db_default=Regime.GENERAL
    )
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
            models.UniqueConstraint(fields=["tax_class", "jurisdiction", "regime", "valid_from"], name="tax_rate_once"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_fraction"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_class_id} {self.jurisdiction} {self.valid_from}"


class SupplyKind(models.TextChoices):
    """What is supplied and on which terms, as far as the tax point depends on it."""

    GOODS = "goods", _("goods")
    SERVICES = "services", _("services")
    LONG_BUILD = "long_build", _("building over more than twelve months")
    LEASE = "lease", _("letting")
    DIRECT = "direct", _("goods against payment")
    INSTALMENTS = "instalments", _("goods on instalments")
    ACQUISITION = "acquisition", _("acquisition from another member state")
    REVERSE = "reverse", _("supply that the recipient is taxed for")


class TaxedOn(models.TextChoices):
    """When tax on a deposit falls due."""

    RECEIPT = "receipt", _("when the money comes")
    SUPPLY = "supply", _("when the supply is made")


class Due(models.TextChoices):
    """What makes the tax of the rest fall due."""

    SUPPLY = "supply", _("the supply")
    INVOICE = "invoice", _("the invoice")
    PAYMENT = "payment", _("the payment")
    CONTRACT = "contract", _("the day agreed for payment")


class TaxPointRule(models.Model):
    """When a supply is taxed in a jurisdiction, from a day on: its deposits, and the rest."""

    READERS = READERS

    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    supply_kind = models.CharField(_("kind of supply"), max_length=12, choices=SupplyKind)
    basis = models.CharField(_("basis"), max_length=8, choices=Basis, default=Basis.ACCRUAL, db_default=Basis.ACCRUAL)
    taxed_on = models.CharField(_("deposits are taxed"), max_length=8, choices=TaxedOn)
    due_on = models.CharField(_("due by"), max_length=8, choices=Due, default=Due.SUPPLY, db_default=Due.SUPPLY)
    invoice_first = models.BooleanField(_("an earlier invoice makes it due"), default=False, db_default=False)
    latest_months = models.PositiveSmallIntegerField(
        _("at the latest"),
        null=True,
        blank=True,
        help_text=_("So many months after the month of the supply, whether or not the invoice came."),
    )
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source of law"), max_length=200, blank=True, default="")

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax point rule")
        verbose_name_plural = _("tax point rules")
        ordering = ["jurisdiction", "supply_kind", "basis", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "supply_kind", "basis", "valid_from"], name="tax_point_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.supply_kind} {self.valid_from}"


class TaxProfile(TimeStamped):
    """How a company is taxed, and which return it files how often."""

    READERS = READERS

    company = models.OneToOneField(
        Company, on_delete=models.PROTECT, primary_key=True, related_name="tax_profile", verbose_name=_("company")
    )
    regime = models.CharField(_("regime"), max_length=10, choices=Regime, default=Regime.GENERAL)
    basis = models.CharField(_("basis"), max_length=8, choices=Basis, default=Basis.ACCRUAL)
    rounding = models.CharField(_("tax is rounded"), max_length=8, choices=Rounding, default=Rounding.LINE)
    form = models.ForeignKey(
        ReturnForm, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("VAT return")
    )
    months = models.PositiveSmallIntegerField(
        _("filed"), choices=[(1, _("monthly")), (3, _("quarterly")), (12, _("yearly"))], default=1
    )

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax profile")
        verbose_name_plural = _("tax profiles")
        constraints = [
            models.CheckConstraint(condition=Q(months__in=(1, 3, 12)), name="tax_profile_months"),
            models.CheckConstraint(condition=Q(regime__in=Regime.values), name="tax_profile_regime"),
        ]

    def __str__(self) -> str:
        return str(self.company)
