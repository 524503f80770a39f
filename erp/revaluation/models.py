"""Revaluations of a day, and what each open item was worth before and after; written once, taken back whole."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import amount_field, uuid7_pk
from base.links import record_url
from base.visible import VisibleQuerySet
from erp.invoices.models import Invoice
from erp.rates.models import exchange_field
from erp.revaluation.roles import READERS


def _of(model: str, name: Any, **more: Any) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(model, models.PROTECT, verbose_name=name, **{"related_name": "+", **more})


def _entry(name: Any, **more: Any) -> "models.OneToOneField[Any, Any]":
    return models.OneToOneField(
        "ledger.JournalEntry", models.PROTECT, verbose_name=name, **{"related_name": "+", **more}
    )


class RevaluationQuerySet(VisibleQuerySet):
    """Words about revaluations."""

    def standing(self) -> Self:
        """Not taken back."""
        return self.filter(reversal=None)


class Revaluation(models.Model):
    """Open items at the rates of a day, and the one entry of what that changed."""

    READERS = READERS

    TIERS = {"gain": "cost", "loss": "cost"}

    id = uuid7_pk()
    company = _of("ledger.Company", _("company"))
    day = models.DateField(_("day"))
    entry = _entry(_("entry"))
    reversal = _entry(_("taken back by"), null=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = RevaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("revaluation")
        verbose_name_plural = _("revaluations")
        ordering = ("-day", "-id")
        indexes = [models.Index(fields=["company", "-day"], name="revaluation_by_day")]

    def __str__(self) -> str:
        return f"{self.day}"

    def get_absolute_url(self) -> str:
        return record_url("revaluation:detail", self.pk)

    @property
    def gain(self) -> Decimal:
        """What it changed in our favour."""
        return sum((one.effect for one in self.lines.all() if one.effect > 0), Decimal("0.00"))

    @property
    def loss(self) -> Decimal:
        """What it changed against us, above zero."""
        return sum((-one.effect for one in self.lines.all() if one.effect < 0), Decimal("0.00"))


class RevaluationLine(models.Model):
    """One open item: how much of it was open, the rate, and what it was worth before and after."""

    READERS = READERS

    TIERS = {"open_amount": "cost", "before": "cost", "after": "cost", "effect": "cost"}

    id = models.BigAutoField(primary_key=True)
    revaluation = _of("revaluation.Revaluation", _("revaluation"), related_name="lines")
    position = models.PositiveIntegerField(_("line"))
    invoice = _of("invoices.Invoice", _("invoice"), null=True, related_name="revaluations")
    bill = _of("bills.Bill", _("bill"), null=True, related_name="revaluations")
    currency = models.CharField(_("currency"), max_length=3)
    open_amount = amount_field(_("open"))
    rate = exchange_field(_("exchange rate"))
    before = amount_field(_("worth before"))
    after = amount_field(_("worth after"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("revalued item")
        verbose_name_plural = _("revalued items")
        ordering = ("revaluation", "position")
        constraints = [
            models.UniqueConstraint(fields=["revaluation", "position"], name="revaluation_position_once"),
            models.UniqueConstraint(
                fields=["revaluation", "invoice"], condition=Q(invoice__isnull=False), name="revalued_invoice_once"
            ),
            models.UniqueConstraint(
                fields=["revaluation", "bill"], condition=Q(bill__isnull=False), name="revalued_bill_once"
            ),
            models.CheckConstraint(
                condition=Q(invoice=None, bill__isnull=False) | Q(invoice__isnull=False, bill=None),
                name="revalued_is_one_item",
            ),
            models.CheckConstraint(
                condition=Q(open_amount__gt=0, rate__gt=0, before__gte=0, after__gte=0) & ~Q(before=F("after")),
                name="revaluation_changes_something",
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def document(self) -> Any:
        """The invoice, credit note or bill."""
        return self.invoice or self.bill

    @property
    def effect(self) -> Decimal:
        """What it changed in our favour: an invoice worth more, or a bill or a credit note worth less."""
        return sign_of(self.document) * (self.after - self.before)


def sign_of(document: Any) -> int:
    """Who owes whom: an invoice is owed to us, a credit note and a bill by us."""
    return 1 if isinstance(document, Invoice) and not document.is_credit_note else -1
