"""Two records that were one: what was merged into what, with all that is needed to split them again."""

from datetime import timedelta
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.visible import VisibleQuerySet

SPLIT_WITHIN = timedelta(days=30)


class MergeKind(models.TextChoices):
    """What was merged."""

    ACCOUNT = "account", _("account")
    CONTACT = "contact", _("contact")


class MergeQuerySet(VisibleQuerySet):
    """Words about merges."""

    def visible_to(self, user: Any) -> Self:
        """Seen by whoever sees what stayed."""
        seen = Q()
        for kind, name in ((MergeKind.ACCOUNT, "Account"), (MergeKind.CONTACT, "Contact")):
            model: Any = apps.get_model("accounts", name)  # they stand on this module
            seen |= Q(kind=kind, winner__in=model.objects.visible_to(user).values("pk"))
        return self.filter(seen)

    def standing(self) -> Self:
        """Not split again."""
        return self.filter(split_at=None)


class Merge(models.Model):
    """`loser` is a part of `winner` now: its fields as they were, what the winner took, and which rows followed."""

    id = uuid7_pk()
    kind = models.CharField(_("kind"), max_length=8, choices=MergeKind.choices)
    winner = models.UUIDField(_("stays"), db_index=True)
    loser = models.UUIDField(_("merged into it"), db_index=True)
    loser_name = models.CharField(_("name"), max_length=250)
    snapshot = models.JSONField(encoder=DjangoJSONEncoder)
    taken = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    rows = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    split_at = models.DateTimeField(_("split again"), null=True)
    split_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("split by")
    )

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MergeKind.values), name="merge_kind_known"),
            models.CheckConstraint(condition=~Q(winner=F("loser")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(split_at__isnull=True, split_by__isnull=True)
                | Q(split_at__lte=F("merged_at") + SPLIT_WITHIN, split_by__isnull=False),
                name="merge_split_in_time",
            ),
            models.UniqueConstraint(fields=["loser"], condition=Q(split_at=None), name="merged_into_one"),
        ]

    def __str__(self) -> str:
        return self.loser_name

    @property
    def until(self) -> Any:
        """Till when it may be split."""
        return self.merged_at + SPLIT_WITHIN

    @property
    def may_be_split(self) -> bool:
        return self.split_at is None and timezone.now() <= self.until
