"""The verbs of the words themselves; a record's own are set by its domain."""

from typing import Any

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_update_with_history

from base.refusals import BadInput, Refused
from base.roles import require
from crm.accounts.models import Tag
from crm.accounts.models_tags import TAG_LENGTH, TagColour
from crm.accounts.tag_bearers import Bearer, bearers
from crm.accounts.tag_words import borne_by, key_of, words

KEEPERS = ("manager", "admin")
BATCH = 500


class TagInUse(Refused):
    """It says something about records; they would lose it silently."""

    message = _("“{tag}” is still on records ({count}); merge it into another tag, or take it off them first.")


@transaction.atomic
def change(tag: Tag, *, by: Any, name: str | None = None, colour: str | None = None) -> Tag:
    """Call it otherwise, on every record that bears it, or colour it; a name that is there already merges the two."""
    require(by, *KEEPERS)
    tag = Tag.objects.select_for_update().get(pk=tag.pk)
    if colour is not None:
        if colour not in TagColour.values:
            raise BadInput(why=_("This is no colour of tags."), field="colour")
        tag.colour = colour
    if name is not None:
        name = " ".join(name.split())
        if words(name) != [name] or len(name) > TAG_LENGTH:
            raise BadInput(why=_("A tag is one word or a few, without commas."), field="name")
        other = Tag.objects.filter(name_key=key_of(name)).exclude(pk=tag.pk).first()
        if other is not None:
            return merge(tag, other, by=by)
    before, tag.name = tag.name, name or tag.name
    tag.save()
    if tag.name != before:
        _replace(before, tag.name)
    return tag


@transaction.atomic
def merge(tag: Tag, into: Tag, *, by: Any) -> Tag:
    """Two words for the same thing become one, on every record."""
    require(by, *KEEPERS)
    if tag.pk == into.pk:
        raise BadInput(why=_("These are one and the same."), field="into")
    held = {one.pk: one for one in Tag.objects.select_for_update().filter(pk__in=[tag.pk, into.pk]).order_by("pk")}
    tag, into = held[tag.pk], held[into.pk]
    _replace(tag.name, into.name)
    tag.delete()
    return into


@transaction.atomic
def remove(tag: Tag, *, by: Any) -> None:
    """Nobody says this word any more."""
    require(by, *KEEPERS)
    tag = Tag.objects.select_for_update().get(pk=tag.pk)
    counts = borne_by([tag.name]).get(tag.name, {})
    if counts:
        raise TagInUse(tag=tag.name, count=told(counts))
    tag.delete()


@transaction.atomic
def remove_unused(*, by: Any) -> int:
    """Take away the words that no record bears."""
    require(by, *KEEPERS)
    used = borne_by(list(Tag.objects.values_list("name", flat=True)))
    unused = Tag.objects.select_for_update(skip_locked=True).exclude(name__in=list(used))
    count = 0
    for tag in unused:
        if not borne_by([tag.name]):
            tag.delete()
            count += 1
    return count


def told(counts: dict[Bearer, int]) -> str:
    """How many of which, in words."""
    return " · ".join(f"{capfirst(kind.label)} {count:,}" for kind, count in counts.items())


def _replace(before: str, after: str) -> None:
    """On every record, each with a line in its history."""
    for kind in bearers():
        _replace_on(kind.model, before, after)


def _replace_on(model: Any, before: str, after: str) -> None:
    while True:
        rows = model.objects.select_for_update(of=("self",)).filter(tags__contains=[before]).order_by("pk")
        batch = list(rows[:BATCH])
        if not batch:
            return
        for row in batch:
            row.tags = list(dict.fromkeys(after if word == before else word for word in row.tags))
        bulk_update_with_history(batch, model, ["tags"], batch_size=BATCH)
