"""What the proof found, run by run."""

from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.roles import has_role

READERS = ("accountant", "auditor", "admin")
STARTERS = ("accountant", "auditor", "admin")


class RunQuerySet(models.QuerySet["Run"]):
    """Words about runs."""

    def visible_to(self, user: Any) -> Self:
        """Those who keep or check the books see all of them."""
        return self if has_role(user, *READERS) else self.none()


class Run(models.Model):
    """One look at every invariant, on one snapshot of the database."""

    id = uuid7_pk()
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    asked_by = models.CharField(_("asked for by"), max_length=150, blank=True, default="")
    checked = models.PositiveIntegerField(_("invariants"))
    broken = models.PositiveIntegerField(_("broken"))

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(broken__lte=models.F("checked")), name="proof_counts")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("proof:run", args=[self.pk])

    @property
    def holds(self) -> bool:
        return not self.broken


class Finding(models.Model):
    """What one invariant's query returned: nothing, when all is well."""

    id = uuid7_pk()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(_("invariant"), max_length=40)
    rows = models.PositiveIntegerField(_("rows"))
    sample = models.JSONField(_("the first of them"), default=list)
    error = models.TextField(_("could not be asked"), blank=True, default="")
    duration_ms = models.FloatField(_("took"), help_text=_("milliseconds"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="finding_once")]

    @property
    def holds(self) -> bool:
        return not self.rows and not self.error
