"""Dated exchange rates."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.rates.roles import READERS

DECIMALS = 10
LIMIT = Decimal("1e9")
ISO_CODE = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as USD."))


def exchange_field(verbose_name: Any = None, **options: Any) -> "models.DecimalField[Any, Any]":
    """What one unit of a currency is worth in that of the books; a yen has many zeros behind the point."""
    return models.DecimalField(verbose_name, max_digits=19, decimal_places=DECIMALS, **options)


class ExchangeRateQuerySet(VisibleQuerySet):
    """Words about rates."""

    def known_on(self, currency: str, day: date) -> Self:
        """Those of a currency up to a day, the newest first."""
        return self.filter(currency=currency, day__lte=day).order_by("-day")

    def matching(self, text: str) -> Self:
        """Currency or source contains every word."""
        for word in text.split():
            self = self.filter(Q(currency__iexact=word) | Q(source__icontains=word))
        return self


class ExchangeRate(TimeStamped):
    """On that day, and until a later row says otherwise, one unit is worth so much in the currency of the books.

    Documents keep the rate they were booked at, so a rate put right later changes nothing that is in the books.
    """

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3, validators=[ISO_CODE])
    day = models.DateField(_("day"))
    rate = exchange_field(_("exchange rate"), help_text=_("What one unit is worth in the currency of the books."))
    source = models.CharField(_("source"), max_length=80, blank=True, default="", help_text=_("Who says so."))

    history = HistoricalRecords()
    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ("-day", "currency")
        constraints = [
            models.UniqueConstraint(fields=["company", "currency", "day"], name="one_exchange_rate_a_day"),
            # NaN is greater than any number, and so is no rate either
            models.CheckConstraint(condition=Q(rate__gt=0, rate__lt=LIMIT), name="exchange_rate_is_positive"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="exchange_rate_iso_code"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"

    def get_absolute_url(self) -> str:
        return record_url("rates:edit", self.pk)
