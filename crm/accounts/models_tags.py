"""Tags: free words of the team with a colour. Records hold the words themselves, so that lists need no join.

That each word on a record is a tag, once, is kept by the database (`sql/tags.sql`).
"""

from typing import Any, Self
from zlib import crc32

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Value
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet

TAG_LENGTH = 40
TAG_READERS = ("rep", "agent", "manager", "admin")


class TagColour(models.TextChoices):
    """Eight that are told apart in light and dark."""

    GREY = "grey", _("grey")
    RED = "red", _("red")
    AMBER = "amber", _("amber")
    GREEN = "green", _("green")
    TEAL = "teal", _("teal")
    BLUE = "blue", _("blue")
    VIOLET = "violet", _("violet")
    PINK = "pink", _("pink")

    @classmethod
    def of(cls, name: str) -> "TagColour":
        """What a word is coloured until somebody says otherwise: the same word the same colour, never grey."""
        colours = list(cls)[1:]
        return colours[crc32(name.casefold().encode()) % len(colours)]


class TagQuerySet(VisibleQuerySet):
    """Words about tags."""

    def matching(self, text: str) -> Self:
        """Each word somewhere in the name."""
        found = self
        for word in text.split()[:6]:
            found = found.filter(name__icontains=word)
        return found


class Tag(TimeStamped):
    """One word of the team."""

    READERS = TAG_READERS

    id = uuid7_pk()
    name = models.CharField(
        _("name"), max_length=TAG_LENGTH, validators=[RegexValidator(r"^[^,，;；]+$", _("Without commas."))]
    )
    name_key = models.CharField(max_length=3 * TAG_LENGTH, unique=True, editable=False)
    colour = models.CharField(_("colour"), max_length=8, choices=TagColour.choices, default=TagColour.GREY)

    history = HistoricalRecords(excluded_fields=["name_key"])
    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name_key", "id")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="tag_has_name"),
            models.CheckConstraint(condition=models.Q(colour__in=TagColour.values), name="tag_colour_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        """A word is the same word in capitals."""
        self.name_key = self.key_of(self.name)
        super().save(**options)

    @staticmethod
    def key_of(word: str) -> str:
        """What stays the same however it is written.

        >>> Tag.key_of("Straße") == Tag.key_of("STRASSE")
        True
        """
        return word.casefold()

    def get_absolute_url(self) -> str:
        """The accounts that bear it."""
        return f"{reverse('accounts:list')}?{urlencode({'tags': self.name})}"


def tags_field() -> "ArrayField[Any, Any]":
    """The tags of a record, in the order in which they came; set by the domain's services."""
    base: Any = models.CharField(max_length=TAG_LENGTH)
    return ArrayField(
        base,
        verbose_name=_("tags"),
        default=list,
        blank=True,
        db_default=Value([], output_field=ArrayField(base)),
    )
