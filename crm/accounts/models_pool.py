"""The public pool: accounts that somebody had and nobody has now, and each stay of an account in it, with why.

The database keeps the stays: whatever takes an account's owner away opens one, whatever gives it an owner closes it,
and who claims more than the policy allows is refused there (`sql/pool.sql`).
"""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet

POOL_READERS = ("rep", "agent", "manager", "admin")


class CameBy(models.TextChoices):
    """How an account came to be nobody's."""

    GIVEN_BACK = "given_back", _("given back")
    FELL_BACK = "fell_back", _("untouched for too long")
    RELEASED = "released", _("left without an owner")
    NEW = "new", _("nobody's from the beginning")


class WentBy(models.TextChoices):
    """How it left the pool."""

    CLAIMED = "claimed", _("claimed")
    ASSIGNED = "assigned", _("given")
    MERGED = "merged", _("merged")


class Why(models.TextChoices):
    """Why somebody gives an account back."""

    NO_NEED = "no_need", _("They need nothing")
    NOT_REACHED = "not_reached", _("Cannot be reached")
    NO_TIME = "no_time", _("No time for them")
    NOT_MINE = "not_mine", _("Outside my territory")
    OTHER = "other", pgettext_lazy("reason", "Something else")


class PoolPolicy(models.Model):
    """What a company decides about its pool; without a row it is as shipped, here and in `sql/pool.sql`."""

    READERS = ("manager", "admin")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    claims_most = models.PositiveSmallIntegerField(
        _("claims of one person at most"),
        default=10,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Within the days below. Empty: as many as they like."),
    )
    claims_days = models.PositiveSmallIntegerField(
        _("counted over, days"), default=7, validators=[MinValueValidator(1)]
    )
    back_days = models.PositiveSmallIntegerField(
        _("who gave it up waits, days"),
        default=30,
        help_text=_("So long whoever had an account last cannot claim it again. 0: no wait."),
    )
    idle_days = models.PositiveSmallIntegerField(
        _("untouched accounts fall back after, days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Open deals, orders and tickets protect an account. Empty: none ever falls back."),
    )
    warn_days = models.PositiveSmallIntegerField(
        _("the owner is warned before, days"), default=7, validators=[MinValueValidator(1)]
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy for the public pool")
        verbose_name_plural = _("policy for the public pool")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_pool_policy"),
            models.CheckConstraint(
                condition=(Q(claims_most=None) | Q(claims_most__gte=1))
                & Q(claims_days__gte=1)
                & Q(warn_days__gte=1)
                & (Q(idle_days=None) | Q(idle_days__gte=1)),
                name="pool_policy_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return str(_("policy for the public pool"))

    @classmethod
    def current(cls) -> "PoolPolicy":
        """The one there is; what is not decided yet is as we ship it."""
        return cls.objects.first() or cls()


class StayQuerySet(VisibleQuerySet):
    """Words about stays."""

    def visible_to(self, user: Any) -> Self:
        """With its account, or while it lies in the pool."""
        from crm.accounts.models import Account, PoolAccount  # they stand on this module

        seen = Q(account__in=Account.objects.visible_to(user).values("pk"))
        return self.filter(seen | Q(account__in=PoolAccount.objects.visible_to(user).values("pk")))

    def open(self) -> Self:
        """Still in the pool."""
        return self.filter(until=None)

    def claimed_by(self, user: Any, since: Any) -> Self:
        """What counts against somebody's limit."""
        return self.filter(went_by=WentBy.CLAIMED, taken_by=user, until__gt=since)


class PoolStay(models.Model):
    """One time that an account lay in the pool: how it came, who had it, and who has it since."""

    id = uuid7_pk()
    # ON DELETE CASCADE by the database: the rows of an account that is still there cannot be deleted.
    account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="stays",
        verbose_name=_("account"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    came_by = models.CharField(_("came by"), max_length=12, choices=CameBy.choices)
    why = models.CharField(_("why"), max_length=12, choices=Why.choices, blank=True, default="")
    note = models.CharField(_("note"), max_length=250, blank=True, default="")
    # No constraint: they outlive a user who is deleted.
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("had by"),
    )
    until = models.DateTimeField(_("until"), null=True)
    went_by = models.CharField(_("went by"), max_length=12, choices=WentBy.choices, blank=True, default="")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("taken by"),
    )

    objects = StayQuerySet.as_manager()

    class Meta:
        verbose_name = _("stay in the pool")
        verbose_name_plural = _("stays in the pool")
        ordering = ("-since", "-id")
        indexes = [
            models.Index(fields=["taken_by", "until"], name="pool_claims", condition=Q(went_by="claimed")),
            models.Index(fields=["account", "-since"], name="pool_stays_of_account"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(until=None), name="pooled_once"),
            models.CheckConstraint(condition=Q(came_by__in=CameBy.values), name="pool_came_by_known"),
            models.CheckConstraint(condition=Q(why__in=["", *Why.values]), name="pool_why_known"),
            models.CheckConstraint(
                condition=Q(until=None, went_by="", taken_by=None)
                | Q(until__gte=F("since"), went_by=WentBy.MERGED, taken_by=None)
                | Q(until__gte=F("since"), went_by__in=[WentBy.CLAIMED, WentBy.ASSIGNED], taken_by__isnull=False),
                name="pool_stay_ends_with_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_came_by_display())

    @property
    def reason(self) -> str:
        """Why, in one line."""
        told = str(self.get_why_display() if self.why else self.get_came_by_display())
        return f"{told}: {self.note}" if self.note else told


class PoolWarning(models.Model):
    """Its owner was told that the account is about to fall back; the clock forgets it when it holds no more."""

    READERS = ("manager", "admin")

    account = models.UUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    warned_at = models.DateTimeField(_("warned"), default=timezone.now)

    objects = VisibleQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.warned_at)
