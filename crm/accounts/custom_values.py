"""The values of custom fields: how they are understood, kept and said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from base import context
from base.refusals import BadInput
from crm.accounts.models_custom import CustomField, ValueKind, said

TEXT_LENGTH = 500
DIGITS = 15  # so many are kept exactly by whoever reads JSON
PLACES = 6

_OURS = "custom fields"  # among what is known of a request


@dataclass(frozen=True)
class Rules:
    """The custom fields of one kind of record, in their order."""

    of: str
    fields: tuple[CustomField, ...]

    @cached_property
    def active(self) -> tuple[CustomField, ...]:
        """Those in use."""
        return tuple(one for one in self.fields if one.active)

    def merged(self, current: Mapping[str, Any], told: Mapping[str, Any] | None) -> dict[str, Any]:
        """The values with what is told of them; an empty one goes. What a field does not take is refused at it."""
        values, known = dict(current), {one.key: one for one in self.active}
        for key, value in (told or {}).items():
            if key not in known:
                raise BadInput(why=_("There is no field “{key}” here.").format(key=key[:60]), field=f"custom_{key}")
            try:
                kept = understood(known[key], value)
            except ValueError as error:
                raise BadInput(why=str(error), field=f"custom_{key}") from None
            values.pop(key, None)
            if kept is not None:
                values[key] = kept
        return values

    def fitting(self, custom: Mapping[str, Any]) -> dict[str, Any]:
        """Values of long ago, but for those whose field is gone or of another kind now."""
        known = {one.key: one for one in self.fields}
        return {key: value for key, value in custom.items() if key in known and _fits(known[key], value)}

    def told(self, custom: Mapping[str, Any]) -> str:
        """All of them in one line."""
        facts = ((one.label, said(one, custom.get(one.key))) for one in self.fields)
        return " · ".join(f"{label}: {words}" for label, words in facts if words)

    def typed(self, custom: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the fields in use as Python has them; None where nothing is said."""
        return {one.key: typed(one, custom.get(one.key)) for one in self.active}

    def facts(self, record: Any) -> list[tuple[str, Any]]:
        """Label and words of each field in use; a page leaves out what is empty."""
        return [(one.label, said(one, record.custom.get(one.key))) for one in self.active]


def rules_of(of: str) -> Rules:
    """Read once for each request, and anew by whoever works outside of one."""
    known = context.known.get()
    if known is not None and (_OURS, of) in known:
        return cast("Rules", known[_OURS, of])
    rules = Rules(of, tuple(CustomField.objects.filter(of=of).order_by("position", "key")))
    if known is not None:
        known[_OURS, of] = rules
    return rules


def kept(of: str, current: Mapping[str, Any], told: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of one record with what is told of them; asks for the fields only where something is told."""
    return rules_of(of).merged(current, told) if told else dict(current)


def kept_of_many(of: str, rows: Iterable[Any]) -> None:
    """The same for many new records at once."""
    told = [row for row in rows if row.custom]
    rules = rules_of(of) if told else None
    for row in told:
        assert rules is not None
        row.custom = rules.merged({}, row.custom)


def along(of: str, custom: Mapping[str, Any], to: str) -> dict[str, Any]:
    """What of one record another kind of record takes over: values of fields with the same key and kind there."""
    if not custom:
        return {}
    kinds = {one.key: one.kind for one in rules_of(of).fields}
    taking = [one for one in rules_of(to).active if kinds.get(one.key) == one.kind]
    return {one.key: custom[one.key] for one in taking if one.key in custom and _fits(one, custom[one.key])}


def forget() -> None:
    """What was read has just been changed."""
    for key in [key for key in context.known.get() or () if key[0] == _OURS]:
        (context.known.get() or {}).pop(key)


def saying(of: str, word: str) -> Q:
    """Records with this word in one of their texts or choices; empty where there are none."""
    found = Q()
    for one in rules_of(of).active:
        if one.kind in (ValueKind.TEXT, ValueKind.CHOICE):
            found |= Q(**{f"custom__{one.key}__icontains": word})
    return found


def keys_saying(of: str, word: str, model: Any) -> list[QuerySet[Any]]:
    """The question for their keys; none where there is nothing to ask."""
    found = saying(of, word)
    return [model.objects.filter(found).values_list("pk", flat=True)] if found else []


def _fits(field: CustomField, value: Any) -> bool:
    try:
        return bool(understood(field, value) == value)
    except ValueError:
        return False


def understood(field: CustomField, value: Any) -> Any:
    """The value as it is kept; None for nothing. What it cannot be raises, in the reader's words."""
    if value is None or value == "":
        return None
    return _UNDERSTOOD[ValueKind(field.kind)](field, value)


def typed(field: CustomField, kept: Any) -> Any:
    """What is kept as a Python value: a number exact, a day a day."""
    if kept is None:
        return None
    if field.kind == ValueKind.NUMBER:
        return kept if isinstance(kept, int) else Decimal(repr(kept))
    return date.fromisoformat(kept) if field.kind == ValueKind.DATE else kept


def _text(_field: CustomField, value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError(_("This is a text."))
    text = value.strip()
    if "\x00" in text:
        raise ValueError(_("It holds a character that cannot be kept (NUL)."))
    if len(text) > TEXT_LENGTH:
        raise ValueError(_("Up to {most} characters fit.").format(most=TEXT_LENGTH))
    return text or None


def _number(_field: CustomField, value: Any) -> int | float:
    wrong = ValueError(_("This is no number."))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise wrong
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite():
        raise wrong
    number = number.normalize()
    _sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if max(len(digits), len(digits) + exponent) > DIGITS or -exponent > PLACES:
        raise ValueError(
            _("Up to {digits} digits fit, {places} of them behind the point.").format(digits=DIGITS, places=PLACES)
        )
    return int(number) if number == number.to_integral_value() else float(number)


def _day(_field: CustomField, value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError(_("This is no day; write it as 2026-03-31.")) from None


def _yes_no(_field: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("This is yes or no (true, false)."))
    return value


def _choice(field: CustomField, value: Any) -> str:
    if value not in field.options:
        raise ValueError(_("It is one of: {options}.").format(options=", ".join(field.options)))
    return str(value)


_UNDERSTOOD = {
    ValueKind.TEXT: _text,
    ValueKind.NUMBER: _number,
    ValueKind.DATE: _day,
    ValueKind.YES_NO: _yes_no,
    ValueKind.CHOICE: _choice,
}
