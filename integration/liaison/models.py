from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from base.links import record_url
from base.roles import has_role

# Who mends what the side said: the roles that may also change it.
PEOPLE = {"crm": ("manager", "admin"), "erp": ("order_desk", "accountant", "admin"), "integration": ("admin",)}


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Words about amendments."""

    def visible_to(self, user: Any) -> Self:
        """All of them to those who can mend, none to others."""
        return self if has_role(user, *PEOPLE[settings.SIDE]) else self.none()

    def waiting(self) -> Self:
        return self.filter(done_at=None)


class Amendment(models.Model):
    """The hub found something wrong in what this side said; a person here looks, mends it here, and ticks it off."""

    id = models.UUIDField(primary_key=True, editable=False)  # the case's id at the hub
    number = models.CharField(_("case"), max_length=40)
    about = models.CharField(_("about"), max_length=300)
    contract = models.CharField(_("contract"), max_length=100)
    event = models.UUIDField(null=True)
    cause = models.CharField(_("what is wrong"), max_length=250)
    differences = models.JSONField(default=list)
    note = models.TextField(_("note"), blank=True, default="")
    asked_by = models.CharField(_("asked by"), max_length=250, blank=True, default="")
    asked_at = models.DateTimeField(_("asked"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.CharField(_("done by"), max_length=150, blank=True, default="")
    answer = models.CharField(_("what was done"), max_length=500, blank=True, default="")

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment asked for")
        verbose_name_plural = _("amendments asked for")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["asked_at"], name="amendment_waiting", condition=models.Q(done_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None) | ~models.Q(answer=""), name="amendment_done_says_what"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.cause}"

    def get_absolute_url(self) -> str:
        return record_url("liaison:amendment", self.pk)


class HubPulse(models.Model):
    """When the hub's alarm last showed that it lives; a silent alarm is an alarm here."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    head = models.CharField(max_length=64, blank=True, default="")  # the head of the hub's archive, kept outside of it
    seal = models.PositiveBigIntegerField(default=0)
    told_at = models.DateTimeField(null=True)

    objects: models.Manager["HubPulse"] = models.Manager()
