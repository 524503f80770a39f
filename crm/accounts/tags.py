"""The verbs of tags: on a record, and on the words themselves."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_update_with_history

from base.refusals import BadInput, Refused
from base.roles import require
from crm.accounts import services
from crm.accounts.models import Account, Tag
from crm.accounts.models_tags import TAG_LENGTH, TagColour
from crm.accounts.tag_words import borne_by, key_of, tagged, words

KEEPERS = ("manager", "admin")
BATCH = 500


class TagInUse(Refused):
    """It says something about records; they would lose it silently."""

    message = _("“{tag}” is still on accounts ({count}); merge it into another tag, or take it off them first.")


@transaction.atomic
def retag(account: Account, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Account:
    """Put words on an account and take words off it."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    return services.update_account(account, tags=tagged(account.tags, add=add, remove=remove))


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
    count = Account.objects.filter(tags__contains=[tag.name]).count()
    if count:
        raise TagInUse(tag=tag.name, count=f"{count:,}")
    tag.delete()


@transaction.atomic
def remove_unused(*, by: Any) -> int:
    """Take away the words that no record bears."""
    require(by, *KEEPERS)
    used = borne_by(list(Tag.objects.values_list("name", flat=True)))
    unused = Tag.objects.select_for_update(skip_locked=True).exclude(name__in=list(used))
    count = 0
    for tag in unused:
        if not Account.objects.filter(tags__contains=[tag.name]).exists():
            tag.delete()
            count += 1
    return count


def _replace(before: str, after: str) -> None:
    """On every account, each with a line in its history."""
    while True:
        rows = Account.objects.select_for_update(of=("self",)).filter(tags__contains=[before]).order_by("pk")
        batch = list(rows[:BATCH])
        if not batch:
            return
        for row in batch:
            row.tags = list(dict.fromkeys(after if word == before else word for word in row.tags))
        bulk_update_with_history(batch, Account, ["tags"], batch_size=BATCH)
