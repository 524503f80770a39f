"""Words of the team: how they are read, which of them are tags already, and what is suggested while somebody types."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from base.recording import keep_made
from base.refusals import BadInput
from crm.accounts.models import Tag
from crm.accounts.models_tags import TAG_LENGTH, TagColour
from crm.accounts.tag_bearers import Bearer, bearers

MOST = 20
SUGGESTED = 12
key_of = Tag.key_of


def words(text: str) -> list[str]:
    """What people type, with commas between.

    >>> words("VIP,  fair 2026；老客户, ")
    ['VIP', 'fair 2026', '老客户']
    """
    found = (" ".join(word.split()) for word in re.split(r"[,，;；\n]", text))
    return [word for word in found if word]


def known(names: Iterable[str]) -> list[str]:
    """These words as the team writes them, each once; new ones become tags."""
    names = list(names)
    return few(once(spelt(names), names)) if names else []


def few(tags: list[str]) -> list[str]:
    """As many as somebody can still read; a merge may leave more."""
    if len(tags) > MOST:
        raise BadInput(why=_("Up to {most} tags fit.").format(most=MOST), field="tags")
    return tags


def once(spelling: dict[str, str], names: Iterable[str]) -> list[str]:
    """The words of one record, spelt so, each once."""
    return list(dict.fromkeys(spelling[key_of(word)] for name in names for word in words(name)))


@transaction.atomic
def spelt(names: Iterable[str]) -> dict[str, str]:
    """How the team writes these words, by their key; new ones become tags."""
    wanted: dict[str, str] = {}
    for name in names:
        for word in words(name):
            if len(word) > TAG_LENGTH:
                raise BadInput(why=_("A tag has up to {most} letters.").format(most=TAG_LENGTH), field="tags")
            wanted.setdefault(key_of(word), word)
    there = _there(wanted)
    for key, word in wanted.items():
        if key not in there:
            # Of two at once that bring the same word one makes it.
            made = Tag(name=word, name_key=key, colour=TagColour.of(word))
            Tag.objects.bulk_create([made], ignore_conflicts=True)
    if len(there) < len(wanted):
        before, there = there, _there(wanted)
        fresh = [tag for key, tag in there.items() if key not in before and not tag.history.exists()]
        keep_made(fresh)
    return {key: there[key].name for key in wanted}


def joined(current: Iterable[str], *others: Iterable[str]) -> list[str]:
    """The words of several records on one, each once: as many as they are, for nothing is lost when two become one."""
    names = [*current, *(word for other in others for word in other)]
    return once(spelt(names), names)


def tagged(current: Collection[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> list[str]:
    """The words of a record with some more and some less."""
    gone = {key_of(word) for word in remove}
    return known([*(word for word in current if key_of(word) not in gone), *add])


def borne_by(names: list[str]) -> dict[str, dict[Bearer, int]]:
    """How many records of each kind bear each of these words; a word that none bears is left out."""
    kinds = bearers()
    counts = " UNION ALL ".join(
        f"SELECT {place}, word, count(*) FROM {kind.model._meta.db_table}, unnest(tags) word"  # noqa: S608 -- our tables
        " WHERE tags && %s::varchar[] AND word = ANY(%s) GROUP BY word"
        for place, kind in enumerate(kinds)
    )
    borne: dict[str, dict[Bearer, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"{counts} ORDER BY 1", [names, names] * len(kinds))
        for place, word, count in cursor.fetchall():
            borne.setdefault(word, {})[kinds[place]] = count
    return borne


def colours(names: Iterable[str]) -> dict[str, str]:
    """The colour of each word; asks nothing when there is none."""
    wanted = set(names)
    return dict(Tag.objects.filter(name__in=wanted).values_list("name", "colour")) if wanted else {}


def suggestions(user: Any, text: str = "") -> list[str]:
    """Words that begin or go on so, those that begin so first."""
    found = Tag.objects.visible_to(user).filter(name_key__contains=key_of(text)).values_list("name", flat=True)
    return sorted(found[:200], key=lambda name: (not key_of(name).startswith(key_of(text)), key_of(name)))[:SUGGESTED]


def _there(wanted: Collection[str]) -> dict[str, Tag]:
    return {tag.name_key: tag for tag in Tag.objects.filter(name_key__in=list(wanted))} if wanted else {}
