"""The abstract tables of imports; each side has its own."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from base.fields import StateField, TimeStamped, uuid7_pk
from base.links import record_url
from base.roles import has_role

UNDO_DAYS = 30


def table(name: str) -> Any:
    """The side's own table for one of these models."""
    return apps.get_model("access", name)


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("to be mapped")
    CHECKING = "checking", _("being tried")
    CHECKED = "checked", _("tried")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class Outcome(models.TextChoices):
    NEW = "new", _("new")
    UPDATE = "update", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    DUPLICATE = "duplicate", _("duplicate")
    ERROR = "error", _("cannot be read")


S = ImportState
BEFORE = (S.UPLOADED, S.CHECKING, S.CHECKED)


class ImportQuerySet(models.QuerySet[Any]):
    """Words about imports."""

    def visible_to(self, user: Any) -> Self:
        """One's own; admins see everybody's."""
        return self if has_role(user, "admin") else self.filter(owner=user)


class ImportBase(TimeStamped):
    """A file that becomes records."""

    id = uuid7_pk()
    resource = models.CharField(_("of"), max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports", verbose_name=_("by")
    )
    file_name = models.CharField(_("file"), max_length=200)
    described = models.CharField(max_length=200, blank=True, default="")
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, default="")
    headers = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    count = models.PositiveIntegerField(_("rows"), default=0)
    mapping = models.JSONField(default=dict)
    match_on = models.JSONField(default=list)
    constants = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), help_text="Field → what every row says of it."
    )
    replacements = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="Field → word of the file → as what it is read.",
    )
    keep_lookalikes = models.BooleanField(_("import look-alikes too"), default=False)
    state = StateField(_("state"), default=S.UPLOADED, choices=S.choices)
    position = models.PositiveIntegerField(default=0, help_text="The last row that is done.")
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    job = models.ForeignKey("access.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(state__in=S.values), name="import_state_known")]
        indexes = [models.Index(fields=["owner", "-id"], name="import_of_user")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return record_url("exchange:detail", self.pk)

    @transition(state, source=BEFORE, target=S.UPLOADED)
    def map(self) -> None:
        """Another mapping: what was tried before says nothing any more."""
        self.counts, self.report = {}, {}

    @transition(state, source=BEFORE, target=S.CHECKING)
    def begin_check(self) -> None:
        self.counts, self.report = {}, {}

    @transition(state, source=S.CHECKING, target=S.CHECKED)
    def end_check(self) -> None:
        pass

    @transition(state, source=[S.CHECKED, S.RUNNING], target=S.RUNNING)
    def begin(self) -> None:
        """The counts of the dry run make room for what really happens."""
        if not self.position:
            self.counts = {}

    @transition(state, source=S.RUNNING, target=S.DONE)
    def end(self) -> None:
        self.finished_at = timezone.now()

    @transition(state, source=[S.DONE, S.UNDOING, S.RUNNING], target=S.UNDOING)
    def begin_undo(self) -> None:
        self.finished_at = self.finished_at or timezone.now()

    @transition(state, source=S.UNDOING, target=S.UNDONE)
    def end_undo(self) -> None:
        pass

    @property
    def is_stuck(self) -> bool:
        """Its job ended before the work did: it may be taken up again."""
        return self.state in (S.CHECKING, S.RUNNING, S.UNDOING) and (self.job is None or self.job.is_over)

    @property
    def undo_until(self) -> Any:
        """The last moment to take it back."""
        return self.finished_at + timedelta(days=UNDO_DAYS) if self.finished_at else None

    @property
    def may_be_undone(self) -> bool:
        if self.state == S.DONE:
            return bool(timezone.now() < self.undo_until)
        return self.state in (S.RUNNING, S.UNDOING) and self.is_stuck and self.position > 0

    @property
    def folder(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "imports" / str(self.pk)

    @property
    def path(self) -> Path:
        """The file as it was sent; nobody can fetch it but through its owner's page."""
        return self.folder / "file"

    @property
    def bad_rows_path(self) -> Path:
        return self.folder / "bad-rows.csv"


class ImportedRowBase(models.Model):
    """What became of a row: what stood before, what stands now, or why it could not be."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey("access.Import", on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    record = models.CharField(max_length=40, blank=True, default="")
    label = models.CharField(max_length=250, blank=True, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    stamp = models.CharField(max_length=40, blank=True, default="")
    cells = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    undone = models.BooleanField(null=True, help_text="Tried to undo: True undone, False kept.")
    undo_note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="imported_row_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="imported_row_outcome"),
        ]
        indexes = [models.Index(fields=["record"], condition=~models.Q(record=""), name="imported_row_record")]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"


class ImportMappingBase(models.Model):
    """What somebody chose for a file with these headers."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    resource = models.CharField(max_length=40)
    header_digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    match_on = models.JSONField(default=list)
    constants = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), help_text="Field → what every row says of it."
    )
    replacements = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="Field → word of the file → as what it is read.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["user", "resource", "header_digest"], name="one_mapping_a_file")]

    def __str__(self) -> str:
        return self.resource
