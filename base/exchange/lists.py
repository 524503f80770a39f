"""The list of imports: which file, what became of it."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.exchange.models import ImportState, Outcome, table
from base.exchange.resources import all_resources, resources_for
from base.listing import Column, DaysFilter, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from base.roles import has_role


def _resources() -> list[tuple[str, Any]]:
    return [(resource.key, resource.label) for resource in all_resources()]


class ImportFilter(ListFilterSet):
    """By what it holds, state, day and who brought it."""

    resource = django_filters.ChoiceFilter(label=_("Of"), choices=_resources, empty_label=_("Any kind"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=ImportState.choices, empty_label=_("Any state"))
    mine = YesNoFilter(method="brought_by_me", label=_("My own"))
    created = DaysFilter(field_name="created_at", label=_("Day"))

    class Meta:
        model = table("Import")
        fields: list[str] = []

    def brought_by_me(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """One's own, or everybody else's."""
        return rows.filter(owner=self.user) if value else rows.exclude(owner=self.user)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in the file's name, or by somebody of this name."""
        return rows.filter(Q(file_name__icontains=text) | Q(owner__username__icontains=text))


def figures_of(imp: Any) -> list[dict[str, Any]]:
    """The counts with their words and colours; what is zero stays quiet."""
    tones = {"new": "good", "update": "info", "duplicate": "warn", "error": "bad"}
    return [
        {"name": name, "label": label, "value": imp.counts.get(name, 0), "tone": tones.get(name, "")}
        for name, label in Outcome.choices
    ]


def _result(imp: Any) -> str:
    return ", ".join(f"{figure['value']:,} {figure['label']}" for figure in figures_of(imp) if figure["value"])


def _label(key: str) -> str:
    return next((str(label) for known, label in _resources() if known == key), key)


IMPORTS = Listing(
    name="imports",
    model=table("Import"),
    title=_("Import"),
    url_name="exchange:home",
    rows=lambda user: table("Import").objects.visible_to(user).select_related("owner"),
    filterset=ImportFilter,
    order=("-pk",),
    roles=(),
    allows=lambda user: bool(user.is_authenticated and (resources_for(user) or has_role(user, "admin"))),
    count=lambda count: ngettext("%(count)s import", "%(count)s imports", count) % {"count": f"{count:,}"},
    placeholder=_("File, or who brought it"),
    bar=("resource", "state"),
    columns=(
        Column(name="file", label=_("file"), source="file_name"),
        Column(name="resource", label=_("of"), kind=Kind.CHOICE, text=_label, group=True),
        Column(name="state", label=_("state"), kind=Kind.STATUS, group=True),
        Column(name="count", label=_("rows"), kind=Kind.NUMBER, total=True),
        Column(name="result", label=_("result"), value=_result, sort=False, fields=("counts",)),
        Column(name="created_at", label=_("when"), kind=Kind.MOMENT),
        Column(
            name="by", label=_("by"), source="owner__username",
            value=lambda imp: imp.owner.get_full_name() or imp.owner.get_username(),
            group=True,
        ),
        Column(name="finished_at", label=_("finished"), kind=Kind.MOMENT, shown=False),
        Column(name="encoding", label=_("encoding"), group=True, shown=False),
    ),
    template="exchange/home.html",
    empty=Empty(
        icon="table-import",
        title=_("No imports yet"),
        text=_(
            "Choose what your file holds. You see what would happen before anything is changed, and an import can be "
            "undone for 30 days."
        ),
        none_title=_("No import fits"),
        none_text=_("Try fewer words or another state."),
    ),
)  # fmt: skip
