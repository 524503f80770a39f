"""Conflicts: what the hub knows of the business, what it pauses, and the case a person decides."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from base.fields import StateField, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from integration.hub import roles


class Known(models.Model):
    """What the events said of one thing (`product:11`, `deal:…`), as far as detectors need it."""

    name = models.CharField(max_length=300, primary_key=True)
    facts = models.JSONField(default=dict)
    gone = models.BooleanField(default=False)
    as_of = models.DateTimeField()
    evidence = models.UUIDField(null=True)


class Scope(models.TextChoices):
    """How much a pause holds; a detector chooses the smallest that is safe."""

    AGGREGATE = "aggregate", _("one record")
    CONTRACT = "contract", _("one contract")
    DIRECTION = "direction", _("one direction")
    ALL = "all", _("everything")


TWO_PEOPLE = (Scope.DIRECTION, Scope.ALL)


class PauseQuerySet(VisibleQuerySet):
    """Words about pauses."""

    def active(self) -> Self:
        return self.filter(ended_at=None)


class Pause(models.Model):
    """Deliveries that are held until a person lets them go; the claim query of the relay reads the active ones."""

    scope = models.CharField(_("scope"), max_length=10, choices=Scope)
    target = models.CharField(_("what"), max_length=300, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=500)
    began_at = models.DateTimeField(_("since"), auto_now_add=True)
    began_by = models.CharField(_("by"), max_length=150, blank=True, default="")
    asked_at = models.DateTimeField(_("resume asked"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_reason = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(_("resumed"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_reason = models.CharField(max_length=500, blank=True, default="")
    # What the claim query compares with: `aggregate:crm>erp deal:1`, `contract:…`, `direction:crm>erp`, `all:`.
    key = models.GeneratedField(
        expression=models.functions.Concat("scope", models.Value(":"), "target"),
        output_field=models.CharField(max_length=320),
        db_persist=True,
    )

    history = HistoricalRecords(excluded_fields=["key"])
    READERS = roles.READERS
    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.UniqueConstraint(fields=["scope", "target"], condition=models.Q(ended_at=None), name="one_pause"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | ~models.Q(ended_reason=""), name="pause_ends_for_a_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None)
                | ~models.Q(scope__in=["direction", "all"])
                | (models.Q(asked_by__isnull=False) & ~models.Q(asked_by=models.F("ended_by"))),
                name="wide_pause_ends_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["key"], name="pause_active", condition=models.Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.target}".strip()

    @property
    def needs_two(self) -> bool:
        """Four eyes for what holds more than one contract."""
        return self.scope in TWO_PEOPLE


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", _("open")
    ASKED = "asked", _("asked")
    CLOSED = "closed", _("closed")


class CaseQuerySet(VisibleQuerySet):
    """Words about cases."""

    def unsettled(self) -> Self:
        return self.exclude(state=CaseState.CLOSED)


class Case(models.Model):
    """Two values that contradict each other, and the person's decision; one unsettled case per cause and record."""

    id = uuid7_pk()
    number = models.BigIntegerField(unique=True, editable=False)
    cause = models.CharField(_("cause"), max_length=40)
    state = StateField(_("state"), default=CaseState.OPEN, choices=CaseState.choices)
    source = models.CharField(_("from"), max_length=40)
    contract = models.CharField(_("contract"), max_length=100)
    about = models.CharField(_("about"), max_length=300)
    differences = models.JSONField(default=list)  # [{"field", "said", "held"}]
    key = models.CharField(max_length=300, blank=True, default="")
    event = models.ForeignKey("hub.Archived", on_delete=models.PROTECT, null=True, related_name="cases")
    # What was refused at the door is in no archive: its bytes are kept here.
    refused_body = models.BinaryField(null=True)
    refused_digest = models.CharField(max_length=64, blank=True, default="")
    restricted = models.BooleanField(default=False)
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, null=True, related_name="cases")
    hits = models.PositiveIntegerField(_("hits"), default=1)
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    last_hit_at = models.DateTimeField(_("last hit"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    choice = models.CharField(_("decision"), max_length=20, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    asked_event = models.UUIDField(null=True, blank=True)
    erased_at = models.DateTimeField(_("values erased"), null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["refused_body", "erased_at"])
    READERS = roles.READERS
    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "source", "about"],
                condition=~models.Q(state="closed"),
                name="one_unsettled_case_per_cause",
            )
        ]
        indexes = [
            models.Index(fields=["-opened_at"], name="case_time"),
            models.Index(fields=["source", "about"], name="case_about"),
        ]

    def hidden_from(self, user: Any) -> tuple[str, ...]:
        """Of a restricted contract only its tier reads the values, in the history either."""
        from integration.hub.restricted import may_read  # its models must stand first

        return () if may_read(user, self.contract) else ("differences", "key", "reason")

    def __str__(self) -> str:
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return record_url("hub:case", self.pk)

    @transition(field=state, source=CaseState.OPEN, target=CaseState.ASKED)
    def ask(self) -> None:
        """The owner's people are to mend it."""

    @transition(field=state, source=[CaseState.OPEN, CaseState.ASKED], target=CaseState.CLOSED)
    def close(self) -> None:
        """Decided."""


class CaseHit(models.Model):
    """One more event that ran into the same contradiction."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="further")
    event = models.ForeignKey("hub.Archived", on_delete=models.PROTECT, null=True, related_name="+")
    differences = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)


class SetAside(models.Model):
    """A refused event that a person decided to do without: its sender hears yes, and its bytes stay with the case."""

    digest = models.CharField(max_length=64, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="set_aside")
    at = models.DateTimeField(auto_now_add=True)


def facts_of(known: Known | None) -> dict[str, Any]:
    """The facts, or nothing known."""
    return dict(known.facts) if known else {}
