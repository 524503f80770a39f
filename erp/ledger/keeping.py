"""Tables that the books keep about themselves: folded sums and seals. The database's own functions write them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.visible import VisibleQuerySet
from erp.ledger.chart import Account, Company
from erp.ledger.roles import READERS


def _of(model: type[models.Model], words: Any, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(model, on_delete=models.PROTECT, related_name="+", verbose_name=words, **options)


class FoldMark(models.Model):
    """Up to which number a series is contained in the sums."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    company = _of(Company, _("company"))
    series = models.CharField(_("series"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("last folded number"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark of the sums")
        verbose_name_plural = _("marks of the sums")
        constraints = [models.UniqueConstraint(fields=["company", "series", "year"], name="fold_mark_once")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}: {self.sequence}"


class _Sum(models.Model):
    """What moved on an account in a stretch of days, as far as it is folded."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    account = _of(Account, _("account"), db_index=False)
    debit = models.DecimalField(_("debit"), max_digits=25, decimal_places=2)
    credit = models.DecimalField(_("credit"), max_digits=25, decimal_places=2)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        abstract = True


class DaySum(_Sum):
    """What moved on an account in a day, as far as it is folded."""

    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="day_sum_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.day}"


class MonthSum(_Sum):
    """What moved on an account in a calendar month, as far as it is folded."""

    month = models.DateField(_("first day of the month"))

    class Meta:
        verbose_name = _("sum of a month")
        verbose_name_plural = _("sums of months")
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="month_sum_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m}"


class Seal(models.Model):
    """A link of the chain: a range of a series, its hash over the head before it."""

    READERS = READERS

    id = uuid7_pk()
    company = _of(Company, _("company"))
    position = models.PositiveIntegerField(_("place in the chain"))
    series = models.CharField(_("series"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    first_sequence = models.PositiveIntegerField(_("from number"))
    last_sequence = models.PositiveIntegerField(_("to number"))
    entries = models.PositiveIntegerField(_("entries"))
    previous = models.CharField(_("head before"), max_length=64, blank=True)
    head = models.CharField(_("head"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed"))
    sealed_by = models.CharField(_("by"), max_length=150)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["company", "position"], name="seal_position_once"),
            models.UniqueConstraint(fields=["company", "series", "year", "first_sequence"], name="seal_first_once"),
            models.CheckConstraint(
                condition=Q(entries=F("last_sequence") - F("first_sequence") + 1), name="seal_covers_its_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.series}-{self.year} {self.first_sequence}–{self.last_sequence}"
