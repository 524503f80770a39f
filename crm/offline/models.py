"""Operations that came from devices, and the values that clashed."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.fields import uuid7_pk
from base.roles import has_role
from crm.accounts.models import READERS


class Fate(models.TextChoices):
    """What became of an operation."""

    APPLIED = "applied", pgettext_lazy("operation", "done")
    CLASH = "clash", pgettext_lazy("operation", "done, with a clash")
    REFUSED = "refused", pgettext_lazy("operation", "refused")


class OperationQuerySet(models.QuerySet[Any]):
    """Words about operations."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(user=user.pk) if has_role(user, *READERS) else self.none()


class Operation(models.Model):
    """One form filled in on a device; written once, in the transaction of its effect."""

    id = uuid7_pk()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    key = models.UUIDField(_("the device's own name for it"))
    device = models.UUIDField(_("device"))
    number = models.PositiveIntegerField(_("number on the device"))
    kind = models.CharField(_("kind"), max_length=20)
    told = models.JSONField(_("what was sent"))
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), help_text=_("By our clock, as far as the device's can be trusted."))
    received_at = models.DateTimeField(_("received"))
    fate = models.CharField(_("what became of it"), max_length=8, choices=Fate.choices, blank=True, default="")
    answer = models.JSONField(_("answer"), default=dict)
    record_kind = models.CharField(_("kind of record"), max_length=10, blank=True, default="")
    record = models.UUIDField(_("record"), null=True)
    replaces = models.UUIDField(_("corrects"), null=True)
    dropped_at = models.DateTimeField(_("given up"), null=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="operation_once"),
            models.CheckConstraint(condition=Q(fate__in=["", *Fate.values]), name="operation_fate_known"),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(fate=Fate.REFUSED), name="operation_only_refused_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Choice(models.TextChoices):
    """Which of two values shall stand."""

    THEIRS = "theirs", _("what stands there")
    MINE = "mine", _("what was written offline")


class ClashQuerySet(models.QuerySet[Any]):
    """Words about clashes."""

    def visible_to(self, user: Any) -> Self:
        """Those of one's own operations and those on one's own records; managers see all."""
        if has_role(user, "manager", "admin"):
            return self
        if not has_role(user, *READERS):
            return self.none()
        return self.filter(Q(operation__user=user.pk) | Q(owner=user.pk))

    def open(self) -> Self:
        """Nobody has chosen yet."""
        return self.filter(decided_at=None)


class Clash(models.Model):
    """Two values of one field: the record keeps `theirs`, `mine` waits here until somebody chooses."""

    id = uuid7_pk()
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="clashes", verbose_name=_("operation")
    )
    record_kind = models.CharField(_("kind of record"), max_length=10)
    record = models.UUIDField(_("record"))
    about = models.CharField(_("about"), max_length=250)
    field = models.CharField(_("field"), max_length=40)
    base = models.TextField(_("before"), blank=True)
    mine = models.TextField(_("written offline"), blank=True)
    theirs = models.TextField(_("stands there"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("owner of the record"),
    )
    created_at = models.DateTimeField(_("seen"), auto_now_add=True)
    chosen = models.CharField(_("chosen"), max_length=6, choices=Choice.choices, blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = ClashQuerySet.as_manager()

    class Meta:
        verbose_name = _("clash")
        verbose_name_plural = _("clashes")
        ordering = ("-id",)
        indexes = [models.Index(fields=["owner"], name="clash_open", condition=Q(decided_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["operation", "field"], name="clash_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, chosen="", decided_by=None)
                | Q(decided_at__isnull=False, chosen__in=Choice.values, decided_by__isnull=False),
                name="clash_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about}: {self.field}"
