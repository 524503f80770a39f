"""What a statement looks like: its rows, and what each of them counts."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.chart import Bilingual
from erp.ledger.models import Company
from erp.statements.roles import READERS


class Span(models.TextChoices):
    """Over what a statement counts."""

    POSITION = "position", _("what stands on a day")
    PERFORMANCE = "performance", _("what moved in a span")


class Layout(Bilingual, TimeStamped):
    """A statement's rows, in order."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="layouts", verbose_name=_("company"))
    code = models.SlugField(_("code"), max_length=40)
    span = models.CharField(_("counts"), max_length=12, choices=Span)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("layout of a statement")
        verbose_name_plural = _("layouts of statements")
        ordering = ["company", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="layout_code_once"),
            models.CheckConstraint(condition=Q(span__in=Span.values), name="layout_span_known"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        """The statement itself."""
        return reverse("statements:statement", args=[self.code])


class RowKind(models.TextChoices):
    """What a row shows."""

    HEADING = "heading", _("heading")
    ACCOUNTS = "accounts", _("accounts")
    RESULT = "result", _("result not closed yet")
    SUM = "sum", _("sum of rows")
    CHECK = "check", _("must be zero")


class LayoutRow(Bilingual):
    """One row: a heading, the accounts it sums, or the rows it adds."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    layout = models.ForeignKey(Layout, on_delete=models.CASCADE, related_name="rows", verbose_name=_("layout"))
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(
        _("code"), max_length=10, validators=[RegexValidator(r"^[A-Z][A-Z0-9]*$", _("Capital letters and digits."))]
    )
    kind = models.CharField(_("shows"), max_length=10, choices=RowKind)
    counts = models.CharField(
        _("accounts or rows"),
        max_length=250,
        blank=True,
        default="",
        help_text=_("Accounts by how their codes begin: “10-12, 1600, !1690”. Rows by their codes: “A + B - C”."),
    )
    credit = models.BooleanField(_("credits are positive"), default=False)
    level = models.PositiveSmallIntegerField(_("indent"), default=0)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a layout")
        verbose_name_plural = _("rows of a layout")
        ordering = ["layout", "position"]
        constraints = [
            models.UniqueConstraint(fields=["layout", "code"], name="layout_row_code_once"),
            models.UniqueConstraint(fields=["layout", "position"], name="layout_row_position_once"),
            models.CheckConstraint(condition=Q(kind__in=RowKind.values), name="layout_row_kind_known"),
            models.CheckConstraint(
                condition=Q(kind__in=("heading", "result")) | ~Q(counts=""), name="layout_row_counts_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"
