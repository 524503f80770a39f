"""Promotions: when, for whom, on what and how much."""

from datetime import date, datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.days import house_day
from base.fields import TimeStamped, rate_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from crm.accounts.models import Account, Tier

READERS = ("rep", "agent", "manager", "admin")
DECIDERS = ("manager", "admin")


class Audience(models.TextChoices):
    """Accounts of which service tier."""

    ALL = "all", _("all accounts")
    VIP = "vip", _("VIP accounts")
    STANDARD = "standard", _("standard accounts")


class PromotionState(models.TextChoices):
    """Where it stands today."""

    RUNNING = "running", _("running")
    COMING = "coming", _("coming")
    ENDED = "ended", _("ended")


class PromotionQuerySet(VisibleQuerySet):
    """Words about promotions."""

    def running(self, day: date | None = None) -> Self:
        """The day (today) is one of its days, and nobody has stopped it."""
        day = day or house_day()
        return self.filter(first_day__lte=day, last_day__gte=day, stopped_at=None)

    def coming(self) -> Self:
        """Its first day is still to come."""
        return self.filter(first_day__gt=house_day(), stopped_at=None)

    def ended(self) -> Self:
        """Its last day has passed, or it was stopped."""
        return self.filter(Q(last_day__lt=house_day()) | Q(stopped_at__isnull=False))

    def on_product(self, sku: str) -> Self:
        """Of this product, or of all."""
        return self.filter(Q(skus__contains=[sku]) | Q(skus=[]))

    def for_account(self, account: Account) -> Self:
        """Which an account of this tier and country gets."""
        audience = Audience.VIP if account.tier == Tier.VIP else Audience.STANDARD
        country = Q(countries=[]) | Q(countries__contains=[account.country.strip().casefold()])
        return self.filter(country, audience__in=[Audience.ALL, audience])

    def matching(self, text: str) -> Self:
        """Each word somewhere in the name, the note or the products."""
        found = self
        for word in text.split()[:6]:
            found = found.filter(Q(name__icontains=word) | Q(note__icontains=word) | Q(skus__icontains=word))
        return found


class Promotion(TimeStamped):
    """From the first to the last day the products cost less by the discount, for the accounts it is meant for."""

    READERS = READERS
    TIERS = {"discount": "price"}

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=80)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    discount = rate_field(_("discount"))
    skus = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("products"),
        blank=True,
        default=list,
        help_text=_("SKUs of the catalogue; all products when empty."),
    )
    audience = models.CharField(
        pgettext_lazy("promotion", "for"), max_length=8, choices=Audience.choices, default=Audience.ALL
    )
    countries = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("countries"),
        blank=True,
        default=list,
        help_text=_("As accounts have them, in small letters; all countries when empty."),
    )
    note = models.CharField(_("note"), max_length=250, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("stopped by"),
    )

    history = HistoricalRecords()
    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ("-first_day", "-id")
        indexes = [models.Index(fields=["last_day", "first_day"], name="promotion_days")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="promotion_has_name"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="promotion_days_in_order"),
            models.CheckConstraint(condition=Q(discount__gt=0, discount__lt=1), name="promotion_discount_is_fraction"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="promotion_audience_known"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="promotion_stopped_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("promotions:detail", self.pk)

    @property
    def state(self) -> PromotionState:
        """Where it stands today."""
        return self.state_on(house_day())

    def state_on(self, day: date) -> PromotionState:
        """Where it stands on that day."""
        if self.stopped_at is not None or self.last_day < day:
            return PromotionState.ENDED
        return PromotionState.COMING if self.first_day > day else PromotionState.RUNNING

    @property
    def has_ended(self) -> bool:
        """Does it give nothing any more?"""
        return self.state == PromotionState.ENDED

    def ran_at(self, moment: datetime) -> bool:
        """Could a price be promised with it then?"""
        zone = timezone.get_default_timezone()
        begins = datetime.combine(self.first_day, time(), zone)
        ends = datetime.combine(self.last_day + timedelta(days=1), time(), zone)
        return begins <= moment < ends and (self.stopped_at is None or moment < self.stopped_at)

    def covers(self, sku: str) -> bool:
        """Is the product among its own?"""
        return not self.skus or sku in self.skus

    @property
    def whose(self) -> str:
        """Who gets it, in a few words."""
        return " · ".join([str(self.get_audience_display()), *(one.title() for one in self.countries)])
