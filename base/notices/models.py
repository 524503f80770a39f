"""The abstract table of notices; each side has its own."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk


class Tone(models.TextChoices):
    INFO = "info", _("News")
    GOOD = "good", _("Good news")
    WARN = "warn", _("Needs attention")
    BAD = "bad", _("Went wrong")


class NoticeQuerySet(models.QuerySet[Any]):
    """Words about notices."""

    def visible_to(self, user: Any) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class NoticeBase(models.Model):
    """What one person was told, and whether they have looked."""

    id = uuid7_pk()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(_("text"), max_length=500)
    url = models.CharField(_("leads to"), max_length=300, blank=True, default="")
    tone = models.CharField(_("tone"), max_length=4, choices=Tone.choices, default=Tone.INFO)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(tone__in=Tone.values), name="notice_tone_known")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        """Going where it leads reads it."""
        return reverse("notices:open", args=[self.pk])
