"""The verbs of custom fields themselves: what a company adds to its records."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused
from base.roles import require
from crm.accounts import custom_values
from crm.accounts.models_custom import OPTION_LENGTH, CustomField, Of, ValueKind

KEEPERS = ("admin",)
MOST = 30
OPTIONS_MOST = 50
TABLES = {
    Of.ACCOUNT: "accounts_account",
    Of.CONTACT: "accounts_contact",
    Of.LEAD: "leads_lead",
    Of.DEAL: "pipeline_deal",
}
CHANGEABLE = ("label_en", "label_zh", "kind", "options", "required", "position", "active")


class FieldInUse(Refused):
    """Its values would mean something else, or nothing."""

    message = _("Records hold values of “{name}”: it keeps its kind and stays. Switch it off to show it no more.")
    field = "kind"


class OptionInUse(Refused):
    """Records say this word."""

    message = _("Records say “{option}”: it stays among the options.")
    field = "options"


class FieldStays(Refused):
    """Another key, or other records, are another field."""

    message = _("It stays; make another field instead.")


class KeyTaken(Refused):
    """Another field of such records is called so."""

    message = _("There is a field “{key}” already.")
    field = "key"


class TooManyFields(Refused):
    """Nobody fills in more."""

    message = _("Up to {most} fields for one kind of record.")


@transaction.atomic
def make(of: str, key: str, *, by: Any, **fields: Any) -> CustomField:
    """One more field for such records; the last of them unless a position is said."""
    require(by, *KEEPERS)
    assert set(fields) <= set(CHANGEABLE), fields
    others = CustomField.objects.filter(of=of)
    if others.count() >= MOST:
        raise TooManyFields(most=MOST)
    if others.filter(key=key).exists():
        raise KeyTaken(key=key)
    if fields.get("position") is None:
        fields["position"] = (others.aggregate(last=Max("position"))["last"] or 0) + 10
    made = _checked(CustomField(of=of, key=key, **fields))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise KeyTaken(key=key) from None
    custom_values.forget()
    return made


@transaction.atomic
def change(field: CustomField, *, by: Any, **changes: Any) -> CustomField:
    """Call it otherwise, order it, switch it off; what its values rest on stays."""
    require(by, *KEEPERS)
    assert set(changes) <= set(CHANGEABLE), changes
    field = CustomField.objects.select_for_update().get(pk=field.pk)
    kind, options = field.kind, list(field.options)
    for name, value in changes.items():
        setattr(field, name, value)
    _checked(field)
    if field.kind != kind and values_of(field):
        raise FieldInUse(name=field.label)
    if field.kind == kind and (gone := [word for word in options if word not in field.options]):
        for word in gone:
            if _any(field, "custom ->> %s = %s", [field.key, word]):
                raise OptionInUse(option=word)
    field.save()
    custom_values.forget()
    return field


@transaction.atomic
def remove(field: CustomField, *, by: Any) -> None:
    """Made by mistake: no record says anything in it."""
    require(by, *KEEPERS)
    field = CustomField.objects.select_for_update().get(pk=field.pk)
    if values_of(field):
        raise FieldInUse(name=field.label)
    field.delete()
    custom_values.forget()


def values_of(field: CustomField) -> bool:
    """Does any record say something in it?"""
    return _any(field, "custom ? %s", [field.key])


def words(options: Iterable[str]) -> list[str]:
    """Options as they are kept: tidied, each once."""
    return list(dict.fromkeys(word for text in options if (word := " ".join(str(text).split()))))


def _checked(field: CustomField) -> CustomField:
    field.label_en, field.label_zh = (" ".join(text.split()) for text in (field.label_en, field.label_zh))
    field.options = words(field.options) if field.kind == ValueKind.CHOICE else []
    if field.kind == ValueKind.CHOICE and not field.options:
        raise BadInput(why=_("Which options are there to choose from?"), field="options")
    if len(field.options) > OPTIONS_MOST or any(len(word) > OPTION_LENGTH for word in field.options):
        raise BadInput(
            why=_("Up to {most} options of up to {length} letters.").format(most=OPTIONS_MOST, length=OPTION_LENGTH),
            field="options",
        )
    try:
        field.clean_fields()
    except ValidationError as wrong:
        name, texts = next(iter(wrong.message_dict.items()))
        raise BadInput(why=" ".join(texts), field=name) from None
    return field


def _any(field: CustomField, condition: str, told: list[Any]) -> bool:
    """A question to the records' table, which a domain above may have."""
    table = TABLES[Of(field.of)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {condition})", told)  # noqa: S608 -- our own tables
        return bool(cursor.fetchone()[0])
