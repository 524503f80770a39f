"""What was measured: one row a save, written once."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.visible import VisibleQuerySet

READERS = ("manager", "admin")


class Way(models.TextChoices):
    """Where the form was filled in."""

    PAGE = "page", _("On its page")
    OFFLINE = "offline", _("Without a connection")


class Screen(models.TextChoices):
    """On what."""

    PHONE = "phone", pgettext_lazy("screen", "Phone")
    DESK = "desk", pgettext_lazy("screen", "Desk")


class Measure(models.Model):
    """One save: how long it took and how many touches. It names no record and nobody, and has a day and no hour.

    The database refuses a change, and lets go only of what is old (`sql/measures.sql`). `fields` is
    `{name: [seconds, taps, keys, filled (1 or 0)]}`.
    """

    READERS = READERS

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text=_("By chance; of two tellings one counts."))
    day = models.DateField(_("day"))
    form = models.CharField(_("form"), max_length=20)
    way = models.CharField(_("where"), max_length=7, choices=Way.choices)
    screen = models.CharField(_("screen"), max_length=5, choices=Screen.choices)
    role = models.CharField(_("role"), max_length=20, blank=True)
    team = models.UUIDField(
        _("team"), null=True, help_text=_("Only of teams that are large enough to be no one's name.")
    )
    seconds = models.DecimalField(_("seconds"), max_digits=6, decimal_places=1)
    taps = models.PositiveSmallIntegerField(_("taps"))
    keys = models.PositiveSmallIntegerField(_("keys"))
    mistakes = models.PositiveSmallIntegerField(_("sent back"), default=0)
    fields = models.JSONField(_("fields"), default=dict)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("measured save")
        verbose_name_plural = _("measured saves")
        ordering = ("-day", "key")
        indexes = [models.Index(fields=["day", "form"], name="measure_by_day")]
        constraints = [
            models.CheckConstraint(condition=models.Q(seconds__gte=0), name="measure_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.day}"
