from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.roles import has_role


def may_manage(user: Any) -> bool:
    """Admins of the side, and whoever was given the permission."""
    return has_role(user, "admin") or bool(user.is_active and user.has_perm("webhooks.manage_webhooks"))


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Words about endpoints."""

    def visible_to(self, user: Any) -> Self:
        """All of the side's that are not removed, to whoever may manage webhooks."""
        return self.filter(removed_at=None) if may_manage(user) else self.none()


class Endpoint(models.Model):
    """Where to tell it, what of it, and the secret (sealed) with which it is signed."""

    id = uuid7_pk()
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("what for"), max_length=200, blank=True, default="")
    events = ArrayField(models.CharField(max_length=100), verbose_name=_("events"))
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(editable=False, blank=True, default="")
    previous_until = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    disabled_reason = models.CharField(_("why"), max_length=300, blank=True, default="")
    removed_at = models.DateTimeField(null=True, editable=False)

    history = HistoricalRecords(excluded_fields=["secret", "previous_secret", "previous_until"])

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        permissions = [("manage_webhooks", "Can manage webhooks")]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("webhooks:detail", args=[self.pk])

    @property
    def state(self) -> str:
        """`active` or `paused`."""
        return "paused" if self.disabled_at else "active"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Words about deliveries."""

    def visible_to(self, user: Any) -> Self:
        """All of the side's, as with endpoints."""
        return self if may_manage(user) else self.none()


class Delivery(models.Model):
    """One fact on its way to one endpoint: the very bytes, and how the attempts went."""

    id = uuid7_pk()
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event_id = models.UUIDField(_("event"))
    type = models.CharField(_("type"), max_length=100)
    body = models.BinaryField()
    state = models.CharField(_("state"), max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("next attempt"), default=timezone.now)
    answered = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("told"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_told_once_per_endpoint")]
        indexes = [
            models.Index(fields=["not_before"], name="webhook_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-created_at"], name="webhook_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
