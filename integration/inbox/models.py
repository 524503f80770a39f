from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from integration.lanes import QueuedRow, queue_indexes
from integration.rights import WIRE_READERS


class Position(models.Model):
    """How far a route has come for an aggregate; its row lock lets one delivery at a time through."""

    route = models.CharField(max_length=40)
    partition_key = models.CharField(max_length=300)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "partition_key"], name="one_position_per_aggregate")]


class Incoming(QueuedRow):
    """One event this side was told, with the signature that proves who said it."""

    id = uuid7_pk()
    event_id = models.UUIDField(_("event"), unique=True)
    digest = models.CharField(max_length=64)
    type = models.CharField(_("type"), max_length=100)
    source = models.CharField(_("source"), max_length=40)
    route = models.CharField(_("route"), max_length=40)
    mode = models.CharField(max_length=8, default="live")
    correlation_id = models.CharField(max_length=64, blank=True, default="")
    keyid = models.CharField(max_length=100)
    signature = models.CharField(max_length=200)
    body = models.BinaryField()
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    READERS = WIRE_READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("incoming event")
        verbose_name_plural = _("incoming events")
        constraints = [models.UniqueConstraint(fields=["aggregate", "position"], name="inbox_contiguous")]
        indexes = queue_indexes("inbox")

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Intake(models.Model):
    """Whether this side takes events in: its own people may close it, and while it is closed nobody is turned away
    for good: senders wait."""

    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    closed_by = models.CharField(_("by"), max_length=150, blank=True, default="")

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intake")

    def __str__(self) -> str:
        return str(_("closed") if self.closed_at else _("open"))


class Gap(models.Model):
    """An aggregate of which something is missing here: the relay asks the hub's feed for it."""

    route = models.CharField(max_length=40)
    partition_key = models.CharField(max_length=300)
    seen_at = models.DateTimeField(auto_now_add=True)
    asked = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "partition_key"], name="one_gap_per_aggregate")]


class Refusal(models.Model):
    """What this side refused at its door, a minute of the same in one row: written by `inbox_turn_away` only, which
    keeps the table small whatever comes (`sql/turn_away.sql`). Never a word of what was refused."""

    minute = models.DateTimeField(_("minute"))
    door = models.CharField(_("door"), max_length=10)  # events, or asks: the hub's questions
    code = models.CharField(_("class"), max_length=40)
    status = models.PositiveSmallIntegerField(_("answer"))
    signed_by = models.CharField(_("signed by"), max_length=40, blank=True)  # a neighbour whose signature held
    address = models.CharField(_("came from"), max_length=64, blank=True)
    contract = models.CharField(_("contract"), max_length=100, blank=True)
    event = models.UUIDField(_("event"), null=True)  # the first of them, as far as it could be read
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    times = models.PositiveIntegerField(_("times"))
    last_at = models.DateTimeField(_("last"))

    READERS = WIRE_READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("refusal at the door")
        verbose_name_plural = _("refusals at the door")
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "door", "code", "signed_by", "address", "contract"], name="one_refusal_a_minute"
            )
        ]
        indexes = [models.Index(fields=["-last_at", "-id"], name="refusal_time")]

    def __str__(self) -> str:
        return f"{self.status} {self.code}"
