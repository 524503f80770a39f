"""Fields that a company adds to its records. Their values stand on the record itself, as one object of plain values.

That each value belongs to a field that there is, and is of its kind, is kept by the database (`sql/custom.sql`); so is
what makes a field, its kind and the words of a choice, while records hold values of it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Func, Q, Value
from django.utils.formats import date_format, number_format
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet

KEY_LENGTH = 40
LABEL_LENGTH = 60
OPTION_LENGTH = 60
KEY = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"


class Of(models.TextChoices):
    """The records that fields are added to."""

    ACCOUNT = "account", _("account")
    CONTACT = "contact", _("contact")
    LEAD = "lead", _("lead")
    DEAL = "deal", _("deal")


class ValueKind(models.TextChoices):
    """What is written in a field."""

    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    DATE = "date", _("day")
    YES_NO = "yes_no", _("yes or no")
    CHOICE = "choice", _("choice")


def not_a_lookup(key: str) -> None:
    """`custom__contains` would be a question of the database and no field."""
    if key in models.JSONField().get_lookups():
        raise ValidationError(_("“%(key)s” is a word of the database; choose another.") % {"key": key})


class CustomField(TimeStamped):
    """One more field of accounts, contacts, leads or deals."""

    READERS = ("rep", "agent", "manager", "admin")

    id = uuid7_pk()
    of = models.CharField(_("of"), max_length=8, choices=Of.choices)
    key = models.CharField(
        _("key"),
        max_length=KEY_LENGTH,
        validators=[
            RegexValidator(KEY, _("Small letters and digits, words joined by _; a letter first.")),
            not_a_lookup,
        ],
        help_text=_("What the API calls it; it stays."),
    )
    label_en = models.CharField(_("name in English"), max_length=LABEL_LENGTH)
    label_zh = models.CharField(_("name in Chinese"), max_length=LABEL_LENGTH, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=8, choices=ValueKind.choices, default=ValueKind.TEXT)
    options: "ArrayField[Any, Any]" = ArrayField(
        models.CharField(max_length=OPTION_LENGTH), verbose_name=_("options"), default=list, blank=True
    )
    required = models.BooleanField(
        _("required"), default=False, help_text=_("On the full form; what is captured in a hurry may leave it out.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=10)
    active = models.BooleanField(_("in use"), default=True, help_text=_("Switched off it is not shown; values stay."))

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ("of", "position", "key")
        constraints = [
            models.UniqueConstraint(fields=["of", "key"], name="custom_field_once"),
            models.CheckConstraint(condition=Q(of__in=Of.values), name="custom_field_of_known"),
            models.CheckConstraint(condition=Q(kind__in=ValueKind.values), name="custom_field_kind_known"),
            models.CheckConstraint(condition=Q(key__regex=KEY), name="custom_field_key_plain"),
            models.CheckConstraint(condition=~Q(label_en=""), name="custom_field_has_name"),
            models.CheckConstraint(
                condition=(Q(kind="choice") & ~Q(options=[])) | (~Q(kind="choice") & Q(options=[])),
                name="custom_field_choice_has_options",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """In the reader's language, where it has a name there."""
        return (self.label_zh if (get_language() or "").startswith("zh") else "") or self.label_en

    @property
    def words(self) -> Any:
        """The label, translated when it is read."""
        return lazy(lambda: self.label, str)()

    @property
    def name(self) -> str:
        """What it is called in a form, a file, a filter."""
        return f"custom_{self.key}"


def said(field: CustomField | None, kept: Any) -> str:
    """What is kept in the reader's words; empty for nothing."""
    if kept is None:
        return ""
    if isinstance(kept, bool):
        return gettext("yes") if kept else gettext("no")
    if field is not None and field.kind == ValueKind.DATE:
        return str(date_format(date.fromisoformat(kept)))
    if isinstance(kept, int | float):
        return str(number_format(Decimal(repr(kept)), use_l10n=True, force_grouping=True))
    return str(kept)


class OnlyScalars(Func):
    """An object that holds no list and no object."""

    template = (
        "(jsonb_typeof(%(expressions)s) = 'object' AND NOT jsonb_path_exists(%(expressions)s, "
        """'strict $.* ? (@.type() == "object" || @.type() == "array" || @.type() == "null")', '{}', true))"""
    )
    output_field = models.BooleanField()


class CustomValues(models.JSONField):
    """What a record says in its custom fields, by their keys; set by the domain's services."""

    def __init__(self, *args: Any, of: str = "", **options: Any) -> None:
        self.of = of
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def told_apart(self, before: Any, after: Any) -> Iterator[tuple[str, str, str, str]]:
        """For the history: each field that changed, with its name and both values in words."""
        before, after = before or {}, after or {}
        changed = {key for key in (*before, *after) if before.get(key) != after.get(key)}
        known = {one.key: one for one in CustomField.objects.filter(of=self.of, key__in=changed)} if changed else {}
        for key in sorted(changed, key=lambda one: (known[one].position if one in known else 0, one)):
            was, became = (said(known.get(key), values.get(key)) or "–" for values in (before, after))
            yield f"custom.{key}", known[key].label if key in known else key, was, became


def custom_values(of: str) -> CustomValues:
    """The custom fields of a record."""
    return CustomValues(
        _("custom fields"),
        of=of,
        default=dict,
        blank=True,
        editable=False,
        db_default=Value({}, output_field=models.JSONField()),
    )


def only_scalars(record: str) -> models.CheckConstraint:
    """Plain values by name, and nothing else."""
    return models.CheckConstraint(condition=OnlyScalars("custom"), name=f"{record}_custom_is_plain")
