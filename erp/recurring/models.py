"""Patterns of vouchers with their lines, and the vouchers that came of them."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, amount_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.dimensions import LINE_PARTS, dimension_of_line
from erp.ledger.roles import READERS
from erp.recurring.rhythm import Every


class RecurringStatus(models.TextChoices):
    """The life of a pattern."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")


class RecurringQuerySet(VisibleQuerySet):
    """Words about patterns."""

    def with_all(self) -> Self:
        """With what a page or an answer shows of them."""
        return self.select_related("journal", "company", "created_by").prefetch_related(*LINE_PARTS)

    def due(self, today: date) -> Self:
        """Whose day has come."""
        return self.filter(status=RecurringStatus.ACTIVE, next_on__lte=today)


class RecurringVoucher(ConcurrentTransitionMixin, TimeStamped):
    """What a voucher looks like, and when it comes again."""

    READERS = READERS
    PARTS = ("lines",)

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=120)
    journal = models.ForeignKey("ledger.Journal", on_delete=models.PROTECT, related_name="+", verbose_name=_("journal"))
    text = models.CharField(_("text"), max_length=250, help_text=_("{month} becomes 2026-11, {year} 2026."))
    every = models.CharField(_("how often"), max_length=10, choices=Every.choices, default=Every.MONTH)
    first_on = models.DateField(_("first day"), help_text=_("The 31st means the last day of each month."))
    times = models.PositiveSmallIntegerField(
        _("how many times"), null=True, blank=True, help_text=_("Empty: until you end it.")
    )
    spread = models.BooleanField(
        _("spread the amounts"), default=False, help_text=_("The lines are the whole; each time brings its share.")
    )
    reverse_next = models.BooleanField(
        _("reverse on the first of the next month"), default=False, help_text=_("For accruals.")
    )
    written = models.PositiveSmallIntegerField(_("written so far"), default=0, editable=False)
    next_on = models.DateField(_("next"), null=True, blank=True, editable=False)
    status = StateField(_("state"), default=RecurringStatus.ACTIVE, choices=RecurringStatus)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )

    history = HistoricalRecords()
    objects = RecurringQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring voucher")
        verbose_name_plural = _("recurring vouchers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="recurring_name_once"),
            models.CheckConstraint(condition=Q(times=None) | Q(times__gte=models.F("written")), name="recurring_times"),
            models.CheckConstraint(
                condition=Q(spread=False) | Q(times__isnull=False, times__gte=2), name="recurring_spread_over_times"
            ),
        ]
        indexes = [models.Index(fields=["next_on"], name="recurring_due", condition=Q(status="active"))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The pattern's page."""
        return record_url("recurring:detail", self.pk)

    @property
    def total(self) -> Decimal:
        """Sum of the debits, of all times when they are spread."""
        return sum((line.debit for line in self.lines.all()), Decimal("0.00"))

    @transition(status, source=RecurringStatus.ACTIVE, target=RecurringStatus.PAUSED)
    def pause(self) -> None:
        """Nothing is written for a while."""

    @transition(status, source=RecurringStatus.PAUSED, target=RecurringStatus.ACTIVE)
    def resume(self) -> None:
        """What became due meanwhile is written now."""

    @transition(status, source=[RecurringStatus.ACTIVE, RecurringStatus.PAUSED], target=RecurringStatus.ENDED)
    def end(self) -> None:
        """Nothing comes of it any more."""
        self.next_on = None


class RecurringLine(models.Model):
    """A line of the pattern."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    recurring = models.ForeignKey(RecurringVoucher, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("line"))
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    debit = amount_field(_("debit"), default=Decimal(0))
    credit = amount_field(_("credit"), default=Decimal(0))
    party = models.CharField(_("party"), max_length=20, blank=True, default="")
    tax_code = models.CharField(_("tax"), max_length=20, blank=True, default="")
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    cost_centre = dimension_of_line(_("cost centre"))
    project = dimension_of_line(_("project"))
    due: Any = None  # a pattern has no day; the grid shows the same columns

    history = HistoricalRecords(no_db_index=["cost_centre", "project"])
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a recurring voucher")
        verbose_name_plural = _("lines of recurring vouchers")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["recurring", "position"], name="recurring_line_position_once"),
            models.CheckConstraint(
                condition=Q(debit__gte=0, credit__gte=0) & (Q(debit=0) | Q(credit=0)),
                name="recurring_line_debit_or_credit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurring} {self.position}"


class Occurrence(models.Model):
    """A voucher that came of a pattern: its number and day are there once, whoever wrote it."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    recurring = models.ForeignKey(RecurringVoucher, on_delete=models.PROTECT, related_name="occurrences")
    number = models.PositiveSmallIntegerField(_("number"))
    date = models.DateField(_("date"))
    voucher = models.OneToOneField("ledger.Voucher", on_delete=models.PROTECT, related_name="occurrence")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher of a recurring one")
        verbose_name_plural = _("vouchers of recurring ones")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["recurring", "number"], name="recurring_number_once")]

    def __str__(self) -> str:
        return f"{self.recurring} {self.number}"
