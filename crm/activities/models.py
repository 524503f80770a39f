"""The timeline's entries."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.fields import TimeStamped, uuid7_pk
from base.recording import HistoricalRecords
from crm.accounts.models import Account, Contact
from crm.activities.sounds import MOST_SECONDS, SoundType, minutes

WRITTEN_KINDS = ("note", "call", "visit", "meeting", "task", "mail")
Door = Callable[[Any], models.Q]
_DOORS: list[Door] = []


def add_door(door: Door) -> None:
    """Entries that have no account yet are seen with what they hang on: the condition for a user on entries."""
    _DOORS.append(door)


class Outcome(models.TextChoices):
    """How a call or visit went: five words are enough for a thumb."""

    ORDER = "order", pgettext_lazy("outcome of a visit", "Order")
    INTERESTED = "interested", _("Interested")
    FOLLOW_UP = "follow_up", _("Follow up")
    NOT_REACHED = "not_reached", _("Not there")
    NO_INTEREST = "no_interest", _("No interest")


class EntryQuerySet(models.QuerySet[Any]):
    """Words about entries."""

    def visible_to(self, user: Any) -> Self:
        """Who sees the account sees its timeline; who sees a lead sees the lead's.

        Asked row by row: an account has dozens of entries, while whom a user may see are thousands.
        """
        seen = models.Q(models.Exists(Account.objects.visible_to(user).filter(pk=models.OuterRef("account_id"))))
        for door in _DOORS:
            seen |= door(user)
        return self.filter(seen)

    def about(self, *, account: Any = None, deal: Any = None, ticket: Any = None, lead: Any = None) -> Self:
        """The timeline of one account, deal, ticket or lead."""
        found = self
        for field, value in (("account_id", account), ("deal", deal), ("ticket", ticket), ("lead", lead)):
            if value is not None:
                found = found.filter(**{field: getattr(value, "pk", value)})
        return found

    def written(self) -> Self:
        """By our own people."""
        return self.filter(kind__in=WRITTEN_KINDS)

    def from_erp(self) -> Self:
        """Told by the ERP."""
        return self.filter(kind__startswith="erp_")

    def steps_open(self) -> Self:
        """With a next step that nobody has ticked off yet, the most urgent first."""
        return self.exclude(next_step_on=None).filter(next_step_done_at=None).order_by("next_step_on", "id")


class Entry(TimeStamped):
    """One line of the timeline; `deal`, `ticket` and `lead` are ids of higher domains.

    What was said with a lead has no account until the lead is converted; then it has both.
    """

    id = uuid7_pk()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("account")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("with")
    )
    deal = models.UUIDField(_("deal"), null=True, blank=True)
    ticket = models.UUIDField(_("ticket"), null=True, blank=True)
    lead = models.UUIDField(_("lead"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=40)
    text = models.TextField(_("text"), blank=True, default="")
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True, default="")
    next_step = models.CharField(_("next step"), max_length=250, blank=True, default="")
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    next_step_done_at = models.DateTimeField(_("next step done"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    as_of = models.DateTimeField(_("as of"), null=True, blank=True, help_text=_("When the ERP said so."))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    event_id = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    history = HistoricalRecords()
    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        ordering = ("-occurred_at", "-id")
        indexes = [
            models.Index(fields=["account", "-occurred_at", "-id"], name="entry_by_account"),
            models.Index(fields=["deal", "-occurred_at"], name="entry_by_deal", condition=models.Q(deal__isnull=False)),
            models.Index(
                fields=["ticket", "-occurred_at"], name="entry_by_ticket", condition=models.Q(ticket__isnull=False)
            ),
            models.Index(fields=["lead", "-occurred_at"], name="entry_by_lead", condition=models.Q(lead__isnull=False)),
            models.Index(
                fields=["author", "next_step_on"],
                name="entry_steps_open",
                condition=models.Q(next_step_on__isnull=False, next_step_done_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=False) | models.Q(lead__isnull=False), name="entry_about_somebody"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__startswith="erp_") | models.Q(as_of__isnull=False, event_id__isnull=False),
                name="entry_fact_has_source",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=WRITTEN_KINDS) | models.Q(author__isnull=False, event_id__isnull=True),
                name="entry_written_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.text or self.kind

    @property
    def is_fact(self) -> bool:
        """Told by an event, so nobody edits it."""
        return self.event_id is not None


class OfEntryQuerySet(models.QuerySet[Any]):
    """Words about what belongs to an entry."""

    def visible_to(self, user: Any) -> Self:
        """Who sees the entry sees it, and nobody else."""
        return self.filter(entry__in=Entry.objects.visible_to(user))


class Photo(TimeStamped):
    """A photo of what was seen there; the file lies beside the database and goes out to whoever sees the entry."""

    id = uuid7_pk()
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="photos", verbose_name=_("entry"))
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"))
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)

    history = HistoricalRecords()
    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="photo_place_is_on_earth",
            )
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"

    @property
    def path(self) -> Path:
        """The file; nobody can fetch it but through a page that asks who may see the entry."""
        return Path(settings.MEDIA_ROOT) / "photos" / f"{self.pk}.jpg"

    @property
    def small_path(self) -> Path:
        """The same as the timeline shows it."""
        return self.path.with_suffix(".small.jpg")

    @property
    def paths(self) -> list[Path]:
        """What goes when the photo goes."""
        return [self.path, self.small_path]


class Recording(TimeStamped):
    """What somebody said of a visit instead of typing it; the file lies beside the database, as a photo's does."""

    id = uuid7_pk()
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="recordings", verbose_name=_("entry"))
    seconds = models.PositiveSmallIntegerField(_("seconds"))
    size = models.PositiveIntegerField(_("bytes"))
    media_type = models.CharField(_("media type"), max_length=10, choices=SoundType.choices)

    history = HistoricalRecords()
    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=models.Q(seconds__lte=MOST_SECONDS), name="recording_is_short"),
            models.CheckConstraint(condition=models.Q(media_type__in=SoundType.values), name="recording_type_known"),
        ]

    def __str__(self) -> str:
        return minutes(self.seconds)

    @property
    def file_name(self) -> str:
        """As it is called on the disk and on its way out."""
        return f"{self.pk}.{self.media_type.removeprefix('audio/')}"

    @property
    def path(self) -> Path:
        """The file; nobody can fetch it but through a page that asks who may see the entry."""
        return Path(settings.MEDIA_ROOT) / "recordings" / self.file_name

    @property
    def paths(self) -> list[Path]:
        """What goes when the recording goes."""
        return [self.path]


class CheckIn(TimeStamped):
    """That somebody was there: the moment, and about where, if they let their phone say so."""

    id = uuid7_pk()
    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="check_in", verbose_name=_("entry"))
    at = models.DateTimeField(_("checked in"))
    latitude = models.DecimalField(_("latitude"), max_digits=5, decimal_places=3, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=6, decimal_places=3, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField(_("accurate to metres"), null=True, blank=True)

    history = HistoricalRecords()
    objects = OfEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ("-at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="check_in_is_on_earth",
            )
        ]

    def __str__(self) -> str:
        return self.place or str(self.at)

    @property
    def place(self) -> str:
        """As maps take it; empty where none was given."""
        return f"{self.latitude}, {self.longitude}" if self.latitude is not None else ""

    @property
    def map_url(self) -> str:
        """Where one sees it on a map; only a tap takes the place there."""
        where = f"{self.latitude}/{self.longitude}"
        return f"https://www.openstreetmap.org/?mlat={self.latitude}&mlon={self.longitude}#map=15/{where}"
