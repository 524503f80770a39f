"""The list of tags, what a list shows of a record's tags, and what tags add to the lists of records."""

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, Edit, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from base.listing.bulk import BulkAction
from crm.accounts import tags
from crm.accounts.models import READERS, Tag
from crm.accounts.models_tags import TagColour
from crm.accounts.tag_filters import WordsField
from crm.accounts.tag_words import borne_by, colours, words


class WordsForm(forms.Form):
    """Which words."""

    tags = WordsField(label=_("Tags"), help_text=_("With commas between. A new word becomes a tag."))


class OffForm(forms.Form):
    """Which words."""

    tags = WordsField(label=_("Tags"), help_text=_("With commas between."))


def actions(
    retag: Callable[..., Any], put_back: Callable[[Any, Any, list[str]], Any], roles: tuple[str, ...] = ()
) -> tuple[BulkAction, ...]:
    """Tagging many rows at once, for a list of records with tags; each can be taken back.

    `retag(row, user, add=…, remove=…)` and `put_back(row, user, tags)` are the domain's, with its rules of who may.
    """
    told: dict[str, Any] = {
        "roles": roles,
        "snapshot": lambda row: {"tags": list(row.tags)},
        "undo": lambda row, user, before: put_back(row, user, before["tags"]),
    }
    return (
        BulkAction(
            name="tag",
            label=_("Tag…"),
            icon="tag",
            form=lambda _user: WordsForm,
            run=lambda row, user, told: retag(row, user, add=words(told["tags"])),
            **told,
        ),
        BulkAction(
            name="untag",
            label=_("Take tags off…"),
            icon="tag-off",
            form=lambda _user: OffForm,
            run=lambda row, user, told: retag(row, user, remove=words(told["tags"])),
            **told,
        ),
    )


def coloured(rows: list[Any]) -> None:
    """Each row with the colours of its tags, in one query; none where nothing is tagged."""
    known = colours(word for row in rows for word in row.tags)
    for row in rows:
        row.tag_colours = known


def chips(row: Any) -> str:
    """The tags of a row as coloured words."""
    known = getattr(row, "tag_colours", None)
    known = colours(row.tags) if known is None else known
    told = ((known.get(word, TagColour.GREY), word) for word in row.tags)
    return format_html_join("", '<span class="tag tag--{}">{}</span>', told)


COLUMN = Column(
    name="tags",
    label=_("tags"),
    value=lambda row: ", ".join(row.tags),
    cell=chips,
    same_by=lambda row: tuple(row.tags),
    sort=False,
    fields=("tags",),
)


class TagFilter(ListFilterSet):
    """By colour, and whether anything bears it."""

    colour = django_filters.ChoiceFilter(choices=TagColour.choices, label=_("Colour"), empty_label=_("Any colour"))
    used = YesNoFilter(method="being_used", label=_("In use"))

    class Meta:
        model = Tag
        fields: list[str] = []

    def being_used(self, rows: QuerySet[Tag], _name: str, value: bool) -> QuerySet[Tag]:
        """Words that records bear, or that none does."""
        used = list(borne_by(list(rows.values_list("name", flat=True))))
        return rows.filter(name__in=used) if value else rows.exclude(name__in=used)


class IntoForm(forms.Form):
    """Which word stays."""

    into = forms.ModelChoiceField(label=_("Becomes"), queryset=Tag.objects.order_by("name_key"))


def _with_counts(rows: list[Tag]) -> None:
    used = borne_by([row.name for row in rows]) if rows else {}
    for row in rows:
        row.borne = used.get(row.name, {})  # type: ignore[attr-defined]


def used_by(row: Any) -> int:
    """How many records bear it."""
    if not hasattr(row, "borne"):
        _with_counts([row])
    return sum(row.borne.values())


def _used_cell(row: Any) -> str:
    """How many of each kind, each a way to its list."""
    used_by(row)
    ways = ((kind.list_url(row.name), capfirst(kind.label), f"{count:,}") for kind, count in row.borne.items())
    return format_html_join(" ", '<a class="tap" href="{}">{} {}</a>', ways)


def _name_cell(row: Tag) -> str:
    return format_html('<span class="tag tag--{}">{}</span>', row.colour, row.name)


TAGS = Listing(
    name="tags",
    model=Tag,
    title=_("Tags"),
    url_name="accounts:tag_list",
    rows=lambda user: Tag.objects.visible_to(user),
    filterset=TagFilter,
    order=("name_key", "id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s tag", "%(count)s tags", count) % {"count": f"{count:,}"},
    placeholder=_("Word…"),
    bar=("used", "colour"),
    trail=(_("Accounts"), "accounts:list"),
    lead=_("Words of the team. A tag that gets the name of another becomes one with it."),
    version=lambda tag: tag.updated_at.isoformat(),
    decorate=_with_counts,
    groups=False,
    actions=(
        BulkAction(
            name="merge",
            label=_("Becomes…"),
            icon="arrows-join",
            roles=tags.KEEPERS,
            form=lambda _user: IntoForm,
            run=lambda row, user, told: tags.merge(row, told["into"], by=user),
        ),
        BulkAction(
            name="remove",
            label=_("Remove"),
            icon="trash",
            roles=tags.KEEPERS,
            confirm=_("Tags that nothing bears are gone for good; the others stay."),
            run=lambda row, user, _told: tags.remove(row, by=user),
        ),
    ),
    columns=(
        Column(name="name", label=_("name"), sort="name_key", cell=_name_cell),
        Column(name="used", label=_("borne by"), value=used_by, cell=_used_cell, sort=False, fields=("name",)),
        Column(
            name="word",
            label=_("called"),
            source="name",
            edit=Edit(
                field=lambda: forms.CharField(max_length=40),
                roles=tags.KEEPERS,
                save=lambda tag, name, user: tags.change(tag, by=user, name=name),
            ),
        ),
        Column(
            name="colour",
            label=_("colour"),
            kind=Kind.CHOICE,
            edit=Edit(
                field=lambda: forms.ChoiceField(choices=TagColour.choices),
                roles=tags.KEEPERS,
                save=lambda tag, colour, user: tags.change(tag, by=user, colour=colour),
            ),
        ),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="tags",
        title=_("No tags yet"),
        text=_(
            "A tag is a word of your team: fair 2026, key account, slow payer. Put some on accounts, leads and deals."
        ),
        none_title=_("No tag fits"),
        none_text=_("Try fewer letters or another filter."),
    ),
)
