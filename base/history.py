"""Histories say who, when, through which door and why; the page of a record's history shows what was and what became.

What is done inside `context.because("…")` carries the words into every history row. A row written by no user of this
side (the wire, an import), or by a program for one, names that door in brackets before the reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.signals import pre_create_historical_record

from base.recording import why_now
from base.tiers import hidden_fields
from base.visible import VisibleQuerySet

SHOWN = 100
UNSEEN = "•••"  # the name of another record that the reader may not see
AT_ONCE = timedelta(seconds=10)  # a line that is taken away and written anew within them was replaced
KINDS = {"made": gettext_lazy("made"), "changed": gettext_lazy("changed"), "removed": gettext_lazy("removed")}
_KIND = {"+": "made", "~": "changed", "-": "removed"}
SILENT = frozenset({"id", "created_at", "updated_at", "version", "revision", "password", "last_login"})


@receiver(pre_create_historical_record, dispatch_uid="base.history.keep_reason")
def keep_reason(history_instance: Any, history_user: Any = None, **_facts: Any) -> None:
    """simple_history's own door: its models offer no other for a reason that is not set on each record by hand."""
    if not history_instance.history_change_reason:
        history_instance.history_change_reason = why_now(history_user)


@dataclass(frozen=True)
class Difference:
    """One field, as it was and as it became."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One step in the life of a record."""

    at: datetime
    kind: str
    what: str
    by: str
    through: str
    why: str
    differences: list[Difference]


def _hidden_of(record: Any, user: Any) -> frozenset[str]:
    """What a record itself keeps from somebody, beyond the tiers of its model."""
    ask = getattr(record, "hidden_from", None)
    return frozenset(ask(user)) if ask is not None else frozenset()


def changes_of(record: Model, user: Any) -> list[Change]:
    """The record's life, newest first, with that of its `PARTS`; without the fields that the user may not see."""
    rows = list(record.history.select_related("history_user").order_by("-history_id")[: SHOWN + 1])  # type: ignore[attr-defined]
    hidden = hidden_fields(user, type(record)) | SILENT | _hidden_of(record, user)
    told = pairwise([*rows, None])
    changes = [_change(new, new.history_type, _differences(new, old, hidden, user)) for new, old in told]
    for name in getattr(record, "PARTS", ()):
        changes += _changes_of_parts(record, name, user)
    return sorted(changes, key=lambda change: change.at, reverse=True)[:SHOWN]


def differences_of(entry: Any, user: Any) -> list[Difference]:
    """What one entry of a history changed, without the fields that the user may not see."""
    record = entry.instance
    hidden = hidden_fields(user, type(record)) | SILENT | _hidden_of(record, user)
    return _differences(entry, None if entry.history_type == "+" else entry.prev_record, hidden)


def _changes_of_parts(record: Model, name: str, user: Any) -> list[Change]:
    """What became of the lines by their positions: each saving writes them anew, so the position is what stays."""
    relation: Any = record._meta.get_field(name)
    model, head = relation.related_model, relation.field
    hidden = hidden_fields(user, model) | SILENT | {head.name, "position"}
    rows = model.history.filter(**{head.attname: record.pk}).select_related("history_user").order_by("-history_id")
    by_position: dict[int, list[Any]] = {}
    for row in rows[: SHOWN * 5]:
        by_position.setdefault(row.position, []).append(row)
    return [
        _change(new, kind, differences, f"{capfirst(model._meta.verbose_name)} {position}: ")
        for position, lives in by_position.items()
        for new, kind, differences in _steps(lives, hidden, user)
        if differences
    ]


def _steps(lives: list[Any], hidden: frozenset[str], user: Any) -> Iterator[tuple[Any, str, list[Difference]]]:
    """The steps at one position, newest first: made, changed, removed."""
    after = None
    for new, old in pairwise([*lives, None]):
        if new.history_type == "-":
            if after is None or after.history_type != "+" or after.history_date - new.history_date > AT_ONCE:
                gone = [replace(one, before=one.after, after="–") for one in _differences(new, None, hidden, user)]
                yield new, "-", gone
        else:
            replaced = old is not None and (old.history_type != "-" or new.history_date - old.history_date <= AT_ONCE)
            yield new, "~" if replaced else "+", _differences(new, old if replaced else None, hidden, user)
        after = new


