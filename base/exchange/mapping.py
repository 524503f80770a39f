"""Which column of the file is which field: guessed from names, remembered per person, resource and set of headers."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from base.exchange.columns import Person
from base.exchange.models import table
from base.exchange.resources import ImportResource
from base.refusals import Refused


class UnknownField(Refused):
    message = _("“{field_name}” is no field of {resource}.")
    status = 422
    field = "mapping"


class UnknownHeader(Refused):
    message = _("The file has no column “{header}”.")
    status = 422
    field = "mapping"


class FieldTwice(Refused):
    message = _("Two columns of the file are meant for {label}; choose one.")
    status = 422
    field = "mapping"


class FieldMissing(Refused):
    message = _("Say which column of the file holds: {labels}.")
    status = 422
    field = "mapping"


class ConstantUnclear(Refused):
    message = _("{label}, the same for all rows: {why}")
    status = 422
    field = "constants"


class BadMatch(Refused):
    message = _("Rows are recognised by columns that the file has: choose one or more of {labels}.")
    status = 422
    field = "match_on"


def simple(name: str) -> str:
    """The header's letters and digits only, in lower case.

    >>> simple("Company_Name "), simple("公司 名称*")
    ('companyname', '公司名称')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()


def guess(resource: ImportResource, headers: Sequence[str]) -> dict[str, str]:
    """Header → field for each header that one field answers to; what is left over stays out.

    Where all headers are labels of ours, as in a template, they are read as that and as nothing else.
    """
    labels: dict[str, str] = {}
    words: dict[str, str] = {}
    for name, one in resource.columns.items():
        ours = _labels(one.label)
        for word in ours:
            labels.setdefault(simple(word), name)
        for word in (name, *one.names, *ours):
            words.setdefault(simple(word), name)
    if all(simple(header) in labels for header in headers):
        words = labels
    mapping: dict[str, str] = {}
    for header in headers:
        name = words.get(simple(header), "")
        if name and name not in mapping.values():
            mapping[header] = name
    return mapping


def _labels(label: Any) -> list[str]:
    found = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.append(str(label))
    return found


def default_match(resource: ImportResource, names: Iterable[str]) -> list[str]:
    """The first set of fields, of those the resource prefers, that these are among."""
    has = set(names)
    for fields in resource.match_on:
        if has.issuperset(fields):
            return list(fields)
    return []


def check(
    resource: ImportResource,
    headers: Sequence[str],
    mapping: dict[str, str],
    match_on: Sequence[str],
    constants: dict[str, str] | None = None,
) -> None:
    """Refuse a mapping that cannot work."""
    for header, name in mapping.items():
        if header not in headers:
            raise UnknownHeader(header=header)
        if name not in resource.columns:
            raise UnknownField(field_name=name, resource=resource.label)
    columns = list(mapping.values())
    for name in columns:
        told = name in (constants or {}) and (resource.column(name).line or name in match_on)
        if told or columns.count(name) > 1:
            raise FieldTwice(label=resource.column(name).label)
    names = {*columns, *(constants or {})}
    for name, text in (constants or {}).items():
        understood(resource, name, text)
    missing = [str(one.label) for name, one in resource.columns.items() if one.required and name not in names]
    if missing:
        raise FieldMissing(labels=", ".join(missing))
    allowed = [name for name in resource.matchable if name in names]
    if not match_on or not set(match_on).issubset(allowed):
        raise BadMatch(labels=", ".join(str(resource.column(name).label) for name in resource.matchable))


def understood(resource: ImportResource, name: str, text: str) -> Any:
    """The value of a constant; refused at once, and not in every row."""
    if name not in resource.columns:
        raise UnknownField(field_name=name, resource=resource.label)
    column = resource.column(name)
    try:
        return column.widget.clean(text)
    except ValueError as error:
        raise ConstantUnclear(label=column.label, why=error) from None


ME = {"me", "myself", "我", "本人"}


def told_constants(resource: ImportResource, constants: dict[str, str]) -> dict[str, str]:
    """Constants as they are kept: without the empty ones, `me` by name."""
    kept = {name: str(text).strip() for name, text in constants.items() if str(text).strip()}
    for name, text in kept.items():
        column = resource.columns.get(name)
        if column is not None and isinstance(column.widget, Person) and text.casefold() in ME:
            kept[name] = resource.user.get_username()
    return kept


def told_replacements(resource: ImportResource, replacements: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """As what words are read, as it is kept: without what is read as nothing or as itself."""
    kept: dict[str, dict[str, str]] = {}
    for name, words in replacements.items():
        if name not in resource.columns:
            raise UnknownField(field_name=name, resource=resource.label)
        told = {word.strip(): str(meant).strip() for word, meant in words.items()}
        if told := {word: meant for word, meant in told.items() if word and meant and word != meant}:
            kept[name] = told
    return kept


def digest(headers: Sequence[str]) -> str:
    """The set of headers, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(simple(header) for header in headers)).encode()).hexdigest()


def remembered(resource: ImportResource, headers: Sequence[str]) -> Any:
    """What the person chose last time for such a file, or None."""
    model = table("ImportMapping")
    return model.objects.filter(user=resource.user, resource=resource.key, header_digest=digest(headers)).first()


def remember(
    resource: ImportResource,
    headers: Sequence[str],
    mapping: dict[str, str],
    match_on: list[str],
    constants: dict[str, str],
    replacements: dict[str, dict[str, str]],
) -> None:
    """For next time."""
    table("ImportMapping").objects.update_or_create(
        user=resource.user,
        resource=resource.key,
        header_digest=digest(headers),
        defaults={
            "mapping": mapping,
            "match_on": match_on,
            "constants": constants,
            "replacements": replacements,
        },
    )
