"""Returns: their forms with boxes, which are data, and what was filed, which stays."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, amount_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.chart import Bilingual
from erp.ledger.models import Company
from erp.tax.roles import BOOK_READERS, READERS


class ReturnForm(Bilingual, TimeStamped):
    """A return as the law prints it, for one jurisdiction and regime."""

    READERS = READERS

    id = uuid7_pk()
    code = models.SlugField(_("code"), max_length=40, unique=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    regime = models.CharField(_("regime"), max_length=10, default="general")
    source = models.CharField(_("source of law"), max_length=200, blank=True, default="")

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("form of a return")
        verbose_name_plural = _("forms of returns")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label


class BoxKind(models.TextChoices):
    """What a box shows."""

    HEADING = "heading", _("heading")
    SOLD = "sold", _("net amounts of sales")
    BOUGHT = "bought", _("net amounts of purchases")
    OUTPUT = "output", _("output tax")
    INPUT = "input", _("input tax")
    SUM = "sum", _("sum of boxes")
    POSITIVE = "positive", _("sum of boxes, if above zero")
    CARRIED = "carried", _("box of the return before")


class ReturnBox(Bilingual):
    """One box: the lines it sums by their tax, or the boxes it adds."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    form = models.ForeignKey(ReturnForm, on_delete=models.CASCADE, related_name="boxes", verbose_name=_("form"))
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(
        _("code"), max_length=10, validators=[RegexValidator(r"^[A-Z][A-Z0-9]*$", _("Capital letters and digits."))]
    )
    printed = models.CharField(_("number on the form"), max_length=10, blank=True, default="")
    kind = models.CharField(_("shows"), max_length=10, choices=BoxKind)
    counts = models.CharField(
        _("taxes or boxes"),
        max_length=250,
        blank=True,
        default="",
        help_text=_("Taxes by class and rate: “standard:19, reduced, !reduced:5”. Boxes by their codes: “A + B - C”."),
    )
    credit = models.BooleanField(_("credits are positive"), default=False)
    factor = models.DecimalField(_("times"), max_digits=9, decimal_places=6, default=1)
    whole = models.BooleanField(_("in whole units, rounded down"), default=False)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("box of a return")
        verbose_name_plural = _("boxes of a return")
        ordering = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "code"], name="return_box_code_once"),
            models.UniqueConstraint(fields=["form", "position"], name="return_box_position_once"),
            models.CheckConstraint(condition=Q(kind__in=BoxKind.values), name="return_box_kind_known"),
            models.CheckConstraint(condition=Q(kind="heading") | ~Q(counts=""), name="return_box_counts_something"),
        ]

    def __str__(self) -> str:
        return f"{self.printed or self.code} {self.label}"


class ReturnStatus(models.TextChoices):
    """Whether the span takes tax."""

    FILED = "filed", _("filed")
    AMENDING = "amending", _("being amended")


class ReturnQuerySet(VisibleQuerySet):
    """Words about returns."""

    def for_list(self) -> Any:
        """With what a row shows."""
        return self.select_related("form", "company")


class VatReturn(models.Model):
    """A span for which tax was declared. While it is filed, the database takes no tax dated in it.

    Rows come and change through `public.tax_file` and `public.tax_reopen` only.
    """

    READERS = BOOK_READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    form = models.ForeignKey(ReturnForm, on_delete=models.PROTECT, related_name="returns", verbose_name=_("form"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    status = models.CharField(_("state"), max_length=8, choices=ReturnStatus)
    version = models.PositiveSmallIntegerField(_("version"))
    payable = amount_field(_("to pay"))
    filed_by = models.CharField(_("filed by"), max_length=150)
    filed_at = models.DateTimeField(_("filed"))
    reason = models.CharField(_("why it is amended"), max_length=250, blank=True, default="")
    reopened_by = models.CharField(_("reopened by"), max_length=150, blank=True, default="")

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("VAT return")
        verbose_name_plural = _("VAT returns")
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["company", "starts_on"], name="vat_return_start_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="vat_return_runs_forward"),
            models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="vat_return_status_known"),
        ]
        indexes = [models.Index(fields=["company", "ends_on"], name="vat_return_by_end")]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m} – {self.ends_on:%Y-%m}" if self.months > 1 else f"{self.starts_on:%Y-%m}"

    @property
    def months(self) -> int:
        """How many months it spans."""
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month + 1

    def get_absolute_url(self) -> str:
        """Its page."""
        return record_url("tax:return", self.pk)


class ReturnVersion(models.Model):
    """The figures as they were filed; written once."""

    READERS = BOOK_READERS

    id = uuid7_pk()
    vat_return = models.ForeignKey(
        VatReturn, on_delete=models.PROTECT, related_name="versions", verbose_name=_("VAT return")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    figures = models.JSONField(_("figures"))
    output_tax = amount_field(_("output tax"))
    input_tax = amount_field(_("input tax"))
    reason = models.CharField(_("reason"), max_length=250, blank=True, default="")
    filed_by = models.CharField(_("filed by"), max_length=150)
    filed_at = models.DateTimeField(_("filed"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a VAT return")
        verbose_name_plural = _("versions of a VAT return")
        ordering = ["vat_return", "version"]
        constraints = [models.UniqueConstraint(fields=["vat_return", "version"], name="return_version_once")]

    def __str__(self) -> str:
        return f"{self.vat_return} · {self.version}"

    def get_absolute_url(self) -> str:
        """Its return with this version shown."""
        return f"{reverse('tax:return', args=[self.vat_return_id])}?version={self.version}"
