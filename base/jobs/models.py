"""The abstract table of jobs; each side has its own."""

from pathlib import Path
from typing import Any, Self
from zlib import crc32

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from base.fields import StateField, TimeStamped, uuid7_pk
from base.links import record_url
from base.roles import has_role


class Cancelled(Exception):
    """Somebody wants the work to stop; raised inside it by `progress`, not to be caught there."""


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


WAITING = (JobState.QUEUED, JobState.RUNNING)


class JobQuerySet(models.QuerySet[Any]):
    """Words about jobs."""

    def visible_to(self, user: Any) -> Self:
        """One's own; admins see everybody's."""
        return self if has_role(user, "admin") else self.filter(owner=user)

    def waiting(self) -> Self:
        return self.filter(state__in=WAITING)


class JobBase(TimeStamped):
    """One piece of long work."""

    id = uuid7_pk()
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=250)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs", verbose_name=_("started by")
    )
    params = models.JSONField(default=dict, editable=False)
    state = StateField(_("state"), default=JobState.QUEUED, choices=JobState.choices)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True, default="")
    url = models.CharField(_("leads to"), max_length=300, blank=True, default="")
    file_name = models.CharField(_("result"), max_length=200, blank=True, default="", editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    cancel_asked = models.BooleanField(default=False, editable=False)
    seen_at = models.DateTimeField(_("last sign of life"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state_known")]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_of_user"),
            models.Index(fields=["seen_at"], condition=models.Q(state__in=WAITING), name="job_waiting"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return record_url("jobs:detail", self.pk)

    @transition(state, source=WAITING, target=JobState.RUNNING)
    def begin(self) -> None:
        self.attempts += 1
        self.started_at = self.started_at or timezone.now()
        self.seen_at = timezone.now()

    @transition(state, source=WAITING, target=JobState.DONE)
    def finish(self) -> None:
        self.finished_at = timezone.now()

    @transition(state, source=WAITING, target=JobState.FAILED)
    def fail(self, why: str) -> None:
        self.finished_at, self.message = timezone.now(), why[:500]

    @transition(state, source=WAITING, target=JobState.CANCELLED)
    def call_off(self) -> None:
        self.finished_at = timezone.now()

    @property
    def is_over(self) -> bool:
        return self.state not in WAITING

    @property
    def percent(self) -> int | None:
        """How far, in whole per cent; None while the amount of work is not known.

        Rounded down, so that 100 is said of what is complete only.
        """
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def revision(self) -> str:
        """Changes with everything the page shows."""
        return f"{self.state}-{self.done}-{self.total or 0}-{self.cancel_asked:d}-{crc32(self.message.encode())}"

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Say how far the work is. Here a wish to cancel arrives, as an exception."""
        told: dict[str, Any] = {"done": done, "seen_at": timezone.now()}
        if total is not None:
            told["total"] = total
        if message is not None:
            told["message"] = message[:500]
        for name, value in told.items():
            setattr(self, name, value)
        rows = type(self).objects.filter(pk=self.pk)
        rows.update(**told)
        if rows.filter(cancel_asked=True).exists():
            raise Cancelled()

    def say(self, message: Any) -> None:
        """The sentence that stands beside the result."""
        self.message = str(message)[:500]
        type(self).objects.filter(pk=self.pk).update(message=self.message)

    def result_path(self, name: str) -> Path:
        """Where the work writes its file; only owner and admins can fetch it, through the job's page."""
        self.file_name = Path(name).name[:200]
        type(self).objects.filter(pk=self.pk).update(file_name=self.file_name)
        path = self.file_path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @property
    def file_path(self) -> Path:
        """The result in the side's private media folder."""
        return self.folder / (self.file_name or "nothing")

    @property
    def folder(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "jobs" / str(self.pk)