def _change(new: Any, kind: str, differences: list[Difference], part: str = "") -> Change:
    through, why = _parted(new.history_change_reason or "")
    told = _KIND[kind]
    by = str(new.history_user.get_full_name() or new.history_user) if new.history_user else ""
    return Change(new.history_date, told, f"{part}{KINDS[told]}", by, through, why, differences)


def _parted(words: str) -> tuple[str, str]:
    """The door and the reason.

    >>> _parted("[wire] limit reached"), _parted("asked by phone")
    (('wire', 'limit reached'), ('', 'asked by phone'))
    """
    found = re.match(r"\[([^\]]*)\] ?(.*)", words, re.DOTALL)
    return (found[1], found[2]) if found else ("", words)


def _differences(new: Any, old: Any, hidden: frozenset[str], reader: Any = None) -> list[Difference]:
    """What differs; for a reader, without the names of other records that they may not see."""
    found = []
    for field in new.tracked_fields:
        if field.name in hidden or field.attname in hidden:
            continue
        before, after = (getattr(old, field.attname) if old else None), getattr(new, field.attname)
        if hasattr(field, "told_apart"):  # one column that holds several fields of the reader's
            found += [Difference(*told) for told in field.told_apart(before, after)]
            continue
        if before != after and not (old is None and after in (None, "", False)):
            label = capfirst(str(field.verbose_name))
            found.append(Difference(field.name, label, _said(field, before, reader), _said(field, after, reader)))
    return found


def _said(field: Any, value: Any, reader: Any = None) -> str:
    """The value as the reader knows it."""
    if value in (None, ""):
        return "–"
    if field.is_relation:
        other = field.related_model._base_manager.filter(pk=value).first()
        return UNSEEN if other and reader is not None and not _knows(reader, other) else str(other or value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return str(date_format(localtime(value) if is_aware(value) else value, "SHORT_DATETIME_FORMAT"))
    if isinstance(value, list):
        return ", ".join(map(str, value))[:300] or "–"
    return str(value)[:300]


def _knows(reader: Any, other: Model) -> bool:
    """Whose a record is decides who knows its name; people, and what only a role opens, are no secret."""
    rows = type(other)._default_manager.all()
    door = getattr(type(rows), "visible_to", None)
    if door in (None, VisibleQuerySet.visible_to) or isinstance(other, AbstractBaseUser):
        return True
    return bool(rows.visible_to(reader).filter(pk=other.pk).exists())  # type: ignore[attr-defined]


def history_url(record: Any) -> str:
    """Where a record's history is shown; empty for what has none."""
    if not hasattr(record, "history") or record.pk is None:
        return ""
    return reverse("history", args=[record._meta.label_lower, record.pk])


@login_required
def history(request: HttpRequest, label: str, pk: str) -> HttpResponse:
    """Who changed the record, when, from what to what, and why; seen by whoever sees the record."""
    try:
        model = apps.get_model(label)
        record = get_object_or_404(model._default_manager.all().visible_to(request.user), pk=pk)
        changes = changes_of(record, request.user)
    except (LookupError, ValueError, ValidationError, AttributeError):
        raise Http404 from None
    name = record.name_for(request.user) if hasattr(record, "name_for") else str(record)
    facts = {"record": name, "changes": changes, "back": _page_of(record), "more": len(changes) == SHOWN}
    return render(request, "ui/history.html", facts)


def _page_of(record: Any) -> str:
    try:
        return str(record.get_absolute_url())
    except (AttributeError, NoReverseMatch):
        return ""


urlpatterns = [path("<str:label>/<str:pk>/", history, name="history")]
