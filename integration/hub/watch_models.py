"""What watches the hub itself: alerts, the seals of the archive, and how the sides compare."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from integration.hub import roles


class AlertKind(models.TextChoices):
    """What needs a person."""

    CASE = "case", _("cases")
    STALLED = "stalled", _("what stands still")
    PARKED = "parked", _("what is parked")
    DOWN = "down", _("a side that does not answer")
    SIDE = "side", _("what is parked on a side")
    REFUSED = "refused", _("what is refused for long")
    WATCH = "watch", _("a part of the watch")
    COMPARISON = "comparison", _("comparisons")
    ALERTING = "alerting", _("the telling itself")


class AlertQuerySet(VisibleQuerySet):
    """Words about alerts."""

    def standing(self) -> Self:
        return self.filter(ended_at=None)


class Alert(models.Model):
    """Something that needs a person; one standing alert per kind and subject, however often it is seen."""

    id = uuid7_pk()
    kind = models.CharField(_("kind"), max_length=20)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.CharField(_("text"), max_length=500)
    url = models.CharField(max_length=300, blank=True, default="")
    began_at = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    told_at = models.DateTimeField(_("last told"), null=True, blank=True)
    mail_error = models.CharField(max_length=300, blank=True, default="")
    webhook_error = models.CharField(max_length=300, blank=True, default="")

    READERS = roles.READERS
    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(ended_at=None), name="one_standing_alert"
            )
        ]
        indexes = [models.Index(fields=["-began_at"], name="alert_time")]

    def __str__(self) -> str:
        return self.text


class Silence(models.Model):
    """An operator wants to hear no more of this for a while; it still stands in the interface."""

    kind = models.CharField(_("kind"), max_length=20)
    subject = models.CharField(_("subject"), max_length=300, blank=True, default="")
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    READERS = roles.READERS
    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()


class Pulse(models.Model):
    """When a part of the watch last did its work; the sides are shown it and alarm when it stops."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    told = models.JSONField(default=dict)


class Seal(models.Model):
    """A closed batch of the archive: its head covers its events and the head before, and is signed by the hub."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    count = models.PositiveIntegerField(_("events"))
    previous = models.CharField(max_length=64)
    content = models.CharField(max_length=64)
    head = models.CharField(_("head"), max_length=64)
    keyid = models.CharField(max_length=100)
    signature = models.CharField(max_length=200)
    sealed_at = models.DateTimeField(_("sealed"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["-number"]


class SealedEvent(models.Model):
    """Which event stands where in which seal."""

    event = models.OneToOneField("hub.Archived", on_delete=models.PROTECT, primary_key=True, related_name="sealed")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="events")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="one_event_per_position")]


class Erasure(models.Model):
    """Whose words were erased, by whom and why; the digest in the chain stays."""

    event = models.OneToOneField("hub.Archived", on_delete=models.PROTECT, primary_key=True, related_name="erasure")
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()


class Comparison(models.Model):
    """One reconciliation of one subject: how many records both sides have, and how many differ."""

    id = uuid7_pk()
    subject = models.CharField(_("subject"), max_length=40)
    began_at = models.DateTimeField(_("began"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    compared = models.PositiveIntegerField(_("compared"), default=0)
    differing = models.PositiveIntegerField(_("differing"), default=0)
    error = models.CharField(max_length=500, blank=True, default="")

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        indexes = [models.Index(fields=["subject", "-began_at"], name="comparison_time")]


class Observation(models.Model):
    """What an event would have done on a route that only observes: a dry run on the receiving side, taken back."""

    id = uuid7_pk()
    route = models.ForeignKey("hub.Route", on_delete=models.CASCADE, related_name="observations")
    event = models.ForeignKey("hub.Archived", on_delete=models.PROTECT, related_name="observations")
    verdict = models.CharField(_("verdict"), max_length=10, blank=True, default="")
    text = models.CharField(_("what"), max_length=500, blank=True, default="")
    changes = models.JSONField(default=dict)
    tried_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "event"], name="one_observation_per_route")]
        indexes = [models.Index(fields=["id"], name="observation_due", condition=models.Q(tried_at=None))]


class Grant(models.Model):
    """A restricted contract may go to this side: who allowed it, and why; who withdrew it is in its history."""

    contract = models.CharField(_("contract"), max_length=100)
    destination = models.CharField(_("to"), max_length=40)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    READERS = roles.READERS
    history = HistoricalRecords(history_change_reason_field=models.CharField(max_length=500, null=True))
    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "destination"], name="one_grant_per_audience")]
