from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from integration.hub import roles
from integration.hub.case_models import (
    Case,
    CaseHit,
    CaseState,
    Known,
    Pause,
    Scope,
    SetAside,
)
from integration.hub.watch_models import (
    Alert,
    AlertKind,
    Comparison,
    Erasure,
    Grant,
    Observation,
    Pulse,
    Seal,
    SealedEvent,
    Silence,
)
from integration.lanes import QueuedRow, queue_indexes

__all__ = [
    "Alert",
    "AlertKind",
    "Archived",
    "Case",
    "CaseHit",
    "CaseState",
    "Comparison",
    "Delivery",
    "Erasure",
    "Grant",
    "Known",
    "Mapping",
    "Observation",
    "Pause",
    "Phase",
    "Pulse",
    "Quarantined",
    "Resigned",
    "Route",
    "RouteStream",
    "Scope",
    "Seal",
    "SealedEvent",
    "SetAside",
    "Silence",
    "Stream",
]


class Archived(models.Model):
    """One event as its owner signed it; grows, and never changes."""

    event_id = models.UUIDField(_("event"), primary_key=True, editable=False)
    digest = models.CharField(max_length=64)
    type = models.CharField(_("type"), max_length=100)
    source = models.CharField(_("source"), max_length=40)
    partition_key = models.CharField(_("aggregate"), max_length=300)
    aggregate_seq = models.BigIntegerField(_("number"))
    correlation_id = models.CharField(_("correlation"), max_length=64, blank=True, default="")
    causation_id = models.CharField(_("cause"), max_length=64, blank=True, default="")
    keyid = models.CharField(_("key"), max_length=100)
    signature = models.CharField(max_length=200)
    body = models.BinaryField()
    told_at = models.DateTimeField(_("told"))
    archived_at = models.DateTimeField(_("archived"), auto_now_add=True)

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("archived event")
        verbose_name_plural = _("archived events")
        constraints = [
            models.UniqueConstraint(fields=["source", "partition_key", "aggregate_seq"], name="archive_contiguous")
        ]
        indexes = [
            models.Index(fields=["correlation_id"], name="archive_correlation"),
            models.Index(fields=["-archived_at"], name="archive_time"),
            models.Index(fields=["type", "-archived_at"], name="archive_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Stream(models.Model):
    """How far an aggregate of a source has come; its row lock lets one event at a time in."""

    source = models.CharField(max_length=40)
    partition_key = models.CharField(max_length=300)
    last = models.BigIntegerField(default=0)
    checked = models.BigIntegerField(default=0)  # up to here the detectors have looked, or a person has decided
    disputed = models.BooleanField(default=False)  # a case holds it: what follows is archived and held, unchecked

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "partition_key"], name="one_stream_per_aggregate")]


class Phase(models.TextChoices):
    """How far a route has been adopted."""

    OFF = "off", _("off")
    OBSERVED = "observed", _("observed")
    ON = "on", _("on")


class Route(models.Model):
    """One contract on its way to one destination."""

    contract = models.CharField(_("contract"), max_length=100)
    source = models.CharField(_("from"), max_length=40)
    destination = models.CharField(_("to"), max_length=40)
    phase = models.CharField(_("phase"), max_length=8, choices=Phase, default=Phase.ON)

    history = HistoricalRecords()

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [models.UniqueConstraint(fields=["contract", "destination"], name="one_route_per_contract")]
        ordering = ["source", "contract"]

    def __str__(self) -> str:
        return f"{self.contract} → {self.destination}"

    @property
    def direction(self) -> str:
        """The stream that the destination counts: `crm>erp`."""
        return f"{self.source}>{self.destination}"


class RouteStream(models.Model):
    """The last number a direction has used for an aggregate, so that a destination can see that none is missing."""

    direction = models.CharField(max_length=40)
    partition_key = models.CharField(max_length=300)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["direction", "partition_key"], name="one_number_per_direction")]


class Delivery(QueuedRow):
    """An archived event on its way to one destination."""

    id = uuid7_pk()
    event = models.ForeignKey(Archived, on_delete=models.PROTECT, related_name="deliveries")
    replaces = models.ForeignKey(Archived, on_delete=models.PROTECT, null=True, blank=True, related_name="left_out")
    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="deliveries")
    destination = models.CharField(_("to"), max_length=40)
    mode = models.CharField(max_length=8, default="live")
    created_at = models.DateTimeField(auto_now_add=True)
    answered = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["aggregate", "position"], name="delivery_contiguous")]
        indexes = [
            *queue_indexes("delivery", "destination"),
            models.Index(fields=["route", "-finished_at"], name="delivery_rate"),
        ]

    @classmethod
    def held_sql(cls) -> tuple[str, list[Any]]:
        """What a pause holds; a held head holds all that follows it, so nothing overtakes."""
        return PAUSED, []

    @property
    def direction(self) -> str:
        """The stream it is numbered in: `crm>erp`."""
        return self.aggregate.partition(" ")[0]


# A row is held when one of the four names it goes by is paused; one look into an index of active pauses.
PAUSED = """EXISTS (SELECT FROM hub_pause p WHERE p.ended_at IS NULL AND p.key = ANY (ARRAY[
    'all:', 'direction:' || split_part(h.aggregate, ' ', 1), 'aggregate:' || regexp_replace(h.aggregate, '>[^ ]*', ''),
    'contract:' || (SELECT r.contract FROM hub_route r WHERE r.id = h.route_id)]))"""


class Mapping(models.Model):
    """The customer of the CRM and the party of the ERP that are the same, and the event or the person that says so."""

    customer = models.UUIDField(_("customer"), primary_key=True)
    party = models.CharField(_("party"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=250, blank=True, default="")
    evidence = models.ForeignKey(Archived, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    written_by = models.CharField(_("written down by"), max_length=150, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()

    READERS = roles.READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")

    def __str__(self) -> str:
        return f"{self.name or self.customer} ↔ {self.party}"


class Quarantined(models.Model):
    """A delivery the hub would not take, for the operator to see; at most the newest thousand are kept."""

    sender = models.CharField(_("from"), max_length=40, blank=True, default="")
    status = models.PositiveSmallIntegerField(_("answer"))
    code = models.CharField(_("code"), max_length=40)
    reason = models.TextField(_("reason"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("refused delivery")
        verbose_name_plural = _("refused deliveries")


class Resigned(models.Model):
    """An archived event's newer signature, made by its owner after the key that first signed it was revoked."""

    event = models.OneToOneField(Archived, on_delete=models.PROTECT, primary_key=True, related_name="resigned")
    keyid = models.CharField(_("key"), max_length=100)
    signature = models.CharField(max_length=200)
    resigned_at = models.DateTimeField(auto_now_add=True)
