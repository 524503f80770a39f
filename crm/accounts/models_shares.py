"""Shares: for some time a colleague or a team sees an account that is not theirs, or changes it too."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.days import house_day
from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from crm.access.models import Team
from crm.access.people import name_of

LONGEST = timedelta(days=366)


class ShareLevel(models.TextChoices):
    """How far it reaches."""

    SEE = "see", pgettext_lazy("share", "See it")
    CHANGE = "change", pgettext_lazy("share", "Change it too")


class ShareQuerySet(VisibleQuerySet):
    """Words about shares."""

    def visible_to(self, user: Any) -> Self:
        """Who sees the account may know who else does."""
        from crm.accounts.models import Account  # it stands on this module

        return self.filter(account__in=Account.objects.visible_to(user))

    def live(self) -> Self:
        """Neither ended nor over."""
        return self.filter(ended_at=None, until__gte=house_day())


class AccountShare(models.Model):
    """An account, to a person or a team, until the end of a day."""

    id = uuid7_pk()
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="shares", verbose_name=_("account")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    level = models.CharField(
        pgettext_lazy("share", "may"), max_length=6, choices=ShareLevel.choices, default=ShareLevel.SEE
    )
    since = models.DateField(_("since"), default=house_day)
    until = models.DateField(_("until"), help_text=_("This day included."))
    why = models.CharField(_("why"), max_length=250, blank=True, default="")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("shared by")
    )
    given_at = models.DateTimeField(_("shared"), default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    history = HistoricalRecords()
    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of an account")
        verbose_name_plural = _("shares of accounts")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["user", "until"], name="share_live_of_person", condition=Q(ended_at=None)),
            models.Index(fields=["team", "until"], name="share_live_of_team", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None) | Q(user=None, team__isnull=False),
                name="share_with_person_or_team",
            ),
            models.CheckConstraint(condition=Q(level__in=ShareLevel.values), name="share_level_known"),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) & Q(until__lte=F("since") + LONGEST), name="share_within_a_year"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(ended_by=None), name="share_ended_by_somebody_at_some_time"
            ),
            models.UniqueConstraint(
                fields=["account", "user"],
                condition=Q(ended_at=None, user__isnull=False),
                name="shared_once_with_person",
            ),
            models.UniqueConstraint(
                fields=["account", "team"], condition=Q(ended_at=None, team__isnull=False), name="shared_once_with_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.whom}"

    @property
    def whom(self) -> str:
        """With whom it is shared, in words."""
        return name_of(self.user) if self.user_id else str(self.team)

    @property
    def is_live(self) -> bool:
        """Neither ended nor over."""
        return self.ended_at is None and self.until >= house_day()

    def may_end(self, user: Any) -> bool:
        """Whoever decides over the account, and who gave it."""
        return self.given_by_id == user.pk or self.account.held_by(user)
