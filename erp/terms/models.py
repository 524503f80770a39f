"""Payment terms with their lines."""

from decimal import Decimal
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.fields import TimeStamped, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.chart import in_language
from erp.terms.roles import READERS
from erp.terms.schedule import A_MONTH, DAYS_MAX, HUNDRED, Step

CODE = RegexValidator(r"^[A-Z0-9][A-Z0-9._/+-]*\Z", _("Capital letters, digits and . _ / + - only."))


class PaymentTermsQuerySet(VisibleQuerySet):
    """Words about terms."""

    def with_lines(self) -> Self:
        """With what a page or an answer shows of them."""
        return self.prefetch_related("lines")

    def matching(self, text: str) -> Self:
        """Code or name contains every word."""
        for word in text.split():
            self = self.filter(Q(code__icontains=word) | Q(name__icontains=word) | Q(name_zh__icontains=word))
        return self


class PaymentTerms(TimeStamped):
    """When what is asked is to be paid; documents keep the days that they were issued with."""

    READERS = READERS
    PARTS = ("lines",)

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True, default="")

    history = HistoricalRecords()
    objects = PaymentTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="payment_terms_code_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9._/+-]*$"), name="payment_terms_code"),
            models.CheckConstraint(condition=~Q(name=""), name="payment_terms_have_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def get_absolute_url(self) -> str:
        """The terms' page."""
        return record_url("terms:edit", self.pk)

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)

    @property
    def version(self) -> str:
        """What a form remembers, so that it does not overwrite what somebody else changed meanwhile."""
        return self.updated_at.isoformat()

    @property
    def steps(self) -> list[Step]:
        """The lines, to compute with."""
        return [line.step for line in self.lines.all()]

    @property
    def days_at_most(self) -> int:
        """After how many days all is to be paid, whatever day a document has."""
        return max(step.days_at_most for step in self.steps)

    @property
    def told(self) -> str:
        """The lines in words: “50 % at once; the rest in 30 days”."""
        return "; ".join(line.told for line in self.lines.all())


class TermsLine(models.Model):
    """A share, and when it is due."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    terms = models.ForeignKey(PaymentTerms, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("line"))
    share = models.DecimalField(
        _("share, %"), max_digits=7, decimal_places=4, null=True, blank=True,
        help_text=_("Empty in the last line: the rest."),
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(_("days"), default=0)
    month_end = models.BooleanField(
        _("from the end of the month"), default=False, help_text=_("Of the month of the document.")
    )
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, help_text=_("Put off to this day; the 31st is the month's last.")
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of payment terms")
        verbose_name_plural = _("lines of payment terms")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "position"], name="terms_line_position_once"),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=HUNDRED), name="terms_line_share_is_one"
            ),
            models.CheckConstraint(
                condition=Q(day_of_month=None) | Q(day_of_month__gte=1, day_of_month__lte=31),
                name="terms_line_day_is_one",
            ),
            models.CheckConstraint(
                condition=Q(days__lte=DAYS_MAX)
                & (Q(month_end=False) | Q(days__lte=DAYS_MAX - A_MONTH))
                & (Q(day_of_month=None) | Q(days__lte=DAYS_MAX - A_MONTH))
                & (Q(month_end=False) | Q(day_of_month=None) | Q(days__lte=DAYS_MAX - 2 * A_MONTH)),
                name="terms_line_within_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms} {self.position}"

    @property
    def step(self) -> Step:
        """To compute with."""
        return Step(self.share, self.days, self.month_end, self.day_of_month)

    @property
    def told(self) -> str:
        """The line in words."""
        words = [_share(self.share), _when(self.days, self.month_end)]
        if self.day_of_month is not None:
            words.append(_now("on the next {day}.").format(day=self.day_of_month))
        return " ".join(word for word in words if word)


def _share(share: Decimal | None) -> str:
    if share is None:
        return _now("the rest")
    return "" if share == HUNDRED else f"{share.normalize():f} %"


def _when(days: int, month_end: bool) -> str:
    told: dict[str, Any] = {"days": days}
    if month_end and not days:
        return _now("at the end of the month")
    if month_end:
        return (
            ngettext("%(days)s day after the end of the month", "%(days)s days after the end of the month", days) % told
        )
    if not days:
        return _now("at once")
    return ngettext("in %(days)s day", "in %(days)s days", days) % told
